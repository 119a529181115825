// Keys from shared secrets. The caller bounds iteration counts and lengths before it calls: they
// arrive from unauthenticated peers and cost time here. A count of 0 or above 2^31-1, a length of 0
// and a SHAKE as PRF are programming errors and throw.
#pragma once

#include "base/bytes.h"
#include "base/secret.h"
#include "crypto/digest.h"

namespace countersign::crypto {

// RFC 8018 §5.2, with HMAC of `prf`.
Secret pbkdf2(Digest prf, View secret, View salt, unsigned iterations, std::size_t length);

// BASEKEY of PasswordBasedMac, RFC 9810 §5.1.3.1: owf applied exactly `iterations` times to
// secret || salt, the first application counting as one. HMAC takes it whole, as it is.
Secret pbm_key(Digest owf, View secret, View salt, unsigned iterations);

// The key of a MAC that wants exactly `length` octets, RFC 9810 §5.1.3.1: the leading ones of
// BASEKEY || owf("1" || BASEKEY) || owf("2" || BASEKEY) … At most ten blocks of owf.
Secret expand_base_key(Digest owf, const Secret& base_key, std::size_t length);

// RFC 5869. At most 255 * 32 octets. An empty salt is 32 zero octets, as the RFC says.
Secret hkdf_sha256(View key, View salt, View info, std::size_t length);

}  // namespace countersign::crypto
