#include "x509/serial_text.h"

namespace countersign::x509 {

std::optional<Bytes> serial_from_text(std::string_view hex) {
  constexpr std::size_t kLongest = 64;
  std::string digits(hex);
  std::erase(digits, ':');
  if (digits.starts_with("0x") || digits.starts_with("0X")) digits.erase(0, 2);
  if (digits.size() % 2 != 0) digits.insert(0, "0");
  Bytes octets;
  if (!from_hex(digits, octets) || octets.empty() || octets.size() > kLongest) return std::nullopt;
  while (octets.size() > 1 && octets.front() == 0) octets.erase(octets.begin());
  if (octets.front() >= 0x80) octets.insert(octets.begin(), 0);  // the sign octet
  return octets;
}

}  // namespace countersign::x509
