// The MAC inside PasswordBasedMac and PBMAC1, or used directly: HMAC, KMAC, AES-GMAC. RFC 9481
// §6.2. Parameters arrive from unauthenticated peers and are bounded. Private to this folder.
#pragma once

#include <optional>

#include "base/result.h"
#include "crypto/mac.h"
#include "der/algorithm.h"

namespace countersign::protect {

inline constexpr auto kKmac128 = der::Oid::of("2.16.840.1.101.3.4.2.19");
inline constexpr auto kKmac256 = der::Oid::of("2.16.840.1.101.3.4.2.20");
inline constexpr std::size_t kNewGmacNonce = 12;  // RFC 9044 §2 [SHOULD]

// HMAC of the SHA-2 family or with SHA-1, KMAC, AES-GMAC. nullopt: none of these. Failure::badAlg
// protect.mac-parameters.
Result<std::optional<crypto::MacFunction>> read_mac_function(
    const der::AlgorithmIdentifier& algorithm);

// How long a key it wants, in octets. nullopt: any.
std::optional<std::size_t> key_size(const crypto::MacFunction& function) noexcept;

// As we write it.
der::AlgorithmIdentifier gmac_algorithm(const crypto::Gmac& gmac);

}  // namespace countersign::protect
