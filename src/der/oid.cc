#include "der/oid.h"

#include <charconv>
#include <limits>

namespace countersign::der {

bool Oid::from_content(View content, Oid& out) noexcept {
  if (content.empty() || content.size() > kMaxOctets || (content.back() & 0x80) != 0) return false;
  bool arc_begins = true;
  for (const Byte b : content) {
    if (arc_begins && b == 0x80) return false;  // X.690 §8.19.2: fewest octets
    arc_begins = (b & 0x80) == 0;
  }
  std::copy(content.begin(), content.end(), out.octets_.begin());
  out.size_ = static_cast<Byte>(content.size());
  return true;
}

bool Oid::from_dotted(std::string_view dotted, Oid& out) {
  Oid oid;
  std::size_t index = 0;
  std::uint64_t first = 0;
  while (true) {
    std::uint64_t arc = 0;
    const auto [end, error] = std::from_chars(dotted.data(), dotted.data() + dotted.size(), arc);
    if (error != std::errc{} || arc > std::numeric_limits<std::uint64_t>::max() - 80) return false;
    if (index == 0) {
      if (arc > 2) return false;
      first = arc;
    } else if (index == 1) {
      if (first < 2 && arc > 39) return false;
      oid.push_arc(first * 40 + arc);
    } else if (!oid.push_arc(arc)) {
      return false;
    }
    ++index;
    dotted.remove_prefix(static_cast<std::size_t>(end - dotted.data()));
    if (dotted.empty()) break;
    if (dotted.front() != '.') return false;
    dotted.remove_prefix(1);
  }
  if (index < 2) return false;
  out = oid;
  return true;
}

std::string Oid::dotted() const {
  std::string out;
  std::uint64_t arc = 0;
  bool first = true;
  for (const Byte b : content()) {
    if (arc > std::numeric_limits<std::uint64_t>::max() >> 7) return out + ".?";
    arc = arc << 7 | (b & 0x7f);
    if ((b & 0x80) != 0) continue;
    if (first) {
      const std::uint64_t root = std::min<std::uint64_t>(arc / 40, 2);
      out = std::to_string(root) + '.' + std::to_string(arc - root * 40);
      first = false;
    } else {
      out += '.' + std::to_string(arc);
    }
    arc = 0;
  }
  return out;
}

}  // namespace countersign::der
