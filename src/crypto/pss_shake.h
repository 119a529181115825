// RSASSA-PSS with SHAKE128 or SHAKE256 as hash and mask generation function: the encoding alone
// (RFC 8017 §9.1 with RFC 8702 §3.2.1). The library knows MGF1 only, so the encoded message is made
// and checked here; RSA itself, without padding, and SHAKE are the library's. Private to this
// folder.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "crypto/digest.h"

namespace countersign::crypto {

// EMSA-PSS-ENCODE for a modulus of `modulus_bits`: as many octets as the modulus has. The salt is
// as long as the digest of the message. nullopt: the modulus is too short.
std::optional<Bytes> encode_pss_shake(Digest shake, View message_digest, View salt,
                                      unsigned modulus_bits);

// EMSA-PSS-VERIFY over what the RSA operation gave back.
bool pss_shake_matches(Digest shake, View message_digest, View encoded, unsigned modulus_bits);

}  // namespace countersign::crypto
