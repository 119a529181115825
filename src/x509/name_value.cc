#include "x509/name_value.h"

namespace countersign::x509 {
namespace {

using der::Tag;

void put_utf8(std::uint32_t point, std::string& out) {
  const auto put = [&](std::uint32_t octet) { out += static_cast<char>(octet); };
  if (point < 0x80) return put(point);
  if (point < 0x800) {
    put(0xc0 | point >> 6);
    return put(0x80 | (point & 0x3f));
  }
  if (point < 0x10000) {
    put(0xe0 | point >> 12);
  } else {
    put(0xf0 | point >> 18);
    put(0x80 | (point >> 12 & 0x3f));
  }
  put(0x80 | (point >> 6 & 0x3f));
  put(0x80 | (point & 0x3f));
}

// `width` octets a character: 1 is ISO 8859-1, 2 UCS-2, 4 UCS-4.
std::optional<std::string> from_wide(View octets, std::size_t width) {
  if (octets.size() % width != 0) return std::nullopt;
  std::string out;
  out.reserve(octets.size());
  for (std::size_t i = 0; i < octets.size(); i += width) {
    std::uint32_t point = 0;
    for (std::size_t k = 0; k < width; ++k) point = point << 8 | octets[i + k];
    if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return std::nullopt;
    put_utf8(point, out);
  }
  return out;
}

}  // namespace

std::vector<NameAttribute> take_apart(const Name& name) {
  std::vector<NameAttribute> out;
  der::Context context(name.der);
  der::Reader whole(name.der, context);
  auto rdns = whole.read(Tag::sequence);
  for (std::size_t rdn = 0; rdns && !rdns->at_end(); ++rdn) {
    auto set = rdns->read(Tag::set);
    if (!set) break;
    while (!set->at_end()) {
      auto pair = set->read(Tag::sequence);
      if (!pair) return out;
      const auto type = pair->oid();
      const auto value = pair->any();
      if (!type || !value) return out;
      out.push_back({rdn, *type, *value});
    }
  }
  return out;
}

std::optional<std::string> string_value(const der::Tlv& value) {
  switch (value.tag) {
    case Tag::utf8_string:
      if (!der::valid_utf8(value.content)) return std::nullopt;
      return std::string(text(value.content));
    case Tag::printable_string:
    case Tag::ia5_string:
    case Tag::visible_string:
    case Tag::teletex_string:
    case Tag::numeric_string:
      return from_wide(value.content, 1);
    case Tag::bmp_string:
      return from_wide(value.content, 2);
    case Tag::universal_string:
      return from_wide(value.content, 4);
    default:
      return std::nullopt;
  }
}

std::string escaped(std::string_view value) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  out.reserve(value.size() + 4);
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    const auto octet = static_cast<Byte>(c);
    const bool at_edge = i == 0 || i + 1 == value.size();
    if (octet < 0x20 || octet == 0x7f) {
      ((out += '\\') += kHex[octet >> 4]) += kHex[octet & 15];
      continue;
    }
    if (std::string_view(",+\"\\<>;").contains(c) || (c == '#' && i == 0) || (c == ' ' && at_edge))
      out += '\\';
    out += c;
  }
  return out;
}

}  // namespace countersign::x509
