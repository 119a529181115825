// PKCS #10 certification requests. RFC 2986.
//
// Departures, for requests as they are met:
// 1. a request without the attributes field is read as one with none;
// 2. the order of the attributes is not checked; nothing depends on it but the signed octets.
#pragma once

#include "base/result.h"
#include "der/algorithm.h"
#include "x509/extension.h"
#include "x509/name.h"

namespace countersign::x509 {

struct CertificationRequest {
  Bytes der;   // the whole, as it arrived
  Bytes info;  // CertificationRequestInfo, as signed
  Name subject;
  Bytes spki;
  Extensions extensions;           // of the extensionRequest attribute (1.2.840.113549.1.9.14)
  std::string challenge_password;  // of the attribute 1.2.840.113549.1.9.7; UTF-8; empty: none
  der::AlgorithmIdentifier signature_algorithm;
  Bytes signature;
  friend bool operator==(const CertificationRequest&, const CertificationRequest&) = default;
};

// Strict on form; the signature is for the caller to verify (proof of possession).
der::Parsed<CertificationRequest> read_csr(der::Reader& in, der::Tag tag = der::Tag::sequence);
Result<CertificationRequest> parse_csr(View der);
struct CsrAttributes {
  Extensions extensions;
  std::string challenge_password = {};  // UTF-8; empty: none
};
Bytes encode_csr_info(const Name& subject, View spki, const CsrAttributes& attributes);

}  // namespace countersign::x509
