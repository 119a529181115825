// The rules about the subject.
#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "enrol/lint_rule.h"
#include "x509/attribute_type.h"

namespace countersign::enrol::linting {
namespace {

constexpr auto kCountry = der::Oid::of("2.5.4.6");

// RFC 5280 appendix A.1, in characters. The types that it knows and are not here have 32768.
struct Bound {
  der::Oid type;
  std::size_t longest;
};
constexpr std::array kBounds = {
    Bound{der::Oid::of("2.5.4.3"), 64},                // commonName
    Bound{der::Oid::of("2.5.4.5"), 64},                // serialNumber
    Bound{der::Oid::of("2.5.4.7"), 128},               // localityName
    Bound{der::Oid::of("2.5.4.8"), 128},               // stateOrProvinceName
    Bound{der::Oid::of("2.5.4.10"), 64},               // organizationName
    Bound{der::Oid::of("2.5.4.11"), 64},               // organizationalUnitName
    Bound{der::Oid::of("2.5.4.12"), 64},               // title
    Bound{der::Oid::of("2.5.4.65"), 128},              // pseudonym
    Bound{der::Oid::of("1.2.840.113549.1.9.1"), 255},  // emailAddress
    Bound{der::Oid::of("2.5.4.4"), 32768},             // surname
    Bound{der::Oid::of("2.5.4.41"), 32768},            // name
    Bound{der::Oid::of("2.5.4.42"), 32768},            // givenName
};

std::size_t characters(std::string_view utf8) {
  return static_cast<std::size_t>(
      std::ranges::count_if(utf8, [](char c) { return (static_cast<Byte>(c) & 0xc0) != 0x80; }));
}

std::string named(const Attribute& attribute) {
  const auto* type = x509::attribute_type(attribute.type);
  const std::string name = type == nullptr ? attribute.type.dotted() : std::string(type->name);
  return name + "=" + attribute.value.value_or("");
}

template <class Breaks>
void each(const Seen& seen, Report& report, Breaks&& breaks) {
  for (const Attribute& attribute : seen.subject)
    if (attribute.value && breaks(attribute, *attribute.value)) report.add(named(attribute));
}

// C0, DEL, and C1 in UTF-8.
bool has_control(std::string_view utf8) {
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto octet = static_cast<Byte>(utf8[i]);
    if (octet < 0x20 || octet == 0x7f) return true;
    if (octet == 0xc2 && i + 1 < utf8.size() && static_cast<Byte>(utf8[i + 1]) < 0xa0) return true;
  }
  return false;
}

}  // namespace

// RFC 5280 §4.1.2.6 [MUST] with an empty subject, subjectAltName is there and critical.
void subject_empty(const Seen& seen, Report& report) {
  if (!seen.order.subject.is_null()) return;
  const auto* san = seen.extension(x509::oids::subject_alt_name);
  if (san == nullptr || !san->critical) report.add();
}

void attribute_string(const Seen& seen, Report& report) {
  for (const Attribute& attribute : seen.subject)
    if (!attribute.value) report.add(named(attribute));
}

void attribute_empty(const Seen& seen, Report& report) {
  each(seen, report, [](const Attribute&, std::string_view value) { return value.empty(); });
}

void attribute_length(const Seen& seen, Report& report) {
  each(seen, report, [](const Attribute& attribute, std::string_view value) {
    const auto bound = std::ranges::find(kBounds, attribute.type, &Bound::type);
    return bound != kBounds.end() && characters(value) > bound->longest;
  });
}

void attribute_control(const Seen& seen, Report& report) {
  each(seen, report, [](const Attribute&, std::string_view value) { return has_control(value); });
}

void attribute_blanks(const Seen& seen, Report& report) {
  each(seen, report, [](const Attribute&, std::string_view value) {
    return value.starts_with(' ') || value.ends_with(' ');
  });
}

void attribute_printable(const Seen& seen, Report& report) {
  each(seen, report, [](const Attribute& attribute, std::string_view value) {
    return attribute.tag == der::Tag::printable_string && !x509::is_printable(value);
  });
}

// X520countryName ::= PrintableString (SIZE (2))                          RFC 5280 appendix A.1
void country(const Seen& seen, Report& report) {
  each(seen, report, [](const Attribute& attribute, std::string_view value) {
    return attribute.type == kCountry &&
           (attribute.tag != der::Tag::printable_string || value.size() != 2 ||
            !std::ranges::all_of(value, ascii::is_upper));
  });
}

}  // namespace countersign::enrol::linting
