// Names from text: RFC 4514, and OpenSSL's slash form.
#include <algorithm>

#include "der/error.h"
#include "x509/attribute_type.h"
#include "x509/name.h"

namespace countersign::x509 {
namespace {

using der::Tag;
using der::Writer;

using Rdn = std::vector<Bytes>;  // AttributeTypeAndValues

constexpr std::string_view kEscapable = " \"#+,;<=>\\/";

std::unexpected<Error> refuse(std::string_view code, std::string sentence) {
  return fail(Failure::badDataFormat, code, std::move(sentence));
}

std::string quoted(std::string_view part) { return '"' + std::string(part) + '"'; }

void skip_spaces(std::string_view& text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
}

// One value of the text: octets of a string, or a whole TLV given as #hex.
struct Value {
  Bytes octets;
  bool is_der = false;
};

// After a backslash: one of the special characters, or two hexadecimal digits. RFC 4514 §3.
Result<Byte> unescape(std::string_view& text) {
  if (!text.empty() && kEscapable.contains(text[0])) {
    const auto c = static_cast<Byte>(text[0]);
    text.remove_prefix(1);
    return c;
  }
  Bytes octet;
  if (text.size() < 2 || !from_hex(text.substr(0, 2), octet))
    return refuse("name.escape",
                  "after a backslash write one of \"+,;<>=/# or a backslash, or two "
                  "hexadecimal digits, not " +
                      quoted(text.substr(0, 2)));
  text.remove_prefix(2);
  return octet[0];
}

// "…" as RFC 2253 allowed it; the text stands behind the opening quote.
Result<Bytes> read_quoted(std::string_view& text) {
  Bytes out;
  while (!text.empty()) {
    const char c = text[0];
    text.remove_prefix(1);
    if (c == '"') {
      skip_spaces(text);
      return out;
    }
    out.push_back(c == '\\' ? TRY(unescape(text)) : static_cast<Byte>(c));
  }
  return refuse("name.syntax", "a quoted value does not end; close it with \"");
}

// Until the separator or '+'. Spaces at either end count only when escaped.
Result<Bytes> read_plain(std::string_view& text, char separator) {
  Bytes out;
  std::size_t keep = 0;
  while (!text.empty() && text[0] != separator && text[0] != '+') {
    const char c = text[0];
    if (separator == ',' && (c == ';' || c == '"'))
      return refuse("name.syntax", std::string("write \\") + c + " for " + c + " in a value");
    text.remove_prefix(1);
    out.push_back(c == '\\' ? TRY(unescape(text)) : static_cast<Byte>(c));
    if (c != ' ') keep = out.size();
  }
  out.resize(keep);
  return out;
}

// RFC 4514 §3: hexstring = SHARP 1*hexpair, the DER of the value.
Result<Bytes> read_hex(std::string_view& text, char separator) {
  const char ends[] = {separator, '+'};
  std::string_view digits = text.substr(0, text.find_first_of({ends, 2}));
  text.remove_prefix(digits.size());
  while (digits.ends_with(' ')) digits.remove_suffix(1);
  Bytes der;
  if (from_hex(digits, der)) {
    der::Context context(der);
    if (der::check_well_formed(der, context)) return der;
  }
  return refuse("name.value",
                "after # write the DER of the value in hexadecimal, not " + quoted(digits));
}

Result<Value> read_value(std::string_view& text, char separator) {
  skip_spaces(text);
  if (separator == ',' && text.starts_with('"')) {
    text.remove_prefix(1);
    return Value{TRY(read_quoted(text))};
  }
  if (text.starts_with('#')) {
    text.remove_prefix(1);
    return Value{TRY(read_hex(text, separator)), true};
  }
  return Value{TRY(read_plain(text, separator))};
}

Result<> check_string(std::string_view type, Tag string, View octets) {
  const std::string_view value = text(octets);
  if (value.empty())
    return refuse("name.value",
                  "the value of " + quoted(type) + " is empty; leave the attribute out");
  if (!der::valid_utf8(octets))
    return refuse("name.value", "the value of " + quoted(type) + " is not UTF-8");
  if (string == Tag::ia5_string && !is_ia5(value))
    return refuse("name.value", "the value of " + quoted(type) + " may have ASCII characters only");
  if (string == Tag::printable_string && !is_printable(value))
    return refuse("name.value", "the value of " + quoted(type) +
                                    " may have letters, digits, spaces and '()+,-./:=? only");
  return {};
}

Result<Bytes> encode_attribute(std::string_view type, const Value& value) {
  const AttributeType* known = attribute_type(type);
  der::Oid oid;
  if (known != nullptr) oid = known->oid;
  if (type.starts_with("OID.") || type.starts_with("oid.")) type.remove_prefix(4);
  if (known == nullptr && !der::Oid::from_dotted(type, oid))
    return refuse("name.attribute-type",
                  quoted(type) +
                      " is no attribute type that is known here; write CN, O, OU, C, "
                      "ST, L, serialNumber, DC, UID, emailAddress or a dotted OID");
  if (known == nullptr) known = attribute_type(oid);
  const Tag string = known != nullptr ? known->string : Tag::utf8_string;
  if (!value.is_der) TRY(check_string(type, string, value.octets));
  // RFC 5280 appendix A.1: X520countryName ::= PrintableString (SIZE (2))
  if (!value.is_der && known != nullptr && known->name == "C" && value.octets.size() != 2)
    return refuse("name.value", "the country is the two letters of ISO 3166, as in C=DE");
  Writer w(value.octets.size() + 24);
  w.sequence([&](Writer& pair) {
    pair.oid(oid);
    if (value.is_der) return pair.raw(value.octets);
    pair.primitive(string, value.octets);
  });
  return std::move(w).take();
}

// One RelativeDistinguishedName; the text then stands at its separator or at the end.
Result<Rdn> read_rdn(std::string_view& text, char separator) {
  Rdn rdn;
  while (true) {
    const char stops[] = {'=', '+', separator};
    const auto equals = text.find_first_of({stops, 3});
    if (equals == std::string_view::npos || text[equals] != '=')
      return refuse("name.syntax", quoted(text.substr(0, equals)) +
                                       " has no \"=\"; write type=value, and \\" + separator +
                                       " for " + quoted({&separator, 1}) + " in a value");
    std::string_view type = text.substr(0, equals);
    text.remove_prefix(equals + 1);
    skip_spaces(type);
    while (type.ends_with(' ')) type.remove_suffix(1);
    const Value value = TRY(read_value(text, separator));
    rdn.push_back(TRY(encode_attribute(type, value)));
    if (!text.starts_with('+')) break;
    text.remove_prefix(1);
  }
  if (!text.empty() && text[0] != separator)
    return refuse("name.syntax",
                  "unexpected " + quoted(text.substr(0, 1)) + " behind a quoted value");
  std::ranges::sort(rdn, {},
                    [](const Bytes& der) { return countersign::text(der); });  // X.690 §11.6
  if (std::ranges::adjacent_find(rdn) != rdn.end())
    return refuse("name.syntax", "the same attribute stands twice between two separators");
  return rdn;
}

Name encode(const std::vector<Rdn>& rdns) {
  Writer w(128);
  w.sequence([&](Writer& s) {
    for (const Rdn& rdn : rdns)
      s.set([&](Writer& set) {
        for (const Bytes& attribute : rdn) set.raw(attribute);
      });
  });
  return Name{std::move(w).take()};
}

}  // namespace

Result<Name> name_from_text(std::string_view text) {
  if (text == "NULL-DN" || text == "/") return Name{};
  if (text.empty())
    return refuse("name.syntax", "the name is empty; write NULL-DN if none is meant");
  const char separator = text.starts_with('/') ? '/' : ',';
  if (separator == '/') text.remove_prefix(1);
  std::vector<Rdn> rdns;
  while (true) {
    rdns.push_back(TRY(read_rdn(text, separator)));
    if (text.empty()) break;
    text.remove_prefix(1);
  }
  if (separator == ',') std::ranges::reverse(rdns);  // RFC 4514 §2.1: the last RDN first
  Name name = encode(rdns);
  der::Context context(name.der);  // a value given as #hex may still be none of its type
  der::Reader in(name.der, context);
  if (const auto read = read_name(in); !read)
    return std::unexpected(der::to_error(read.error(), context, "name"));
  return name;
}

}  // namespace countersign::x509
