// Keys with their certificates in one file: PKCS #12, RFC 7292. Read only.
//
// Errors, Failure::systemFailure: "crypto.pkcs12-format", "crypto.pkcs12-empty" (no key, or no
// certificate for it), "crypto.passphrase-wrong"; those of PrivateKey::from_pkcs8.
#pragma once

#include <vector>

#include "crypto/keys.h"

namespace countersign::crypto {

struct KeyWithCertificates {
  PrivateKey key;
  Bytes certificate;          // of the key, DER
  std::vector<Bytes> others;  // in the order of the file
};
// At most 1 MiB. What is sealed with RC2 or in other ways of old is refused: export it anew.
Result<KeyWithCertificates> from_pkcs12(View file, const Secret& passphrase);

}  // namespace countersign::crypto
