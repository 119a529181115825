// AsymmetricKeyPackage: one private key on its way to its owner. RFC 5958 §2, RFC 9483 §4.1.6.
// The only door, besides files, through which a private key leaves: see PrivateKey::to_pkcs8.
#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "crypto/keys.h"

namespace countersign::crypto {

// One OneAsymmetricKey, version v2, with the public key.
Secret key_package(const PrivateKey& key);

// Exactly one OneAsymmetricKey; its public key, where it is there, is that of the private key.
// Failure::badDataFormat: crypto.key-package; and what PrivateKey::from_pkcs8 says.
Result<PrivateKey> read_key_package(View der);

}  // namespace countersign::crypto
