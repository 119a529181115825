#include "crypto/tls_peer.h"

#include <openssl/ssl.h>

#include "crypto/libcrypto.h"

namespace countersign::crypto {

std::optional<Bytes> verified_peer(const ssl_st* session) {
  const X509* const certificate = SSL_get0_peer_certificate(session);
  if (certificate == nullptr || SSL_get_verify_result(session) != X509_V_OK) return std::nullopt;
  const int size = i2d_X509(certificate, nullptr);
  if (size <= 0) return std::nullopt;
  Bytes der(static_cast<std::size_t>(size));
  unsigned char* out = der.data();
  i2d_X509(certificate, &out);
  return der;
}

}  // namespace countersign::crypto
