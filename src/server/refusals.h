// Refusals of senders that did not prove themselves: counted, and summed into one audit row now and
// then, so that nobody can fill the audit or the disk by being refused. Thread-safe.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "enrol/records.h"

namespace countersign::server {

class Refusals {
 public:
  void count(std::string_view code);
  // What came together since the last call; nullopt: nothing.
  std::optional<enrol::AuditRow> sum(Time now);

 private:
  std::mutex mutex_;
  std::map<std::string, std::size_t, std::less<>> by_code_;
};

}  // namespace countersign::server
