// Secrets at rest: AES-256-GCM under the store key (NIST SP 800-38D).
//   sealed = version 0x01 || nonce (12) || ciphertext || tag (16)
// The version and `associated` (say, table and row of the value) are authenticated, so that a value
// cannot be moved elsewhere. Nonces are random: one key seals at most 2^32 values.
// Errors: crypto.seal-key, crypto.seal-broken, and what Entropy reports.
#pragma once

#include "base/bytes.h"
#include "base/ports.h"
#include "base/result.h"
#include "base/secret.h"

namespace countersign::crypto {

inline constexpr std::size_t kStoreKeySize = 32;
inline constexpr std::size_t kSealOverhead = 1 + 12 + 16;

Result<Bytes> seal(View key, View associated, View plaintext, Entropy& entropy);
Result<Secret> open(View key, View associated, View sealed);

}  // namespace countersign::crypto
