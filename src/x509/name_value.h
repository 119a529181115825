// A Name taken apart, for those who print and compare. The parts borrow from the Name.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "x509/name.h"

namespace countersign::x509 {

struct NameAttribute {
  std::size_t rdn = 0;  // which RelativeDistinguishedName it stands in
  der::Oid type;
  der::Tlv value;
};

// In the order of the encoding; ends at the first malformed octet (a Name that was read has none).
std::vector<NameAttribute> take_apart(const Name& name);

// The value as UTF-8. nullopt if the type is no string type, or the octets are not of the type.
std::optional<std::string> string_value(const der::Tlv& value);

// RFC 4514 §2.4 escaping. Only what is no graphic ASCII character is written as \XX; UTF-8 stays.
std::string escaped(std::string_view value);

}  // namespace countersign::x509
