// Somebody else's device registry, asked about devices that ours does not know.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "enrol/device.h"

namespace countersign::ports {

struct DeviceSource {
  virtual ~DeviceSource() = default;
  // Holds no thread while it waits; Done is called once, on whatever thread the adapter has.
  // Nullopt: there is no such device. What is told has the serial number that was asked for, and
  // says until when it may be relied upon. Errors, with systemUnavail: "device.webhook-silent" and
  // "device.webhook-answer".
  virtual void find(std::string serial, Time now,
                    Done<std::optional<enrol::DeviceRecord>> done) = 0;
};

}  // namespace countersign::ports
