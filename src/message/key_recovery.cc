// KeyRecRepContent: krp. RFC 9810 §5.3.8.
#include "message/codec.h"

namespace countersign::message {

using der::context;
using der::ListSize;
using der::Parsed;
using der::Reader;
using der::Writer;

namespace {

Parsed<std::vector<CertifiedKeyPair>> read_history(Reader& in) {
  return read_list(in, ListSize::one_or_more, read_certified_key_pair);
}

void write_history(Writer& w, const std::vector<CertifiedKeyPair>& value) {
  write_list(w, value, [](Writer& list, const CertifiedKeyPair& pair) { write(list, pair); });
}

}  // namespace

// KeyRecRepContent ::= SEQUENCE {
//     status                  PKIStatusInfo,
//     newSigCert          [0] CMPCertificate OPTIONAL,
//     caCerts             [1] SEQUENCE SIZE (1..MAX) OF CMPCertificate OPTIONAL,
//     keyPairHist         [2] SEQUENCE SIZE (1..MAX) OF CertifiedKeyPair OPTIONAL }
//                                                                              RFC 9810 §5.3.8
Parsed<KeyRecRepContent> read_key_recovery(Reader& in) {
  Reader seq = TRY(in.read(der::Tag::sequence));
  KeyRecRepContent out;
  out.status = TRY_AT(seq, "status", read_status_info(seq));
  if (seq.next_is(context(0)))
    out.new_sig_cert = TRY_AT(seq, "newSigCert", read_tagged(seq, 0, read_certificate));
  if (seq.next_is(context(1)))
    out.ca_certs = TRY_AT(seq, "caCerts", read_tagged(seq, 1, read_certificates));
  if (seq.next_is(context(2)))
    out.key_pair_hist = TRY_AT(seq, "keyPairHist", read_tagged(seq, 2, read_history));
  TRY(seq.finish());
  return out;
}

void write(Writer& w, const KeyRecRepContent& value) {
  w.sequence([&](Writer& s) {
    write(s, value.status);
    if (value.new_sig_cert) s.tagged(0, [&](Writer& t) { t.raw(*value.new_sig_cert); });
    if (!value.ca_certs.empty())
      s.tagged(1, [&](Writer& t) { write_certificates(t, value.ca_certs); });
    if (!value.key_pair_hist.empty())
      s.tagged(2, [&](Writer& t) { write_history(t, value.key_pair_hist); });
  });
}

}  // namespace countersign::message
