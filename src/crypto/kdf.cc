#include "crypto/kdf.h"

#include <limits>

#include "crypto/libcrypto.h"

namespace countersign::crypto {
namespace {

int to_int(std::size_t value) {
  if (value > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    throw std::invalid_argument("key derivation: a length or count is too large");
  return static_cast<int>(value);
}

OSSL_PARAM octets_parameter(const char* key, View value) {
  return OSSL_PARAM_construct_octet_string(key, const_cast<unsigned char*>(pointer(value)),
                                           value.size());
}

}  // namespace

Secret pbkdf2(Digest prf, View secret, View salt, unsigned iterations, std::size_t length) {
  if (iterations == 0 || length == 0)
    throw std::invalid_argument("PBKDF2: neither the count nor the length may be 0");
  Bytes out(length);
  const int done = PKCS5_PBKDF2_HMAC(reinterpret_cast<const char*>(pointer(secret)),
                                     to_int(secret.size()), pointer(salt), to_int(salt.size()),
                                     to_int(iterations), fetched(prf), to_int(length), out.data());
  require(done == 1, "PBKDF2");
  return Secret(std::move(out));
}

Secret pbm_key(Digest owf, View secret, View salt, unsigned iterations) {
  if (iterations == 0) throw std::invalid_argument("PasswordBasedMac: the count may not be 0");
  Hasher hasher(owf);
  Bytes key = hasher.update(secret).update(salt).finish();
  digest_repeatedly(owf, key, iterations - 1);
  return Secret(std::move(key));
}

Secret expand_base_key(Digest owf, const Secret& base_key, std::size_t length) {
  if (length > 10 * digest_size(owf))
    throw std::invalid_argument("PasswordBasedMac: the key is too long");
  Bytes key;
  key.reserve(length + digest_size(owf));  // nothing is left behind by growing
  append(key, base_key.expose());
  Hasher hasher(owf);
  for (Byte number = '1'; key.size() < length; ++number) {
    Bytes block = hasher.update({&number, 1}).update(base_key.expose()).finish();
    append(key, block);
    wipe(block);
  }
  const Secret whole(std::move(key));
  return Secret(whole.expose().first(length));
}

Secret hkdf_sha256(View key, View salt, View info, std::size_t length) {
  const EvpKdf kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
  const EvpKdfContext context(EVP_KDF_CTX_new(kdf.get()));
  require(context != nullptr, "HKDF");
  char digest_name[] = "sha256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest_name, 0),
      octets_parameter(OSSL_KDF_PARAM_KEY, key), octets_parameter(OSSL_KDF_PARAM_SALT, salt),
      octets_parameter(OSSL_KDF_PARAM_INFO, info), OSSL_PARAM_construct_end()};
  Bytes out(length);
  require(EVP_KDF_derive(context.get(), out.data(), out.size(), parameters) == 1, "HKDF");
  return Secret(std::move(out));
}

}  // namespace countersign::crypto
