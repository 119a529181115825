// Certificate status by revocation lists at hand, RFC 5280 §6.3, for those who have some.
//
// validate_path under a trust set with lists refuses a path in which one of them revokes a
// certificate, and one for which a list has expired or does not verify. A certificate whose issuer
// has no list there passes: who names some lists need not have all. Nothing is fetched.
// Errors: crypto.crl-format (badDataFormat); of validate_path: crypto.path-revoked,
// crypto.path-crl.
#pragma once

#include <span>

#include "crypto/trust_set.h"

namespace countersign::crypto {

// The same anchors and intermediates, and these lists (DER).
Result<TrustSet> with_revocation_lists(const TrustSet& trust, std::span<const Bytes> lists);

}  // namespace countersign::crypto
