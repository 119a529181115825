// Certificates and CRLs as they stand in messages: one TLV each, opened by x509 when needed.
#include "message/codec.h"

namespace countersign::message {

using der::ListSize;
using der::Parsed;
using der::Reader;
using der::Writer;

// CMPCertificate ::= CHOICE { x509v3PKCert Certificate, ... }                    RFC 9810 §5.1
// CertificateList ::= SEQUENCE { … }                                           RFC 5280 §5.1
Parsed<CMPCertificate> read_certificate(Reader& in) {
  return copy(TRY(in.any(der::Tag::sequence)).whole);
}

// SEQUENCE SIZE (1..MAX) OF CMPCertificate
Parsed<std::vector<CMPCertificate>> read_certificates(Reader& in) {
  return read_list(in, ListSize::one_or_more, read_certificate);
}

void write_certificates(Writer& w, const std::vector<CMPCertificate>& value) {
  write_list(w, value,
             [](Writer& list, const CMPCertificate& certificate) { list.raw(certificate); });
}

}  // namespace countersign::message
