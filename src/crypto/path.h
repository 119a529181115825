// Certification path building and validation, RFC 5280 §6, by OpenSSL.
//
// Checked: signatures, validity at the given time, basicConstraints, pathLenConstraint,
// keyCertSign, name constraints, unknown critical extensions, and keys and signatures of at least
// 112 bits of strength (no SHA-1, no MD5, no RSA below 2048; an anchor's own signature is not
// looked at); revocation where the trust set has lists (crl_check.h). Not checked here: extended
// key usage, certificate policies. Bounds:
// kMostIntermediates certificates of the request are considered, in their order, the rest are
// ignored; kDeepest certificates may stand between leaf and anchor. What cannot be decoded among
// the intermediates is skipped.
//
// Errors, Failure::signerNotTrusted: crypto.path-no-anchor, -expired, -not-yet-valid,
// -bad-signature, -weak, -not-a-ca, -length, -name-constraint, -critical-extension, -key-usage,
// -too-deep, -invalid (all with the prefix crypto.path). Failure::badDataFormat:
// crypto.certificate-format for the leaf.
#pragma once

#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/trust_set.h"

namespace countersign::crypto {

inline constexpr std::size_t kMostIntermediates = 20;
inline constexpr int kDeepest = 8;

enum class Purpose : std::uint8_t {
  any,
  cmp_signature,  // RFC 9483 §1.5 [MUST] keyUsage, if present, includes digitalSignature
};

// Borrows everything for the length of the call.
struct PathRequest {
  View leaf;                        // DER
  std::vector<View> intermediates;  // DER, in any order, may hold what does not belong
  const TrustSet& trust;
  Time at;
  Purpose purpose = Purpose::any;
};

struct Path {
  std::vector<Bytes> chain;  // DER, leaf first, anchor last; one entry if the leaf is an anchor
  Time not_before;           // the whole path is valid from …
  Time not_after;            // … through this time
};

Result<Path> validate_path(const PathRequest& request);

}  // namespace countersign::crypto
