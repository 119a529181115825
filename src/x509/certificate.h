// X.509 certificates: read into a value, and made from one. RFC 5280 §4.
//
// parse_certificate checks the form of the whole certificate, strictly; it verifies nothing (that
// is crypto/path.h). The Certificate owns its octets; nothing in it refers to the input.
//
// Departures, for certificates as they are met:
// 1. a serial number that is 0, negative or longer than 20 octets is read (RFC 5280 §4.1.2.2);
// 2. GeneralizedTime is read for dates before 2050 too (§4.1.2.5).
#pragma once

#include "base/result.h"
#include "der/algorithm.h"
#include "x509/extension.h"
#include "x509/name.h"

namespace countersign::x509 {

struct Validity {
  Time not_before{};
  Time not_after{};
  friend bool operator==(const Validity&, const Validity&) = default;
};

struct Certificate {
  Bytes der;     // the whole, as it arrived
  Bytes tbs;     // TBSCertificate, as signed
  Bytes serial;  // INTEGER content octets
  der::AlgorithmIdentifier signature_algorithm;
  Bytes signature;
  Name issuer;
  Name subject;
  Validity validity;
  Bytes spki;
  Extensions extensions;

  // Empty / absent values where the extension is missing or malformed; a malformed keyUsage
  // allows nothing.
  std::optional<KeyUsages> key_usage() const;
  std::vector<der::Oid> ext_key_usage() const;
  bool has_purpose(const der::Oid& purpose) const;  // named; anyExtendedKeyUsage is not enough
  std::vector<GeneralName> subject_alt_names() const;
  Bytes subject_key_identifier() const;
  bool is_ca() const;
  bool self_issued() const { return issuer == subject; }
};

Result<Certificate> parse_certificate(View der);
// The serial number alone, as INTEGER content octets; nullopt when it does not look like a
// certificate. The rest is not read.
std::optional<Bytes> serial_of(View certificate);
// The one or many certificates of a PEM or DER file's content.
Result<std::vector<Bytes>> certificates_from_file(View content);

// What goes into a TBSCertificate (v3).
struct CertificateFields {
  Bytes serial;  // magnitude; leading zeros are dropped
  der::AlgorithmIdentifier signature_algorithm;
  Name issuer;
  Name subject;
  Validity validity;
  Bytes spki;
  Extensions extensions;
};
Bytes encode_tbs(const CertificateFields& fields);
// Certificate ::= SEQUENCE { tbs, signatureAlgorithm, signature }: also for CRLs and PKCS #10.
Bytes join_signed(View tbs, const der::AlgorithmIdentifier& algorithm, View signature);

std::string serial_text(View serial);  // "3F:…"-less upper-case hex: 3FA1…

}  // namespace countersign::x509
