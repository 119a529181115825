#include "crypto/mac.h"

#include <array>

#include "base/secret.h"
#include "crypto/libcrypto.h"

namespace countersign::crypto {
namespace {

struct Row {
  Digest digest;
  der::Oid oid;
};

// The first row of a digest is the one that is written.
constexpr std::array kTable{
    Row{Digest::sha1, der::Oid::of("1.2.840.113549.2.7")},
    Row{Digest::sha224, der::Oid::of("1.2.840.113549.2.8")},
    Row{Digest::sha256, der::Oid::of("1.2.840.113549.2.9")},
    Row{Digest::sha384, der::Oid::of("1.2.840.113549.2.10")},
    Row{Digest::sha512, der::Oid::of("1.2.840.113549.2.11")},
    Row{Digest::sha3_224, der::Oid::of("2.16.840.1.101.3.4.2.13")},
    Row{Digest::sha3_256, der::Oid::of("2.16.840.1.101.3.4.2.14")},
    Row{Digest::sha3_384, der::Oid::of("2.16.840.1.101.3.4.2.15")},
    Row{Digest::sha3_512, der::Oid::of("2.16.840.1.101.3.4.2.16")},
    Row{Digest::sha1, der::Oid::of("1.3.6.1.5.5.8.1.2")},
};

EVP_MAC* fetched_hmac() {
  static EVP_MAC* const mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  require(mac != nullptr, "HMAC");
  return mac;
}

}  // namespace

Bytes hmac(Digest algorithm, View key, View first, View second) {
  const EvpMacContext context(EVP_MAC_CTX_new(fetched_hmac()));
  require(context != nullptr, "HMAC context");
  std::string digest_name(name(algorithm));
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest_name.data(), 0),
      OSSL_PARAM_construct_end()};
  require(EVP_MAC_init(context.get(), pointer(key), key.size(), parameters) == 1, "HMAC init");
  require(EVP_MAC_update(context.get(), first.data(), first.size()) == 1, "HMAC");
  require(EVP_MAC_update(context.get(), second.data(), second.size()) == 1, "HMAC");
  Bytes out(digest_size(algorithm));
  std::size_t written = 0;
  require(EVP_MAC_final(context.get(), out.data(), &written, out.size()) == 1, "HMAC end");
  return out;
}

Bytes hmac(Digest algorithm, View key, View data) { return hmac(algorithm, key, data, {}); }

bool hmac_matches(Digest algorithm, View key, View first, View second, View mac) {
  return equal_in_constant_time(hmac(algorithm, key, first, second), mac);
}

bool hmac_matches(Digest algorithm, View key, View data, View mac) {
  return hmac_matches(algorithm, key, data, {}, mac);
}

std::optional<Digest> hmac_from_oid(const der::Oid& oid) noexcept {
  for (const Row& row : kTable)
    if (row.oid == oid) return row.digest;
  return std::nullopt;
}

std::optional<der::Oid> hmac_oid(Digest algorithm) noexcept {
  for (const Row& row : kTable)
    if (row.digest == algorithm) return row.oid;
  return std::nullopt;
}

}  // namespace countersign::crypto
