// Object identifiers as their content octets, inline: no allocation, compared as memory.
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace countersign::der {

class Oid {
 public:
  static constexpr std::size_t kMaxOctets = 47;  // the longest in use that we know of has 31

  constexpr Oid() = default;

  // From dotted decimal; only for constants, so that a typing error is a compile error.
  static consteval Oid of(std::string_view dotted) {
    Oid oid;
    std::size_t arc_index = 0;
    std::uint64_t first = 0;
    while (!dotted.empty()) {
      std::uint64_t arc = 0;
      std::size_t i = 0;
      for (; i < dotted.size() && dotted[i] != '.'; ++i)
        arc = arc * 10 + static_cast<std::uint64_t>(dotted[i] - '0');
      dotted.remove_prefix(i < dotted.size() ? i + 1 : i);
      if (arc_index == 0) first = arc;
      if (arc_index == 1) oid.push_arc(first * 40 + arc);
      if (arc_index > 1) oid.push_arc(arc);
      ++arc_index;
    }
    return oid;
  }
  // False if the octets are no well-formed OID content (X.690 §8.19) or too many.
  static bool from_content(View content, Oid& out) noexcept;
  // From dotted decimal at run time (configuration, command line).
  static bool from_dotted(std::string_view dotted, Oid& out);

  constexpr View content() const noexcept { return {octets_.data(), size_}; }
  constexpr bool empty() const noexcept { return size_ == 0; }
  std::string dotted() const;

  friend constexpr bool operator==(const Oid& a, const Oid& b) noexcept {
    return a.size_ == b.size_ &&
           std::equal(a.octets_.begin(), a.octets_.begin() + a.size_, b.octets_.begin());
  }
  friend constexpr auto operator<=>(const Oid& a, const Oid& b) noexcept {
    return std::lexicographical_compare_three_way(a.octets_.begin(), a.octets_.begin() + a.size_,
                                                  b.octets_.begin(), b.octets_.begin() + b.size_);
  }

 private:
  constexpr bool push_arc(std::uint64_t arc) {
    int groups = 1;
    for (std::uint64_t rest = arc >> 7; rest != 0; rest >>= 7) ++groups;
    if (size_ + static_cast<std::size_t>(groups) > kMaxOctets) return false;
    for (int g = groups - 1; g >= 0; --g)
      octets_[size_++] = static_cast<Byte>(((arc >> (7 * g)) & 0x7f) | (g != 0 ? 0x80U : 0U));
    return true;
  }

  std::array<Byte, kMaxOctets> octets_{};
  Byte size_ = 0;
};

}  // namespace countersign::der
