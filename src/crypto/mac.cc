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

// Fetched once, kept for the life of the process.
enum class Kind : std::uint8_t { hmac, kmac128, kmac256, gmac };
constexpr std::array<const char*, 4> kNames{"HMAC", "KMAC-128", "KMAC-256", "GMAC"};

EVP_MAC* fetched_mac(Kind kind) {
  static const auto all = [] {
    std::array<EVP_MAC*, kNames.size()> made{};
    for (std::size_t i = 0; i < made.size(); ++i) {
      made[i] = EVP_MAC_fetch(nullptr, kNames[i], nullptr);
      require(made[i] != nullptr, kNames[i]);
    }
    return made;
  }();
  return all[static_cast<std::size_t>(kind)];
}

struct Input {
  View key, first, second;
};

Bytes compute(Kind kind, const OSSL_PARAM* parameters, const Input& input, std::size_t length) {
  const EvpMacContext context(EVP_MAC_CTX_new(fetched_mac(kind)));
  require(context != nullptr, "MAC context");
  require(EVP_MAC_init(context.get(), pointer(input.key), input.key.size(), parameters) == 1,
          "MAC init");
  require(EVP_MAC_update(context.get(), input.first.data(), input.first.size()) == 1, "MAC");
  require(EVP_MAC_update(context.get(), input.second.data(), input.second.size()) == 1, "MAC");
  Bytes out(length);
  std::size_t written = 0;
  require(EVP_MAC_final(context.get(), out.data(), &written, out.size()) == 1 && written == length,
          "MAC end");
  return out;
}

Bytes compute(const Hmac& hmac, const Input& input) {
  std::string digest_name(name(hmac.digest));
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest_name.data(), 0),
      OSSL_PARAM_construct_end()};
  return compute(Kind::hmac, parameters, input, digest_size(hmac.digest));
}

OSSL_PARAM octets_parameter(const char* key, View value) {
  return OSSL_PARAM_construct_octet_string(key, const_cast<unsigned char*>(pointer(value)),
                                           value.size());
}

Bytes compute(const Kmac& kmac, const Input& input) {
  std::size_t length = kmac.length;
  const OSSL_PARAM parameters[] = {octets_parameter(OSSL_MAC_PARAM_CUSTOM, kmac.customization),
                                   OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &length),
                                   OSSL_PARAM_construct_end()};
  const Kind kind = kmac.shake == Digest::shake128 ? Kind::kmac128 : Kind::kmac256;
  return compute(kind, parameters, input, length);
}

Bytes compute(const Gmac& gmac, const Input& input) {
  if (gmac.nonce.empty() || input.key.size() != gmac.key_size)
    throw std::invalid_argument("GMAC: the key does not fit AES, or there is no nonce");
  std::string cipher = "AES-" + std::to_string(8 * gmac.key_size) + "-GCM";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, cipher.data(), 0),
      octets_parameter(OSSL_MAC_PARAM_IV, gmac.nonce), OSSL_PARAM_construct_end()};
  return compute(Kind::gmac, parameters, input, Gmac::kLength);
}

}  // namespace

Bytes mac(const MacFunction& function, View key, View first, View second) {
  return std::visit([&](const auto& f) { return compute(f, Input{key, first, second}); }, function);
}

bool mac_matches(const MacFunction& function, View key, View first, View second, View mac) {
  return equal_in_constant_time(crypto::mac(function, key, first, second), mac);
}

Bytes hmac(Digest algorithm, View key, View first, View second) {
  return compute(Hmac{algorithm}, Input{key, first, second});
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
