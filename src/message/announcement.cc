// ckuann, cann, rann, crlann: what a CA tells unasked. RFC 9810 §5.3.13 to §5.3.16.
#include "message/codec.h"

namespace countersign::message {

using der::context;
using der::ListSize;
using der::Parsed;
using der::Reader;
using der::Tag;
using der::Writer;

// CAKeyUpdAnnContent ::= SEQUENCE {
//     oldWithNew   CMPCertificate, -- old pub signed with new priv
//     newWithOld   CMPCertificate, -- new pub signed with old priv
//     newWithNew   CMPCertificate  -- new pub signed with new priv }          RFC 9810 §5.3.13
Parsed<CAKeyUpdAnnContent> read_ca_key_update_v2(Reader& in) {
  Reader seq = TRY(in.read(Tag::sequence));
  CAKeyUpdAnnContent out;
  out.old_with_new = TRY_AT(seq, "oldWithNew", read_certificate(seq));
  out.new_with_old = TRY_AT(seq, "newWithOld", read_certificate(seq));
  out.new_with_new = TRY_AT(seq, "newWithNew", read_certificate(seq));
  TRY(seq.finish());
  return out;
}

void write(Writer& w, const CAKeyUpdAnnContent& value) {
  w.sequence([&](Writer& s) {
    s.raw(value.old_with_new);
    s.raw(value.new_with_old);
    s.raw(value.new_with_new);
  });
}

// RootCaKeyUpdateContent ::= SEQUENCE {
//     newWithNew       CMPCertificate,
//     newWithOld   [0] CMPCertificate OPTIONAL,
//     oldWithNew   [1] CMPCertificate OPTIONAL }                           RFC 9810 §5.3.19.15
Parsed<RootCaKeyUpdateContent> read_root_ca_key_update(Reader& in) {
  Reader seq = TRY(in.read(Tag::sequence));
  RootCaKeyUpdateContent out;
  out.new_with_new = TRY_AT(seq, "newWithNew", read_certificate(seq));
  if (seq.next_is(context(0)))
    out.new_with_old = TRY_AT(seq, "newWithOld", read_tagged(seq, 0, read_certificate));
  if (seq.next_is(context(1)))
    out.old_with_new = TRY_AT(seq, "oldWithNew", read_tagged(seq, 1, read_certificate));
  TRY(seq.finish());
  return out;
}

void write(Writer& w, const RootCaKeyUpdateContent& value) {
  w.sequence([&](Writer& s) {
    s.raw(value.new_with_new);
    if (value.new_with_old) s.tagged(0, [&](Writer& t) { t.raw(*value.new_with_old); });
    if (value.old_with_new) s.tagged(1, [&](Writer& t) { t.raw(*value.old_with_new); });
  });
}

// CAKeyUpdContent ::= CHOICE {
//     cAKeyUpdAnnV2      CAKeyUpdAnnContent, -- deprecated
//     cAKeyUpdAnnV3  [0] RootCaKeyUpdateContent }                             RFC 9810 §5.3.13
Parsed<CAKeyUpdContent> read_ca_key_update(Reader& in) {
  if (in.next_is(context(0)))
    return TRY_AT(in, "cAKeyUpdAnnV3", read_tagged(in, 0, read_root_ca_key_update));
  return TRY_AT(in, "cAKeyUpdAnnV2", read_ca_key_update_v2(in));
}

void write(Writer& w, const CAKeyUpdContent& value) {
  if (const auto* v3 = std::get_if<RootCaKeyUpdateContent>(&value))
    w.tagged(0, [&](Writer& t) { write(t, *v3); });
  else
    write(w, std::get<CAKeyUpdAnnContent>(value));
}

// CertAnnContent ::= CMPCertificate                                           RFC 9810 §5.3.14
Parsed<CertAnnContent> read_certificate_announcement(Reader& in) {
  return CertAnnContent{TRY(read_certificate(in))};
}

void write(Writer& w, const CertAnnContent& value) { w.raw(value.certificate); }

// RevAnnContent ::= SEQUENCE {
//     status              PKIStatus,
//     certId              CertId,
//     willBeRevokedAt     GeneralizedTime,
//     badSinceDate        GeneralizedTime,
//     crlDetails          Extensions  OPTIONAL }                              RFC 9810 §5.3.15
Parsed<RevAnnContent> read_revocation_announcement(Reader& in) {
  Reader seq = TRY(in.read(Tag::sequence));
  RevAnnContent out;
  out.status = TRY_AT(seq, "status", read_status(seq));
  out.cert_id = TRY_AT(seq, "certId", crmf::read_cert_id(seq));
  out.will_be_revoked_at = TRY_AT(seq, "willBeRevokedAt", seq.generalized_time());
  out.bad_since_date = TRY_AT(seq, "badSinceDate", seq.generalized_time());
  if (!seq.at_end()) out.crl_details = TRY_AT(seq, "crlDetails", x509::read_extensions(seq));
  TRY(seq.finish());
  return out;
}

void write(Writer& w, const RevAnnContent& value) {
  w.sequence([&](Writer& s) {
    write(s, value.status);
    crmf::write(s, value.cert_id);
    s.generalized_time(value.will_be_revoked_at);
    s.generalized_time(value.bad_since_date);
    if (!value.crl_details.empty()) x509::write(s, value.crl_details);
  });
}

// CRLAnnContent ::= SEQUENCE OF CertificateList                               RFC 9810 §5.3.16
Parsed<CRLAnnContent> read_crl_announcement(Reader& in) {
  return CRLAnnContent{TRY(read_list(in, ListSize::any, read_certificate))};
}

void write(Writer& w, const CRLAnnContent& value) { write_certificates(w, value.crls); }

}  // namespace countersign::message
