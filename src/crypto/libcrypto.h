// Private to this folder: the one header that includes OpenSSL. Every OpenSSL object is owned by a
// Handle. No header that others include may include this one. Every function of this folder leaves
// the library's error queue as empty as it can: what is left there misleads TLS.
#pragma once

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <memory>
#include <span>
#include <stdexcept>
#include <string>

#include "crypto/digest.h"

namespace countersign::crypto {

template <auto free_function>
struct Free {
  template <class T>
  void operator()(T* object) const noexcept {
    free_function(object);
  }
};
template <class T, auto free_function>
using Handle = std::unique_ptr<T, Free<free_function>>;

using EvpKey = Handle<EVP_PKEY, EVP_PKEY_free>;
using EvpKeyContext = Handle<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using EvpMdContext = Handle<EVP_MD_CTX, EVP_MD_CTX_free>;
using EvpMacContext = Handle<EVP_MAC_CTX, EVP_MAC_CTX_free>;
using EvpKdf = Handle<EVP_KDF, EVP_KDF_free>;
using EvpKdfContext = Handle<EVP_KDF_CTX, EVP_KDF_CTX_free>;
using EvpCipher = Handle<EVP_CIPHER, EVP_CIPHER_free>;
using EvpCipherContext = Handle<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;
using Bio = Handle<BIO, BIO_free_all>;
using Certificate = Handle<X509, X509_free>;
using RevocationList = Handle<X509_CRL, X509_CRL_free>;
using CertificateStore = Handle<X509_STORE, X509_STORE_free>;
using StoreContext = Handle<X509_STORE_CTX, X509_STORE_CTX_free>;
using Pkcs8 = Handle<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free>;
using AlgorithmHandle = Handle<X509_ALGOR, X509_ALGOR_free>;
using EncryptedKey = Handle<X509_SIG, X509_SIG_free>;

// What the library reports on this thread, oldest first; empties its queue.
inline std::string library_error() {
  std::string all;
  while (const unsigned long code = ERR_get_error()) {
    char line[256];
    ERR_error_string_n(code, line, sizeof line);
    if (!all.empty()) all += "; ";
    all += line;
  }
  return all;
}

// For what cannot fail except for want of memory or a broken library.
inline void require(bool done, const char* what) {
  if (!done) throw std::runtime_error(std::string("libcrypto: ") + what + ": " + library_error());
}

// Fetched once, kept for the life of the process.
const EVP_MD* fetched(Digest digest);

// Its digest, so many times more, in place: without memory for each of them.
void digest_repeatedly(Digest algorithm, std::span<Byte> octets, unsigned times);

// DER of what the library has read itself.
inline Bytes encoded(const X509* certificate) {
  unsigned char* out = nullptr;
  const int size = i2d_X509(certificate, &out);
  require(size > 0, "encode certificate");
  Bytes der(out, out + size);
  OPENSSL_free(out);
  return der;
}

// Never null, also for an empty view: OpenSSL reads null as "not given".
inline const unsigned char* pointer(View octets) noexcept {
  static const unsigned char nothing = 0;
  return octets.empty() ? &nothing : octets.data();
}

}  // namespace countersign::crypto
