// Private to this folder: what the verification of a peer's certificate found wrong, kept with the
// session, since the library drops the certificate itself.
#pragma once

#include <openssl/ssl.h>

#include "crypto/libcrypto.h"

namespace countersign::crypto {

struct TlsObjection {
  int verdict = X509_V_OK;  // X509_V_ERR_*
  std::string subject;      // of the certificate that is objected to
  Bytes peer;               // DER
};

// As SSL_CTX_set_verify takes it.
int note_objection(int good, X509_STORE_CTX* path);
// Null where there is none.
const TlsObjection* objection_of(const SSL* session);

}  // namespace countersign::crypto
