// PBMAC1 over PBKDF2 with HMAC-SHA-2, and HMAC-SHA-2, KMAC or AES-GMAC. RFC 8018 §7.1, RFC 9481
// §6.1.2. A row of protection_table.h.
#pragma once

#include "protect/mac_key.h"

namespace countersign::protect {

inline constexpr auto kPbmac1 = der::Oid::of("1.2.840.113549.1.5.14");
inline constexpr auto kPbkdf2 = der::Oid::of("1.2.840.113549.1.5.12");

Result<MacKey> derive_pbmac1(const der::AlgorithmIdentifier& algorithm, const Secret& secret,
                             bool made_by_us, const Policy& policy, DerivedBefore* before);
std::int64_t iterations_of_pbmac1(const der::AlgorithmIdentifier& algorithm);  // 0: malformed
// Of what derive_pbmac1 has read.
der::AlgorithmIdentifier pbmac1_with_mac(const der::AlgorithmIdentifier& algorithm,
                                         const der::AlgorithmIdentifier& mac);
// PBKDF2 with HMAC-SHA-256, a key of 32 octets, HMAC-SHA-256.
der::AlgorithmIdentifier make_pbmac1(View salt, std::int64_t iterations);

}  // namespace countersign::protect
