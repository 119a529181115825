#include "x509/name.h"

#include <algorithm>

#include "base/ascii.h"
#include "x509/attribute_type.h"
#include "x509/name_value.h"

namespace countersign::x509 {
namespace {

using der::Code;
using der::Parsed;
using der::Reader;
using der::Tag;
using der::Writer;

// RFC 5280 §4.1.2.4
//   AttributeTypeAndValue ::= SEQUENCE { type AttributeType, value AttributeValue }
Parsed<> check_attribute(Reader& in) {
  TRY_AT(in, "type", in.oid());
  Reader again = in;
  TRY_AT(in, "value", in.well_formed());
  const der::Tlv value = TRY(again.any());
  const bool wide = value.tag == Tag::bmp_string || value.tag == Tag::universal_string;
  if (wide && !string_value(value)) {
    in.context().unwind("value");
    return std::unexpected(
        der::Fault{Code::string, Failure::badDataFormat, in.context().offset(value.whole.data())});
  }
  return in.finish();
}

// RFC 5280 §4.1.2.4
//   RelativeDistinguishedName ::= SET SIZE (1..MAX) OF AttributeTypeAndValue
Parsed<> check_rdn(Reader& in) {
  if (in.at_end()) return in.refuse(Code::empty);
  View previous;
  for (std::size_t n = 0; !in.at_end(); ++n) {
    TRY(in.count(n + 1));
    const Reader here = in;
    const der::Tlv entry = TRY_ITEM(in, "attribute", n, in.any(Tag::sequence));
    // X.690 §11.6: the elements of a SET OF stand in ascending order.
    if (n != 0 && !std::ranges::lexicographical_compare(previous, entry.whole))
      return here.refuse(equal(previous, entry.whole) ? Code::duplicate : Code::order);
    previous = entry.whole;
    Reader pair = TRY(in.open(entry.content));
    TRY_ITEM(in, "attribute", n, check_attribute(pair));
  }
  return {};
}

// White space and ASCII case do not count.
std::string folded(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  bool space = false;
  for (const char c : value) {
    if (c == ' ' || (c >= '\t' && c <= '\r')) {
      space = true;
      continue;
    }
    if (space && !out.empty()) out += ' ';
    space = false;
    out += ascii::to_lower(c);
  }
  return out;
}

struct Comparable {
  std::size_t rdn;
  der::Oid type;
  bool is_string;
  std::string value;
  friend auto operator<=>(const Comparable&, const Comparable&) = default;
};

std::vector<Comparable> comparable(const Name& name) {
  std::vector<Comparable> out;
  for (const NameAttribute& a : take_apart(name)) {
    const auto string = string_value(a.value);
    out.push_back({a.rdn, a.type, string.has_value(),
                   string ? folded(*string) : std::string(text(a.value.whole))});
  }
  std::ranges::sort(out);  // the order inside of an RDN does not count
  return out;
}

}  // namespace

// RFC 5280 §4.1.2.4
//   Name ::= CHOICE { rdnSequence RDNSequence }
//   RDNSequence ::= SEQUENCE OF RelativeDistinguishedName
Parsed<Name> read_name(Reader& in) {
  const der::Tlv whole = TRY(in.any(Tag::sequence));
  Reader rdns = TRY(in.open(whole.content));
  for (std::size_t n = 0; !rdns.at_end(); ++n) {
    TRY(rdns.count(n + 1));
    Reader rdn = TRY_ITEM(in, "rdn", n, rdns.read(Tag::set));
    TRY_ITEM(in, "rdn", n, check_rdn(rdn));
  }
  return Name{copy(whole.whole)};
}

void write(Writer& w, const Name& name) { w.raw(name.der); }

std::string to_text(const Name& name) {
  if (name.is_null()) return "NULL-DN";
  const auto attributes = take_apart(name);
  std::string out;
  for (std::size_t i = attributes.size(); i > 0; --i) {  // RFC 4514 §2.1: the last RDN first
    const NameAttribute& a = attributes[i - 1];
    if (!out.empty()) out += attributes[i].rdn == a.rdn ? '+' : ',';
    const AttributeType* known = attribute_type(a.type);
    const auto string = string_value(a.value);
    out += known != nullptr ? std::string(known->name) : a.type.dotted();
    out += '=';
    // RFC 4514 §2.4: an unknown type, or a value that is no string, as # and its DER.
    out += known != nullptr && string ? escaped(*string) : '#' + to_hex(a.value.whole);
  }
  return out;
}

// RFC 5280 §7.1 [MUST] the same number of RDNs, in the same order, each with matching attributes.
// Departures 2 and 3.
bool same_name(const Name& a, const Name& b) { return a == b || comparable(a) == comparable(b); }

std::vector<std::string> attributes(const Name& name, const der::Oid& type) {
  std::vector<std::string> out;
  for (const NameAttribute& a : take_apart(name)) {
    if (a.type != type) continue;
    if (auto value = string_value(a.value)) out.push_back(std::move(*value));
  }
  return out;
}

Name common_name(std::string_view cn) {
  Writer w(cn.size() + 24);
  w.sequence([&](Writer& rdns) {
    rdns.set([&](Writer& rdn) {
      rdn.sequence([&](Writer& pair) {
        pair.oid(der::Oid::of("2.5.4.3"));
        pair.utf8(cn);
      });
    });
  });
  return Name{std::move(w).take()};
}

}  // namespace countersign::x509
