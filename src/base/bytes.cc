#include "base/bytes.h"

#include <algorithm>
#include <optional>

namespace countersign {
namespace {

constexpr std::string_view kLower = "0123456789abcdef";
constexpr std::string_view kUpper = "0123456789ABCDEF";

std::optional<Byte> digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<Byte>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<Byte>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<Byte>(c - 'A' + 10);
  return std::nullopt;
}

}  // namespace

bool equal(View a, View b) noexcept { return std::ranges::equal(a, b); }

std::string to_hex(View octets) {
  std::string out;
  out.reserve(octets.size() * 2);
  for (const Byte b : octets) {
    out += kLower[b >> 4];
    out += kLower[b & 15];
  }
  return out;
}

std::string to_fingerprint(View octets) {
  std::string out;
  out.reserve(octets.size() * 3);
  for (const Byte b : octets) {
    if (!out.empty()) out += ':';
    out += kUpper[b >> 4];
    out += kUpper[b & 15];
  }
  return out;
}

bool from_hex(std::string_view hex, Bytes& out) {
  if (hex.size() % 2 != 0) return false;
  out.clear();
  out.reserve(hex.size() / 2);
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const auto high = digit(hex[i]);
    const auto low = digit(hex[i + 1]);
    if (!high || !low) return false;
    out.push_back(static_cast<Byte>(*high << 4 | *low));
  }
  return true;
}

}  // namespace countersign
