// Distinguished names and general names, kept as the octets that arrived.
//
// Equality of names is of octets unless `same_name` is asked: it compares as RFC 5280 §7.1 does
// (case and inner white space of string values do not count, nor does the string type).
//
// Departures:
// 1. the characters of a PrintableString are not checked; '*', '@' and '_' are common;
// 2. same_name folds ASCII letters only; RFC 4518 folds and normalises all of Unicode;
// 3. same_name compares every string so, whatever the matching rule of its attribute;
// 4. to_text leaves UTF-8 as it is, where OpenSSL's rfc2253 escapes every octet of it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "der/reader.h"
#include "der/writer.h"

namespace countersign::x509 {

// Name ::= CHOICE { rdnSequence RDNSequence }                                 RFC 5280 §4.1.2.4
struct Name {
  Bytes der = {0x30, 0x00};  // one whole TLV; NULL-DN by default
  bool is_null() const noexcept { return der.size() == 2; }
  friend bool operator==(const Name&, const Name&) = default;
};

// GeneralName ::= CHOICE { otherName [0] … registeredID [8] }                 RFC 5280 §4.2.1.6
struct GeneralName {
  enum class Kind : Byte {
    otherName,
    rfc822Name,
    dNSName,
    x400Address,
    directoryName,
    ediPartyName,
    uniformResourceIdentifier,
    iPAddress,
    registeredID
  };
  Bytes der = {0xa4, 0x02, 0x30, 0x00};  // one whole TLV; directoryName NULL-DN by default
  Kind kind() const noexcept { return static_cast<Kind>(der[0] & 0x1f); }
  friend bool operator==(const GeneralName&, const GeneralName&) = default;
};

der::Parsed<Name> read_name(der::Reader& in);
der::Parsed<GeneralName> read_general_name(der::Reader& in);
der::Parsed<std::vector<GeneralName>> read_general_names(der::Reader& in,
                                                         der::Tag tag = der::Tag::sequence);
void write(der::Writer& w, const Name& name);
void write(der::Writer& w, const GeneralName& name);
void write(der::Writer& w, const std::vector<GeneralName>& names,
           der::Tag tag = der::Tag::sequence);

// "CN=first-device,O=Example" (RFC 4514, most significant last as OpenSSL's -nameopt rfc2253
// prints) and "/O=Example/CN=first-device" (as OpenSSL's -subj takes) are both read.
Result<Name> name_from_text(std::string_view text);
std::string to_text(const Name& name);  // "CN=first-device,O=Example"; "NULL-DN" when empty
bool same_name(const Name& a, const Name& b);
// The values of all attributes of a type, in order, as UTF-8.
std::vector<std::string> attributes(const Name& name, const der::Oid& type);
Name common_name(std::string_view cn);

GeneralName directory_name(const Name& name);
// The directoryName inside; nullopt for another kind.
std::optional<Name> directory_name(const GeneralName& name);
GeneralName dns_name(std::string_view host);
// "dns:host", "ip:192.0.2.1", "ip:2001:db8::1", "email:a@b", "uri:https://…", "dn:CN=x",
// "rid:1.2.3"; without a prefix: an address if it looks like one, else a dNSName.
Result<GeneralName> general_name_from_text(std::string_view text);
std::string to_text(const GeneralName& name);  // "dns:host" and so on

}  // namespace countersign::x509
