// Two tables: the signature algorithms that are understood, and the keys that can be made.
// A new algorithm is a row here, a branch in sign.cc only if its signing differs, and a vector in
// tests/vectors/crypto/signature.
//
// Parameters are read strictly: EdDSA and ML-DSA admit none (RFC 8410 §3, RFC 9881 §2), ECDSA
// none (RFC 5758 §3.2), RSA PKCS#1 v1.5 writes NULL and accepts none (RFC 4055 §5), RSASSA-PSS
// needs hash, an MGF1 with the same hash, and trailer 1 (RFC 4055 §3.1). Errors:
// crypto.unsupported-algorithm, crypto.algorithm-parameters.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "crypto/digest.h"
#include "der/algorithm.h"
#include "der/oid.h"

namespace countersign::crypto {

enum class KeyKind : std::uint8_t {
  rsa,
  rsa_pss,  // RSA that its own SubjectPublicKeyInfo confines to RSASSA-PSS
  p256,
  p384,
  p521,
  ed25519,
  ed448,
  ml_dsa_44,
  ml_dsa_65,
  ml_dsa_87,
  x25519,  // the rest cannot sign
  x448,
  ml_kem_512,
  ml_kem_768,
  ml_kem_1024,
};

constexpr bool is_rsa(KeyKind kind) noexcept {
  return kind == KeyKind::rsa || kind == KeyKind::rsa_pss;
}
constexpr bool is_ec(KeyKind kind) noexcept {
  return kind == KeyKind::p256 || kind == KeyKind::p384 || kind == KeyKind::p521;
}
constexpr bool is_ml_dsa(KeyKind kind) noexcept {
  return kind == KeyKind::ml_dsa_44 || kind == KeyKind::ml_dsa_65 || kind == KeyKind::ml_dsa_87;
}
constexpr bool can_sign(KeyKind kind) noexcept { return kind < KeyKind::x25519; }
// Takes over about 200 µs: such signatures are made on the pool, not on a loop.
constexpr bool slow_to_sign(KeyKind kind, unsigned bits) noexcept {
  return (is_rsa(kind) && bits >= 3072) || is_ml_dsa(kind);
}

enum class Scheme : std::uint8_t {
  rsa_v15,
  rsa_pss,
  ecdsa,
  ed25519,
  ed448,
  ml_dsa_44,
  ml_dsa_65,
  ml_dsa_87
};
enum class Standing : std::uint8_t { accepted, forbidden };  // forbidden: only where asked for

struct SignatureAlgorithm {
  std::string_view name;
  der::Oid oid;
  Scheme scheme;
  std::optional<Digest> digest;        // computed before signing; none: the scheme hashes itself
  std::optional<Digest> confirmation;  // of certHash in certConf; none: hashAlg must be sent
  Standing standing = Standing::accepted;
};

inline constexpr std::array kSignatureAlgorithms{
    SignatureAlgorithm{"rsa-sha1", der::Oid::of("1.2.840.113549.1.1.5"), Scheme::rsa_v15,
                       Digest::sha1, Digest::sha1, Standing::forbidden},
    SignatureAlgorithm{"rsa-sha224", der::Oid::of("1.2.840.113549.1.1.14"), Scheme::rsa_v15,
                       Digest::sha224, Digest::sha224},
    SignatureAlgorithm{"rsa-sha256", der::Oid::of("1.2.840.113549.1.1.11"), Scheme::rsa_v15,
                       Digest::sha256, Digest::sha256},
    SignatureAlgorithm{"rsa-sha384", der::Oid::of("1.2.840.113549.1.1.12"), Scheme::rsa_v15,
                       Digest::sha384, Digest::sha384},
    SignatureAlgorithm{"rsa-sha512", der::Oid::of("1.2.840.113549.1.1.13"), Scheme::rsa_v15,
                       Digest::sha512, Digest::sha512},
    SignatureAlgorithm{"rsa-pss-sha224", der::Oid::of("1.2.840.113549.1.1.10"), Scheme::rsa_pss,
                       Digest::sha224, Digest::sha224},
    SignatureAlgorithm{"rsa-pss-sha256", der::Oid::of("1.2.840.113549.1.1.10"), Scheme::rsa_pss,
                       Digest::sha256, Digest::sha256},
    SignatureAlgorithm{"rsa-pss-sha384", der::Oid::of("1.2.840.113549.1.1.10"), Scheme::rsa_pss,
                       Digest::sha384, Digest::sha384},
    SignatureAlgorithm{"rsa-pss-sha512", der::Oid::of("1.2.840.113549.1.1.10"), Scheme::rsa_pss,
                       Digest::sha512, Digest::sha512},
    SignatureAlgorithm{"ecdsa-sha1", der::Oid::of("1.2.840.10045.4.1"), Scheme::ecdsa, Digest::sha1,
                       Digest::sha1, Standing::forbidden},
    SignatureAlgorithm{"ecdsa-sha224", der::Oid::of("1.2.840.10045.4.3.1"), Scheme::ecdsa,
                       Digest::sha224, Digest::sha224},
    SignatureAlgorithm{"ecdsa-sha256", der::Oid::of("1.2.840.10045.4.3.2"), Scheme::ecdsa,
                       Digest::sha256, Digest::sha256},
    SignatureAlgorithm{"ecdsa-sha384", der::Oid::of("1.2.840.10045.4.3.3"), Scheme::ecdsa,
                       Digest::sha384, Digest::sha384},
    SignatureAlgorithm{"ecdsa-sha512", der::Oid::of("1.2.840.10045.4.3.4"), Scheme::ecdsa,
                       Digest::sha512, Digest::sha512},
    SignatureAlgorithm{"ed25519", der::Oid::of("1.3.101.112"), Scheme::ed25519, {}, Digest::sha512},
    SignatureAlgorithm{"ed448", der::Oid::of("1.3.101.113"), Scheme::ed448, {}, Digest::shake256},
    SignatureAlgorithm{
        "ml-dsa-44", der::Oid::of("2.16.840.1.101.3.4.3.17"), Scheme::ml_dsa_44, {}, {}},
    SignatureAlgorithm{
        "ml-dsa-65", der::Oid::of("2.16.840.1.101.3.4.3.18"), Scheme::ml_dsa_65, {}, {}},
    SignatureAlgorithm{
        "ml-dsa-87", der::Oid::of("2.16.840.1.101.3.4.3.19"), Scheme::ml_dsa_87, {}, {}},
};

const SignatureAlgorithm* signature_algorithm(std::string_view name) noexcept;  // null: unknown
// The encoding that we write; RSASSA-PSS with a salt as long as the digest.
der::AlgorithmIdentifier identifier(const SignatureAlgorithm& algorithm);

// An AlgorithmIdentifier that was understood.
struct ResolvedAlgorithm {
  const SignatureAlgorithm* row;
  int salt_length = 0;  // RSASSA-PSS only
};
// Failure::badAlg if unknown or with other parameters than its own; forbidden ones resolve.
Result<ResolvedAlgorithm> resolve(const der::AlgorithmIdentifier& algorithm);

// RFC 9810 §5.3.18, RFC 9481 §3: the digest of certHash that goes with the algorithm by which the
// certificate was signed. nullopt: none does (ML-DSA, unknown ones), so hashAlg is needed.
std::optional<Digest> confirmation_digest(
    const der::AlgorithmIdentifier& certificate_signature_algorithm);

// What a key of this kind signs with when nothing else is asked for; an empty OID if it cannot
// sign.
der::AlgorithmIdentifier default_signature_algorithm(KeyKind kind);

struct KeySpec {
  std::string_view name;
  KeyKind kind;
  unsigned bits;
  bool slow_to_generate = false;
};
inline constexpr std::array kKeySpecs{
    KeySpec{"p256", KeyKind::p256, 256},
    KeySpec{"p384", KeyKind::p384, 384, true},
    KeySpec{"p521", KeyKind::p521, 521, true},
    KeySpec{"rsa2048", KeyKind::rsa, 2048, true},
    KeySpec{"rsa3072", KeyKind::rsa, 3072, true},
    KeySpec{"rsa4096", KeyKind::rsa, 4096, true},
    KeySpec{"ed25519", KeyKind::ed25519, 256},
    KeySpec{"ed448", KeyKind::ed448, 456, true},
    KeySpec{"ml-dsa-44", KeyKind::ml_dsa_44, 10496, true},
    KeySpec{"ml-dsa-65", KeyKind::ml_dsa_65, 15616, true},
    KeySpec{"ml-dsa-87", KeyKind::ml_dsa_87, 20736, true},
};
const KeySpec* key_spec(std::string_view name) noexcept;  // null: unknown
std::string_view name(KeyKind kind) noexcept;             // "rsa", "p256", "ml-kem-768"

namespace detail {
consteval bool unique_algorithms() {
  for (std::size_t i = 0; i < kSignatureAlgorithms.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      const auto& a = kSignatureAlgorithms[i];
      const auto& b = kSignatureAlgorithms[j];
      if (a.name == b.name || (a.oid == b.oid && a.digest == b.digest)) return false;
    }
  return true;
}
consteval bool unique_key_specs() {
  for (std::size_t i = 0; i < kKeySpecs.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (kKeySpecs[i].name == kKeySpecs[j].name) return false;
  return true;
}
static_assert(unique_algorithms() && unique_key_specs());
}  // namespace detail

}  // namespace countersign::crypto
