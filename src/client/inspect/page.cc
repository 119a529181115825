#include "client/inspect/page.h"

namespace countersign::client {

void Page::line(std::string_view name, std::string_view value, std::string_view remark) {
  text_.append(static_cast<std::size_t>(depth_) * 2, ' ').append(name);
  if (!value.empty()) text_.append("  ").append(value);
  if (!remark.empty()) text_.append("   (").append(remark).append(")");
  text_ += '\n';
}

std::string shown(View octets) {
  constexpr std::size_t kMost = 40;
  if (octets.empty()) return "empty";
  if (octets.size() <= kMost) return to_hex(octets);
  return to_hex(octets.first(kMost)) + "… " + std::to_string(octets.size()) + " octets";
}

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '.' : c;
  return out;
}

}  // namespace countersign::client
