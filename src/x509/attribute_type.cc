#include "x509/attribute_type.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"

namespace countersign::x509 {
namespace {

using der::Oid;
using der::Tag;

// RFC 5280 appendix A.1: countryName, serialNumber and dnQualifier are PrintableString,
// emailAddress and domainComponent IA5String.
// RFC 5280 §4.1.2.4 [MUST] every other DirectoryString is made as UTF8String.
constexpr std::array kTypes = {
    AttributeType{"CN", "commonName", Oid::of("2.5.4.3"), Tag::utf8_string},
    AttributeType{"SN", "surname", Oid::of("2.5.4.4"), Tag::utf8_string},
    AttributeType{"serialNumber", "SERIALNUMBER", Oid::of("2.5.4.5"), Tag::printable_string},
    AttributeType{"C", "countryName", Oid::of("2.5.4.6"), Tag::printable_string},
    AttributeType{"L", "localityName", Oid::of("2.5.4.7"), Tag::utf8_string},
    AttributeType{"ST", "stateOrProvinceName", Oid::of("2.5.4.8"), Tag::utf8_string},
    AttributeType{"street", "streetAddress", Oid::of("2.5.4.9"), Tag::utf8_string},
    AttributeType{"O", "organizationName", Oid::of("2.5.4.10"), Tag::utf8_string},
    AttributeType{"OU", "organizationalUnitName", Oid::of("2.5.4.11"), Tag::utf8_string},
    AttributeType{"title", "T", Oid::of("2.5.4.12"), Tag::utf8_string},
    AttributeType{"description", "", Oid::of("2.5.4.13"), Tag::utf8_string},
    AttributeType{"businessCategory", "", Oid::of("2.5.4.15"), Tag::utf8_string},
    AttributeType{"postalCode", "", Oid::of("2.5.4.17"), Tag::utf8_string},
    AttributeType{"name", "", Oid::of("2.5.4.41"), Tag::utf8_string},
    AttributeType{"GN", "givenName", Oid::of("2.5.4.42"), Tag::utf8_string},
    AttributeType{"initials", "", Oid::of("2.5.4.43"), Tag::utf8_string},
    AttributeType{"generationQualifier", "", Oid::of("2.5.4.44"), Tag::utf8_string},
    AttributeType{"dnQualifier", "", Oid::of("2.5.4.46"), Tag::printable_string},
    AttributeType{"pseudonym", "", Oid::of("2.5.4.65"), Tag::utf8_string},
    AttributeType{"organizationIdentifier", "", Oid::of("2.5.4.97"), Tag::utf8_string},
    AttributeType{"UID", "userId", Oid::of("0.9.2342.19200300.100.1.1"), Tag::utf8_string},
    AttributeType{"DC", "domainComponent", Oid::of("0.9.2342.19200300.100.1.25"), Tag::ia5_string},
    AttributeType{"emailAddress", "E", Oid::of("1.2.840.113549.1.9.1"), Tag::ia5_string},
    AttributeType{"unstructuredName", "", Oid::of("1.2.840.113549.1.9.2"), Tag::utf8_string},
};

}  // namespace

const AttributeType* attribute_type(std::string_view name) noexcept {
  if (name.empty()) return nullptr;
  for (const AttributeType& type : kTypes)
    if (ascii::same_ignoring_case(type.name, name) || ascii::same_ignoring_case(type.also, name))
      return &type;
  return nullptr;
}

const AttributeType* attribute_type(const der::Oid& oid) noexcept {
  for (const AttributeType& type : kTypes)
    if (type.oid == oid) return &type;
  return nullptr;
}

bool is_printable(std::string_view text) noexcept {
  return std::ranges::all_of(text, [](char c) {
    return ascii::is_alphanumeric(c) || std::string_view(" '()+,-./:=?").contains(c);
  });
}

bool is_ia5(std::string_view text) noexcept {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace countersign::x509
