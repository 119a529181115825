// RevReqContent and RevRepContent: rr, rp. RFC 9810 §5.3.9, §5.3.10.
#include "message/codec.h"

namespace countersign::message {

using der::context;
using der::ListSize;
using der::Parsed;
using der::Reader;
using der::Writer;

namespace {

// RevDetails ::= SEQUENCE {
//     certDetails         CertTemplate,
//     crlEntryDetails     Extensions    OPTIONAL }                             RFC 9810 §5.3.9
Parsed<RevDetails> read_rev_details(Reader& in) {
  Reader seq = TRY(in.read(der::Tag::sequence));
  RevDetails out;
  out.cert_details = TRY_AT(seq, "certDetails", crmf::read_cert_template(seq));
  if (!seq.at_end())
    out.crl_entry_details = TRY_AT(seq, "crlEntryDetails", x509::read_extensions(seq));
  TRY(seq.finish());
  return out;
}

void write(Writer& w, const RevDetails& value) {
  w.sequence([&](Writer& s) {
    crmf::write(s, value.cert_details);
    if (!value.crl_entry_details.empty()) x509::write(s, value.crl_entry_details);
  });
}

Parsed<std::vector<crmf::CertId>> read_cert_ids(Reader& in) {
  return read_list(in, ListSize::one_or_more,
                   [](Reader& list) { return crmf::read_cert_id(list); });
}

void write_cert_ids(Writer& w, const std::vector<crmf::CertId>& value) {
  write_list(w, value, [](Writer& list, const crmf::CertId& id) { crmf::write(list, id); });
}

}  // namespace

// RevReqContent ::= SEQUENCE OF RevDetails                                     RFC 9810 §5.3.9
Parsed<RevReqContent> read_revocation_request(Reader& in) {
  return read_list(in, ListSize::any, read_rev_details);
}

void write(Writer& w, const RevReqContent& value) {
  write_list(w, value, [](Writer& list, const RevDetails& details) { write(list, details); });
}

// RevRepContent ::= SEQUENCE {
//     status       SEQUENCE SIZE (1..MAX) OF PKIStatusInfo,
//     revCerts [0] SEQUENCE SIZE (1..MAX) OF CertId OPTIONAL,
//     crls     [1] SEQUENCE SIZE (1..MAX) OF CertificateList OPTIONAL }       RFC 9810 §5.3.10
Parsed<RevRepContent> read_revocation_response(Reader& in) {
  Reader seq = TRY(in.read(der::Tag::sequence));
  RevRepContent out;
  out.status = TRY_AT(seq, "status", read_list(seq, ListSize::one_or_more, read_status_info));
  if (seq.next_is(context(0)))
    out.rev_certs = TRY_AT(seq, "revCerts", read_tagged(seq, 0, read_cert_ids));
  if (seq.next_is(context(1)))
    out.crls = TRY_AT(seq, "crls", read_tagged(seq, 1, read_certificates));
  TRY(seq.finish());
  return out;
}

void write(Writer& w, const RevRepContent& value) {
  w.sequence([&](Writer& s) {
    write_list(s, value.status,
               [](Writer& list, const PKIStatusInfo& status) { write(list, status); });
    if (!value.rev_certs.empty())
      s.tagged(0, [&](Writer& t) { write_cert_ids(t, value.rev_certs); });
    if (!value.crls.empty()) s.tagged(1, [&](Writer& t) { write_certificates(t, value.crls); });
  });
}

}  // namespace countersign::message
