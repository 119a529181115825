// A MAC keyed with the shared secret itself: HMAC with SHA-2, KMAC. RFC 9481 §6.2. Rows of
// protection_table.h.
//
// Nothing slows down whoever guesses the secret, so the server takes these with secrets of 128
// random bits only. AES-GMAC is not used so: its nonce may not occur twice under one key, and both
// ends and all transactions would share the secret as the key.
#pragma once

#include "protect/mac_key.h"

namespace countersign::protect {

inline constexpr std::size_t kShortestDirectSecret = 16;  // octets

// protect.secret-length when it is shorter.
Result<MacKey> derive_direct(const der::AlgorithmIdentifier& algorithm, const Secret& secret,
                             bool made_by_us, const Policy& policy, DerivedBefore* before);
inline std::int64_t iterations_of_direct(const der::AlgorithmIdentifier&) { return 0; }
der::AlgorithmIdentifier make_hmac(View salt, std::int64_t iterations);  // HMAC-SHA-256
der::AlgorithmIdentifier make_kmac(View salt, std::int64_t iterations);  // KMAC256, 512 bits

}  // namespace countersign::protect
