// Private to this folder: what is behind PublicKey and PrivateKey.
#pragma once

#include "crypto/keys.h"
#include "crypto/libcrypto.h"

namespace countersign::crypto {

struct PublicKeyData {
  Bytes spki;
  View key_octets;  // into spki
  KeyKind kind = KeyKind::rsa;
  unsigned bits = 0;
  unsigned security_bits = 0;
  EvpKey key;
};

struct PrivateKeyData {
  EvpKey key;
  PublicKey public_key;
};

// RSAPublicKey, RFC 8017 §A.1.1: magnitudes without leading zeros, into the key's spki.
struct RsaNumbers {
  View modulus;
  View exponent;
};
// Of a key that from_spki admitted as RSA.
RsaNumbers rsa_numbers(const PublicKeyData& key);

inline constexpr std::uint64_t kF4 = 65537;
// Length, oddness of both numbers, least <= e < 2^256. Errors: crypto.key-too-short,
// crypto.key-too-long, crypto.rsa-modulus, crypto.rsa-exponent.
Result<> check_rsa(const PublicKeyData& key, std::uint64_t least_exponent);

// OpenSSL takes EVP_PKEY* where it only reads; it locks what it caches inside.
inline EVP_PKEY* native(const PublicKey& key) noexcept { return key.data().key.get(); }
inline EVP_PKEY* native(const PrivateKey& key) noexcept { return key.data().key.get(); }

}  // namespace countersign::crypto
