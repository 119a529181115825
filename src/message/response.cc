// CertRepMessage: ip, cp, kup, ccp. RFC 9810 §5.3.4.
#include "message/codec.h"

namespace countersign::message {

using der::context;
using der::ListSize;
using der::Parsed;
using der::Reader;
using der::Tag;
using der::Writer;

namespace {

// CertOrEncCert ::= CHOICE {
//     certificate     [0] CMPCertificate,
//     encryptedCert   [1] EncryptedKey }                                       RFC 9810 §5.3.4
Parsed<CertOrEncCert> read_cert_or_enc_cert(Reader& in) {
  if (in.next_is(context(1)))
    return EncryptedCert{TRY_AT(in, "encryptedCert", read_tagged(in, 1, crmf::read_encrypted_key))};
  return TRY_AT(in, "certificate", read_tagged(in, 0, read_certificate));
}

void write(Writer& w, const CertOrEncCert& value) {
  if (const auto* encrypted = std::get_if<EncryptedCert>(&value))
    w.tagged(1, [&](Writer& t) { crmf::write(t, encrypted->value); });
  else
    w.tagged(0, [&](Writer& t) { t.raw(std::get<CMPCertificate>(value)); });
}

// CertResponse ::= SEQUENCE {
//     certReqId           INTEGER,
//     status              PKIStatusInfo,
//     certifiedKeyPair    CertifiedKeyPair    OPTIONAL,
//     rspInfo             OCTET STRING        OPTIONAL }                       RFC 9810 §5.3.4
Parsed<CertResponse> read_cert_response(Reader& in) {
  Reader seq = TRY(in.read(Tag::sequence));
  CertResponse out;
  out.cert_req_id.value = TRY_AT(seq, "certReqId", seq.small_integer());
  out.status = TRY_AT(seq, "status", read_status_info(seq));
  if (seq.next_is(Tag::sequence))
    out.certified_key_pair = TRY_AT(seq, "certifiedKeyPair", read_certified_key_pair(seq));
  if (!seq.at_end()) out.rsp_info = copy(TRY_AT(seq, "rspInfo", seq.octets()));
  TRY(seq.finish());
  return out;
}

void write(Writer& w, const CertResponse& value) {
  w.sequence([&](Writer& s) {
    s.integer(value.cert_req_id.value);
    message::write(s, value.status);
    if (value.certified_key_pair) message::write(s, *value.certified_key_pair);
    if (value.rsp_info) s.octets(*value.rsp_info);
  });
}

}  // namespace

// CertifiedKeyPair ::= SEQUENCE {
//     certOrEncCert       CertOrEncCert,
//     privateKey      [0] EncryptedKey        OPTIONAL,
//     publicationInfo [1] PKIPublicationInfo  OPTIONAL }                       RFC 9810 §5.3.4
Parsed<CertifiedKeyPair> read_certified_key_pair(Reader& in) {
  Reader seq = TRY(in.read(Tag::sequence));
  CertifiedKeyPair out;
  out.cert_or_enc_cert = TRY_AT(seq, "certOrEncCert", read_cert_or_enc_cert(seq));
  if (seq.next_is(context(0)))
    out.private_key = TRY_AT(seq, "privateKey", read_tagged(seq, 0, crmf::read_encrypted_key));
  if (seq.next_is(context(1)))
    out.publication_info =
        TRY_AT(seq, "publicationInfo", read_tagged(seq, 1, crmf::read_publication_info));
  TRY(seq.finish());
  return out;
}

void write(Writer& w, const CertifiedKeyPair& value) {
  w.sequence([&](Writer& s) {
    write(s, value.cert_or_enc_cert);
    if (value.private_key) s.tagged(0, [&](Writer& t) { crmf::write(t, *value.private_key); });
    if (value.publication_info)
      s.tagged(1, [&](Writer& t) { crmf::write(t, *value.publication_info); });
  });
}

// CertRepMessage ::= SEQUENCE {
//     caPubs       [1] SEQUENCE SIZE (1..MAX) OF CMPCertificate OPTIONAL,
//     response         SEQUENCE OF CertResponse }                              RFC 9810 §5.3.4
Parsed<CertRepMessage> read_cert_rep_message(Reader& in) {
  Reader seq = TRY(in.read(Tag::sequence));
  CertRepMessage out;
  if (seq.next_is(context(1)))
    out.ca_pubs = TRY_AT(seq, "caPubs", read_tagged(seq, 1, read_certificates));
  out.response = TRY_AT(seq, "response", read_list(seq, ListSize::any, read_cert_response));
  TRY(seq.finish());
  return out;
}

void write(Writer& w, const CertRepMessage& value) {
  w.sequence([&](Writer& s) {
    if (!value.ca_pubs.empty())
      s.tagged(1, [&](Writer& t) { write_certificates(t, value.ca_pubs); });
    write_list(s, value.response,
               [](Writer& list, const CertResponse& response) { write(list, response); });
  });
}

}  // namespace countersign::message
