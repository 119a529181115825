// Values of controls that have a shape of their own. RFC 4211 §6.
#include "crmf/codec.h"

namespace countersign::crmf {

using der::ListSize;
using der::Parsed;
using der::Reader;
using der::Tag;
using der::Writer;

// CertId ::= SEQUENCE { issuer GeneralName, serialNumber INTEGER }               RFC 4211 §6.5
Parsed<CertId> read_cert_id(Reader& in, Tag tag) {
  Reader seq = TRY(in.read(tag));
  CertId out;
  out.issuer = TRY_AT(seq, "issuer", x509::read_general_name(seq));
  out.serial_number = copy(TRY_AT(seq, "serialNumber", seq.integer()));
  TRY(seq.finish());
  return out;
}

void write(Writer& w, const CertId& value, Tag tag) {
  w.element(tag, [&](Writer& s) {
    x509::write(s, value.issuer);
    s.integer_octets(value.serial_number);
  });
}

namespace {

using SinglePubInfo = PKIPublicationInfo::SinglePubInfo;

// SinglePubInfo ::= SEQUENCE {
//     pubMethod    INTEGER { dontCare (0), x500 (1), web (2), ldap (3) },
//     pubLocation  GeneralName OPTIONAL }                                        RFC 4211 §6.3
Parsed<SinglePubInfo> read_single_pub_info(Reader& in) {
  Reader seq = TRY(in.read(Tag::sequence));
  SinglePubInfo out;
  out.pub_method = TRY_AT(seq, "pubMethod", seq.small_integer());
  if (!seq.at_end()) out.pub_location = TRY_AT(seq, "pubLocation", x509::read_general_name(seq));
  TRY(seq.finish());
  return out;
}

void write(Writer& w, const SinglePubInfo& value) {
  w.sequence([&](Writer& s) {
    s.integer(value.pub_method);
    if (value.pub_location) x509::write(s, *value.pub_location);
  });
}

}  // namespace

// PKIPublicationInfo ::= SEQUENCE {
//     action     INTEGER { dontPublish (0), pleasePublish (1) },
//     pubInfos  SEQUENCE SIZE (1..MAX) OF SinglePubInfo OPTIONAL }               RFC 4211 §6.3
Parsed<PKIPublicationInfo> read_publication_info(Reader& in) {
  Reader seq = TRY(in.read(Tag::sequence));
  PKIPublicationInfo out;
  out.action = TRY_AT(seq, "action", seq.small_integer());
  if (!seq.at_end())
    out.pub_infos =
        TRY_AT(seq, "pubInfos", read_list(seq, ListSize::one_or_more, read_single_pub_info));
  TRY(seq.finish());
  return out;
}

void write(Writer& w, const PKIPublicationInfo& value) {
  w.sequence([&](Writer& s) {
    s.integer(value.action);
    if (!value.pub_infos.empty())
      write_list(s, value.pub_infos, [](Writer& l, const SinglePubInfo& info) { write(l, info); });
  });
}

}  // namespace countersign::crmf
