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

// OpenSSL takes EVP_PKEY* where it only reads; it locks what it caches inside.
inline EVP_PKEY* native(const PublicKey& key) noexcept { return key.data().key.get(); }
inline EVP_PKEY* native(const PrivateKey& key) noexcept { return key.data().key.get(); }

}  // namespace countersign::crypto
