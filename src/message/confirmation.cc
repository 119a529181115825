// certConf and pkiconf. RFC 9810 §5.3.17, §5.3.18.
#include "message/codec.h"

namespace countersign::message {

using der::context;
using der::ListSize;
using der::Parsed;
using der::Reader;
using der::Tag;
using der::Writer;

namespace {

// CertStatus ::= SEQUENCE {
//     certHash    OCTET STRING,
//     certReqId   INTEGER,
//     statusInfo  PKIStatusInfo OPTIONAL,
//     hashAlg [0] AlgorithmIdentifier OPTIONAL }                              RFC 9810 §5.3.18
Parsed<CertStatus> read_cert_status(Reader& in) {
  Reader seq = TRY(in.read(Tag::sequence));
  CertStatus out;
  out.cert_hash = copy(TRY_AT(seq, "certHash", seq.octets()));
  out.cert_req_id.value = TRY_AT(seq, "certReqId", seq.small_integer());
  if (seq.next_is(Tag::sequence))
    out.status_info = TRY_AT(seq, "statusInfo", read_status_info(seq));
  if (seq.next_is(context(0)))
    out.hash_alg =
        TRY_AT(seq, "hashAlg",
               read_tagged(seq, 0, [](Reader& inside) { return der::read_algorithm(inside); }));
  TRY(seq.finish());
  return out;
}

void write(Writer& w, const CertStatus& value) {
  w.sequence([&](Writer& s) {
    s.octets(value.cert_hash);
    s.integer(value.cert_req_id.value);
    if (value.status_info) message::write(s, *value.status_info);
    if (value.hash_alg) s.tagged(0, [&](Writer& t) { der::write(t, *value.hash_alg); });
  });
}

}  // namespace

// CertConfirmContent ::= SEQUENCE OF CertStatus                               RFC 9810 §5.3.18
Parsed<CertConfirmContent> read_certificate_confirmation(Reader& in) {
  return read_list(in, ListSize::any, read_cert_status);
}

void write(Writer& w, const CertConfirmContent& value) {
  write_list(w, value, [](Writer& list, const CertStatus& status) { write(list, status); });
}

// PKIConfirmContent ::= NULL                                                  RFC 9810 §5.3.17
Parsed<PKIConfirmContent> read_confirmation(Reader& in) {
  TRY(in.null());
  return PKIConfirmContent{};
}

void write(Writer& w, const PKIConfirmContent&) { w.null(); }

}  // namespace countersign::message
