// GeneralName: read, made, printed. RFC 5280 §4.2.1.6.
#include <arpa/inet.h>

#include <array>

#include "x509/attribute_type.h"
#include "x509/name.h"

namespace countersign::x509 {
namespace {

using der::Code;
using der::Parsed;
using der::Reader;
using der::Tag;
using der::Writer;
using Kind = GeneralName::Kind;

constexpr Byte kConstructed = 0x20;

//   AnotherName ::= SEQUENCE { type-id OBJECT IDENTIFIER, value [0] EXPLICIT ANY }
Parsed<> check_other_name(Reader& in) {
  TRY_AT(in, "type-id", in.oid());
  TRY_AT(in, "value", in.well_formed(der::context(0)));
  return in.finish();
}

Parsed<> check_constructed(Reader& in, Kind kind) {
  if (kind == Kind::otherName) return check_other_name(in);
  if (kind == Kind::directoryName) {
    TRY_AT(in, "directoryName", read_name(in));
    return in.finish();
  }
  while (!in.at_end()) TRY(in.well_formed());
  return {};
}

Parsed<> check_primitive(Reader& in, const der::Tlv& tlv, const Reader& here) {
  switch (static_cast<Kind>(static_cast<Byte>(tlv.tag) & 0x1f)) {
    case Kind::rfc822Name:
    case Kind::dNSName:
    case Kind::uniformResourceIdentifier:  // IA5String
      if (!is_ia5(text(tlv.content))) return here.refuse(Code::string);
      return {};
    case Kind::iPAddress:
      // RFC 5280 §4.2.1.6 [MUST] four octets for IP version 4, sixteen for version 6.
      if (tlv.content.size() != 4 && tlv.content.size() != 16) return here.refuse(Code::value);
      return {};
    case Kind::registeredID: {
      Reader again = here;
      TRY(again.oid(tlv.tag));
      return {};
    }
    default:
      return in.refuse(Code::tag);
  }
}

GeneralName primitive(Kind kind, View content) {
  Writer w(content.size() + 6);
  w.primitive(der::primitive_context(static_cast<unsigned>(kind)), content);
  return {std::move(w).take()};
}

std::optional<Bytes> address(std::string_view text) {
  const std::string z(text);
  Bytes v4(4);
  if (inet_pton(AF_INET, z.c_str(), v4.data()) == 1) return v4;
  Bytes v6(16);
  if (inet_pton(AF_INET6, z.c_str(), v6.data()) == 1) return v6;
  return std::nullopt;
}

std::string address_text(View octets) {
  std::array<char, INET6_ADDRSTRLEN> out{};
  if (octets.size() != 4 && octets.size() != 16) return '#' + to_hex(octets);
  inet_ntop(octets.size() == 4 ? AF_INET : AF_INET6, octets.data(), out.data(), out.size());
  return out.data();
}

std::string oid_text(View content) {
  der::Oid oid;
  return der::Oid::from_content(content, oid) ? oid.dotted() : '#' + to_hex(content);
}

// A control character would forge lines of a log.
std::string graphic(View octets) {
  std::string out;
  for (const Byte b : octets) {
    if (b >= 0x20 && b < 0x7f && b != '\\') {
      out += static_cast<char>(b);
      continue;
    }
    (out += '\\') += to_hex({&b, 1});
  }
  return out;
}

struct Prefix {
  std::string_view word;
  Kind kind;
};
constexpr std::array kPrefixes = {
    Prefix{"dns", Kind::dNSName},      Prefix{"ip", Kind::iPAddress},
    Prefix{"email", Kind::rfc822Name}, Prefix{"uri", Kind::uniformResourceIdentifier},
    Prefix{"dn", Kind::directoryName}, Prefix{"rid", Kind::registeredID},
};

std::unexpected<Error> refuse(std::string_view value, std::string_view cure) {
  return fail(Failure::badDataFormat, "general-name.value",
              '"' + std::string(value) + "\" " + std::string(cure));
}

Result<GeneralName> from_value(Kind kind, std::string_view value) {
  if (value.empty()) return refuse(value, "is no value; write one behind the colon");
  if (kind == Kind::directoryName) return directory_name(TRY(name_from_text(value)));
  if (kind == Kind::iPAddress) {
    const auto octets = address(value);
    if (!octets) return refuse(value, "is no IP address; write 192.0.2.1 or 2001:db8::1");
    return primitive(kind, *octets);
  }
  if (kind == Kind::registeredID) {
    der::Oid oid;
    if (!der::Oid::from_dotted(value, oid)) return refuse(value, "is no OID; write 1.2.3");
    return primitive(kind, oid.content());
  }
  // RFC 5280 §7.2 [MUST] international names are in their ASCII form.
  if (!is_ia5(value)) return refuse(value, "has other than ASCII characters; write its xn-- form");
  if (value.find_first_of(" \t\r\n") != std::string_view::npos)
    return refuse(value, "has white space");
  if (kind == Kind::rfc822Name && !value.contains('@'))
    return refuse(value, "is no mail address; write name@host");
  if (kind == Kind::uniformResourceIdentifier && !value.contains(':'))
    return refuse(value, "is no absolute URI; write its scheme, as in https://host/");
  if (kind == Kind::dNSName && value.find_first_of("/:@") != std::string_view::npos)
    return refuse(value,
                  "is no host name; a prefix says what it is: ip: email: uri: dn: rid: dns:");
  return primitive(kind, view(value));
}

}  // namespace

// RFC 5280 §4.2.1.6
//   GeneralName ::= CHOICE {
//     otherName [0] AnotherName, rfc822Name [1] IA5String, dNSName [2] IA5String,
//     x400Address [3] ORAddress, directoryName [4] Name, ediPartyName [5] EDIPartyName,
//     uniformResourceIdentifier [6] IA5String, iPAddress [7] OCTET STRING,
//     registeredID [8] OBJECT IDENTIFIER }
Parsed<GeneralName> read_general_name(Reader& in) {
  const Reader here = in;
  const der::Tlv tlv = TRY(in.any());
  const auto octet = static_cast<Byte>(tlv.tag);
  const unsigned number = octet & 0x1f;
  if ((octet & 0xc0) != 0x80 || number > 8) return here.refuse(Code::tag);
  constexpr unsigned kConstructedKinds = 0b000111001;  // [0] [3] [4] [5]
  const bool constructed = (octet & kConstructed) != 0;
  if (constructed != ((kConstructedKinds >> number & 1) != 0)) return here.refuse(Code::tag);
  if (constructed) {
    Reader inside = TRY(in.open(tlv.content));
    TRY(check_constructed(inside, static_cast<Kind>(number)));
  } else {
    TRY(check_primitive(in, tlv, here));
  }
  return GeneralName{copy(tlv.whole)};
}

// RFC 5280 §4.2.1.6
//   GeneralNames ::= SEQUENCE SIZE (1..MAX) OF GeneralName
Parsed<std::vector<GeneralName>> read_general_names(Reader& in, Tag tag) {
  Reader list = TRY(in.read(tag));
  if (list.at_end()) return list.refuse(Code::empty);
  std::vector<GeneralName> names;
  while (!list.at_end()) {
    TRY(list.count(names.size() + 1));
    const std::size_t index = names.size();
    names.push_back(TRY_ITEM(list, "", index, read_general_name(list)));
  }
  return names;
}

void write(Writer& w, const GeneralName& name) { w.raw(name.der); }

void write(Writer& w, const std::vector<GeneralName>& names, Tag tag) {
  w.element(tag, [&](Writer& s) {
    for (const GeneralName& name : names) s.raw(name.der);
  });
}

GeneralName directory_name(const Name& name) {
  Writer w(name.der.size() + 4);
  w.tagged(4, [&](Writer& s) { s.raw(name.der); });
  return {std::move(w).take()};
}

std::optional<Name> directory_name(const GeneralName& name) {
  if (name.kind() != Kind::directoryName) return std::nullopt;
  der::Context context(name.der);
  Reader in(name.der, context);
  auto inside = in.read(der::context(4));
  if (!inside) return std::nullopt;
  auto found = read_name(*inside);
  if (!found || !inside->at_end()) return std::nullopt;
  return std::move(*found);
}

GeneralName dns_name(std::string_view host) { return primitive(Kind::dNSName, view(host)); }

Result<GeneralName> general_name_from_text(std::string_view text) {
  for (const Prefix& prefix : kPrefixes)
    if (text.starts_with(prefix.word) && text.substr(prefix.word.size()).starts_with(':'))
      return from_value(prefix.kind, text.substr(prefix.word.size() + 1));
  if (address(text)) return from_value(Kind::iPAddress, text);
  return from_value(Kind::dNSName, text);
}

std::string to_text(const GeneralName& name) {
  if (const auto dn = directory_name(name)) return "dn:" + to_text(*dn);
  der::Context context(name.der);
  Reader in(name.der, context);
  const auto tlv = in.any();
  if (!tlv) return "malformed:#" + to_hex(name.der);
  for (const Prefix& prefix : kPrefixes) {
    if (prefix.kind != name.kind() || prefix.kind == Kind::directoryName) continue;
    const std::string start = std::string(prefix.word) + ':';
    if (prefix.kind == Kind::iPAddress) return start + address_text(tlv->content);
    if (prefix.kind == Kind::registeredID) return start + oid_text(tlv->content);
    return start + graphic(tlv->content);
  }
  return "other:#" + to_hex(name.der);
}

}  // namespace countersign::x509
