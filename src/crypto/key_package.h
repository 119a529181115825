// AsymmetricKeyPackage: one private key on its way to its owner. RFC 5958 §2, RFC 9483 §4.1.6.
// The only door, besides files, through which a private key leaves: see PrivateKey::to_pkcs8.
#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "crypto/keys.h"

namespace countersign::crypto {

// One OneAsymmetricKey, version v2, with the public key. `bare`: without the list around it, which
// is all that OpenSSL's CMP client (3.5) understands.
enum class PackageForm { list, bare };
Secret key_package(const PrivateKey& key, PackageForm form = PackageForm::list);

// Exactly one OneAsymmetricKey, in either form; its public key, where it is there, is that of the
// private key. Failure::badDataFormat: crypto.key-package; and what PrivateKey::from_pkcs8 says.
Result<PrivateKey> read_key_package(View der);

}  // namespace countersign::crypto
