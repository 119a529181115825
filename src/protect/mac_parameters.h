// Bounds and part algorithms that the parameters of every MAC protection share. Private to this
// folder.
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "crypto/digest.h"
#include "der/algorithm.h"
#include "protect/mac_key.h"
#include "protect/policy.h"

namespace countersign::protect {

// RFC 4211 §4.4 [SHOULD] "at least 8 octets"; RFC 8018 §4.1 the same for PBKDF2.
inline constexpr std::size_t kShortestSalt = 8;
inline constexpr std::size_t kNewSalt = 16;

// An iterationCount of any size: what does not fit is the nearest value that does, so that it meets
// the bounds as every other count.
der::Parsed<std::int64_t> read_iteration_count(der::Reader& in);

// The count when it lies within the bounds that hold for the kind of secret.
Result<unsigned> check_iterations(std::int64_t count, bool made_by_us, const Policy& policy);
Result<> check_salt(View salt, const Policy& policy);

// `before` may be null.
Secret derive_or_find(const crypto::Derivation& derivation, const Secret& secret,
                      DerivedBefore* before);

// The digest of an HMAC of the SHA-2 family or of SHA-1, its parameters absent or NULL.
std::optional<crypto::Digest> hmac_digest(const der::AlgorithmIdentifier& algorithm);
bool is_sha2(crypto::Digest digest) noexcept;
bool is_sha3(crypto::Digest digest) noexcept;
bool null_or_absent(View parameters) noexcept;

// HMAC-SHA-256 as we write it: parameters NULL (RFC 9481 §6.2.1).
der::AlgorithmIdentifier hmac_sha256();

}  // namespace countersign::protect
