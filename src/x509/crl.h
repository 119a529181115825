// Certificate revocation lists, version 2. RFC 5280 §5.
//
// Limits: 128 MiB, 4 million entries. A list without nextUpdate, or with a critical entry extension
// that is not kept here (so an indirect one), is refused.
#pragma once

#include "base/result.h"
#include "der/algorithm.h"
#include "x509/extension.h"
#include "x509/name.h"

namespace countersign::x509 {

struct RevokedEntry {
  Bytes serial;  // INTEGER content octets
  Time revoked_at{};
  int reason = 0;  // 0 is left out of the list (RFC 5280 §5.3.1 [SHOULD])
  std::optional<Time> invalidity_date;
};

struct CrlFields {
  der::AlgorithmIdentifier signature_algorithm;
  Name issuer;
  Time this_update{};
  Time next_update{};
  Extensions extensions;  // AKI, cRLNumber, …
  std::vector<RevokedEntry> revoked;
};
Bytes encode_tbs_crl(const CrlFields& fields);  // join with join_signed (certificate.h)

struct Crl {
  Bytes der;
  Bytes tbs;
  CrlFields fields;
  Bytes signature;
};
Result<Crl> parse_crl(View der);
// All lists of a file, each DER: PEM blocks "X509 CRL", or the file is one list in DER.
Result<std::vector<Bytes>> crls_from_file(View content);

}  // namespace countersign::x509
