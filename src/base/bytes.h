// Octets: an owning buffer, a borrowed view, and the few conversions that every layer needs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace countersign {

using Byte = std::uint8_t;
using Bytes = std::vector<Byte>;     // owns
using View = std::span<const Byte>;  // borrows: whoever made it keeps the octets alive

inline View view(std::string_view text) noexcept {
  return {reinterpret_cast<const Byte*>(text.data()), text.size()};
}
inline std::string_view text(View octets) noexcept {
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}
inline Bytes copy(View octets) { return {octets.begin(), octets.end()}; }
inline Bytes to_bytes(std::string_view text) { return copy(view(text)); }

inline void append(Bytes& to, View more) { to.insert(to.end(), more.begin(), more.end()); }

bool equal(View a, View b) noexcept;

// Lower-case hexadecimal without separators.
std::string to_hex(View octets);
// Upper-case with colons, as fingerprints are read aloud: 5A:0C:…
std::string to_fingerprint(View octets);
// False if `hex` has an odd length or another character than 0-9 a-f A-F; `out` is then
// unspecified.
bool from_hex(std::string_view hex, Bytes& out);

}  // namespace countersign
