#include "enrol/device.h"

#include <algorithm>

#include "der/reader.h"
#include "enrol/field.h"

namespace countersign::enrol {
namespace {

constexpr std::size_t kLongestSerial = 128;
constexpr std::size_t kLongestText = 256;
constexpr std::size_t kMostAttributes = 32;
constexpr std::size_t kDigest = 32;
constexpr std::size_t kMacOctets = 6;
constexpr std::string_view kAttribute = "attributes.";

constexpr std::array<std::string_view, 9> kFields = {
    "serial", "model", "group", "mac", "hostname", "profile", "key", "certificate", "note"};

std::unexpected<Error> refuse(std::string_view field, std::string_view value,
                              std::string_view fits) {
  return fail(Failure::systemFailure, "device.value",
              "the " + std::string(field) + " \"" + std::string(value.substr(0, 100)) +
                  "\" does not fit: it must be " + std::string(fits));
}

bool is_text(std::string_view value) {
  return der::valid_utf8(view(value)) && std::ranges::none_of(value, [](char c) {
           return static_cast<Byte>(c) < ' ' || c == 0x7f;
         });
}

Result<> set_text(std::string& out, std::string_view field, std::string_view value) {
  if (value.size() > kLongestText || !is_text(value))
    return refuse(field, value, "text of 256 octets at most, without control characters");
  out = value;
  return {};
}

Result<> set_serial(std::string& out, std::string_view value) {
  if (value.empty() || value.size() > kLongestSerial || !is_text(value))
    return refuse("serial", value, "1 to 128 octets of text, without control characters");
  out = value;
  return {};
}

// Hexadecimal, with colons, hyphens or neither between the octets; kept with colons.
Result<> set_mac(std::string& out, std::string_view value) {
  std::string digits;
  std::ranges::copy_if(value, std::back_inserter(digits),
                       [](char c) { return c != ':' && c != '-'; });
  Bytes octets;
  if (!value.empty() && (!from_hex(digits, octets) || octets.size() != kMacOctets))
    return refuse("mac", value, "six octets, \"00:1a:2b:3c:4d:5e\"");
  out.clear();
  for (const Byte octet : octets) {
    if (!out.empty()) out += ':';
    out += to_hex(View(&octet, 1));
  }
  return {};
}

Result<> set_digest(Bytes& out, std::string_view field, std::string_view value) {
  std::string digits;
  std::ranges::copy_if(value, std::back_inserter(digits), [](char c) { return c != ':'; });
  Bytes octets;
  if (!value.empty() && (!from_hex(digits, octets) || octets.size() != kDigest))
    return refuse(field, value, "a SHA-256, 64 hexadecimal digits");
  out = std::move(octets);
  return {};
}

Result<> set_profile(std::string& out, std::string_view value) {
  if (!value.empty() && !is_object_name(value))
    return refuse("profile", value, "the name of an RA profile");
  out = value;
  return {};
}

Result<> set_attribute(DeviceRecord& device, std::string_view name, std::string_view value) {
  if (value.empty()) {
    if (const auto at = device.attributes.find(name); at != device.attributes.end())
      device.attributes.erase(at);
    return {};
  }
  std::string text;
  TRY(set_text(text, "attribute " + std::string(name), value));
  device.attributes.insert_or_assign(std::string(name), std::move(text));
  if (device.attributes.size() <= kMostAttributes) return {};
  device.attributes.erase(std::string(name));
  return refuse("attribute", name, "one of 32 at most");
}

std::optional<std::string> unless_empty(std::string text) {
  if (text.empty()) return std::nullopt;
  return text;
}

}  // namespace

std::optional<DeviceState> device_state(std::string_view text) noexcept {
  const auto at = std::ranges::find(kDeviceStates, text);
  if (at == kDeviceStates.end()) return std::nullopt;
  return static_cast<DeviceState>(at - kDeviceStates.begin());
}

std::span<const std::string_view> device_fields() noexcept { return kFields; }

bool is_device_field(std::string_view field) noexcept {
  if (field.starts_with(kAttribute)) return is_object_name(field.substr(kAttribute.size()));
  return std::ranges::find(kFields, field) != kFields.end();
}

Result<> set_field(DeviceRecord& device, std::string_view field, std::string_view value) {
  if (!is_device_field(field))
    return fail(Failure::systemFailure, "device.field",
                "a device has no " + std::string(field.substr(0, 100)) +
                    "; it has serial, model, group, mac, hostname, profile, key, certificate, note "
                    "and attributes.NAME");
  if (field.starts_with(kAttribute))
    return set_attribute(device, field.substr(kAttribute.size()), value);
  if (field == "serial") return set_serial(device.serial, value);
  if (field == "model") return set_text(device.model, field, value);
  if (field == "group") return set_text(device.group, field, value);
  if (field == "mac") return set_mac(device.mac, value);
  if (field == "hostname") return set_text(device.hostname, field, value);
  if (field == "profile") return set_profile(device.profile, value);
  if (field == "key") return set_digest(device.key_hash, field, value);
  if (field == "certificate") return set_digest(device.certificate_hash, field, value);
  return set_text(device.note, field, value);
}

std::optional<std::string> field_of(const DeviceRecord& device, std::string_view field) {
  if (field.starts_with(kAttribute)) {
    const auto at = device.attributes.find(field.substr(kAttribute.size()));
    return at == device.attributes.end() ? std::nullopt : std::optional(at->second);
  }
  if (field == "serial") return unless_empty(device.serial);
  if (field == "model") return unless_empty(device.model);
  if (field == "group") return unless_empty(device.group);
  if (field == "mac") return unless_empty(device.mac);
  if (field == "hostname") return unless_empty(device.hostname);
  if (field == "profile") return unless_empty(device.profile);
  if (field == "key") return unless_empty(to_hex(device.key_hash));
  if (field == "certificate") return unless_empty(to_hex(device.certificate_hash));
  if (field == "note") return unless_empty(device.note);
  return std::nullopt;
}

}  // namespace countersign::enrol
