// Private to this folder: how a content-encryption key reaches its recipient. RFC 9481 §4.
#pragma once

#include "crypto/cms_recipient.h"

namespace countersign::crypto::cms {

// Key transport, RFC 9481 §4.2: RSAES-OAEP with SHA-256 is made; rsaEncryption is read too.
der::AlgorithmIdentifier oaep_sha256();
Result<Bytes> transport_key(const PublicKey& to, View key);
Result<Secret> open_transport(const PrivateKey& own, const KeyTransport& info,
                              std::size_t key_size);

// Key agreement, RFC 9481 §4.1: ephemeral-static (EC)DH with a KDF of RFC 5753 or RFC 8418.
struct Agreed {
  der::AlgorithmIdentifier algorithm;   // with the key wrap in its parameters
  der::AlgorithmIdentifier originator;  // of the ephemeral key
  Bytes originator_key;
  Secret kek;
};
Result<Agreed> agree_with(const PublicKey& to, View ukm);
Result<Secret> open_agreement(const PrivateKey& own, const KeyAgreement& info,
                              std::size_t key_size);

// Passwords, RFC 9481 §4.4: PBKDF2 with HMAC-SHA-256.
Secret derive_kek(const Secret& secret, View salt, unsigned iterations);
der::AlgorithmIdentifier pbkdf2_algorithm(View salt, unsigned iterations);
Result<Secret> open_password(const Password& info, const Opener& opener, std::size_t key_size);

// RFC 9481 §4.3.1: the key-encryption key is of the size of the content-encryption key.
std::unexpected<Error> key_sizes_differ();

}  // namespace countersign::crypto::cms
