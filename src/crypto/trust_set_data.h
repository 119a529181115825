// Private to this folder: what is behind TrustSet.
#pragma once

#include <set>
#include <vector>

#include "base/time.h"
#include "crypto/libcrypto.h"
#include "crypto/trust_set.h"

namespace countersign::crypto {

struct TrustSetData {
  std::uint64_t generation = 0;
  std::size_t anchors = 0;
  CertificateStore store;  // OpenSSL locks it inside
  bool has_revocation_lists = false;
  std::set<Time> list_ends;  // the nextUpdate of each list
  std::vector<Certificate> intermediates;
  std::set<Bytes> anchor_names;  // DER
};

// Null unless `der` is exactly one certificate of at most TrustSet::kLongestCertificate octets.
Certificate decode_certificate(View der);
Time to_time(const ASN1_TIME* time);
// For a sentence: "CN=Issuing CA,O=Example", in UTF-8, shortened if long.
std::string subject_of(const X509* certificate);

}  // namespace countersign::crypto
