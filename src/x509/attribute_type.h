// The attribute types of names that have a short name, and the string type each is written in.
#pragma once

#include <string_view>

#include "der/oid.h"
#include "der/tag.h"

namespace countersign::x509 {

struct AttributeType {
  std::string_view name;  // as it is printed: "CN"
  std::string_view also;  // also read: "commonName"
  der::Oid oid;
  der::Tag string;
};

// By either name, case does not count; nullptr if unknown.
const AttributeType* attribute_type(std::string_view name) noexcept;
const AttributeType* attribute_type(const der::Oid& oid) noexcept;

// RFC 5280 §4.1.2.4: letters, digits, space and '()+,-./:=?
bool is_printable(std::string_view text) noexcept;
bool is_ia5(std::string_view text) noexcept;

}  // namespace countersign::x509
