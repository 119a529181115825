// The device registry: devices that are known beforehand, by their serial numbers. Who asks for a
// certificate is compared with it, and names may come from it (enrol/field_rule.h).
//
// Limits: a serial number has 1 to 128 octets, every other text 256 at most, and there are at most
// 32 attributes. All of it is UTF-8 without control characters.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

namespace countersign::enrol {

enum class DeviceState : Byte { expected, enrolled, blocked };
inline constexpr std::array<std::string_view, 3> kDeviceStates = {"expected", "enrolled",
                                                                  "blocked"};
constexpr std::string_view name(DeviceState state) noexcept {
  return kDeviceStates[static_cast<std::size_t>(state)];
}
std::optional<DeviceState> device_state(std::string_view name) noexcept;

struct DeviceRecord {
  std::string serial;        // its key
  std::int64_t version = 0;  // grows with each change; 0: not stored
  DeviceState state = DeviceState::expected;
  std::string model;
  std::string group;
  std::string mac;                                             // "00:1a:2b:3c:4d:5e"
  std::string hostname;                                        // without a domain, or with one
  std::map<std::string, std::string, std::less<>> attributes;  // whatever else is known of it
  std::string profile;     // the one RA profile it is for; empty: any
  Bytes key_hash;          // SHA-256 of the public key that it comes with; empty: any
  Bytes certificate_hash;  // SHA-256 of its maker's certificate for it; empty: any
  std::string note;        // for people
  std::string author;      // who made this version
  Time created{};
  std::optional<Time> enrolled;    // when it got its first certificate
  std::optional<Time> good_until;  // told by the webhook, which is asked again from then on
};

// By name, from text: what a row of a CSV file and a command hold. "serial", "model", "group",
// "mac", "hostname", "profile", "key", "certificate", "note", or "attributes.NAME". An empty value
// takes it away. "device.field" for another name, "device.value" for what does not fit.
Result<> set_field(DeviceRecord& device, std::string_view field, std::string_view value);
// Those names, for sentences and headings.
std::span<const std::string_view> device_fields() noexcept;
// The text of one of them; nullopt: it has none.
std::optional<std::string> field_of(const DeviceRecord& device, std::string_view field);
// May a rule name it?
bool is_device_field(std::string_view field) noexcept;

// Not blocked any more: as it was before.
constexpr DeviceState unblocked(const DeviceRecord& device) noexcept {
  return device.enrolled ? DeviceState::enrolled : DeviceState::expected;
}

}  // namespace countersign::enrol
