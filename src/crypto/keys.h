// Public and private keys as shared, immutable handles: cheap to copy, safe for several threads.
//
// PublicKey::from_spki is strict: exactly one SubjectPublicKeyInfo, a key kind of KeyKind, the
// parameters of its standard, a named curve, a point on it. What is well-formed but too weak (or so
// large that it would be a way to burn our time) passes and is refused by check_strength().
// RFC 5280 §4.1.2.7, RFC 3279 §2.3, RFC 5480, RFC 8410, RFC 9881, RFC 9935.
// Errors: crypto.key-format (badDataFormat), and as badCertTemplate crypto.unsupported-key,
// crypto.unsupported-curve, crypto.explicit-curve, crypto.point-not-on-curve, crypto.key-too-short,
// crypto.key-too-long, crypto.rsa-exponent, crypto.rsa-modulus.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "crypto/algorithm_table.h"
#include "der/algorithm.h"

namespace countersign::crypto {

struct PublicKeyData;  // key_data.h, private to this folder
struct PrivateKeyData;

// For subjectKeyIdentifier: RFC 7093 §2 method 4, the leftmost 160 bits of the SHA-256 of a
// SubjectPublicKeyInfo. A key is so found by its identifier and by its hash through one index.
Bytes key_identifier(View spki);

// The algorithm of a SubjectPublicKeyInfo with a key of this kind, as we write it.
der::AlgorithmIdentifier key_algorithm(KeyKind kind);
// The kind of that name ("rsa", "p256", "ml-kem-768"); nullopt: unknown.
std::optional<KeyKind> key_kind(std::string_view name) noexcept;

class PublicKey {
 public:
  static constexpr std::size_t kLongestSpki = 8192;  // octets; RSA-16384 and ML-DSA-87 fit
  static Result<PublicKey> from_spki(View spki);

  View spki() const noexcept;        // as it was given; lives as long as any copy of this key
  View key_octets() const noexcept;  // content of its BIT STRING
  KeyKind kind() const noexcept;
  unsigned bits() const noexcept;           // RSA: of the modulus; EC: of the field
  unsigned security_bits() const noexcept;  // NIST SP 800-57
  Result<> check_strength() const;
  Bytes key_identifier() const;  // as the free function below

  friend bool operator==(const PublicKey& a, const PublicKey& b) noexcept {
    return equal(a.spki(), b.spki());
  }

  explicit PublicKey(std::shared_ptr<const PublicKeyData> data) noexcept : data_(std::move(data)) {}
  const PublicKeyData& data() const noexcept { return *data_; }

 private:
  std::shared_ptr<const PublicKeyData> data_;
};

enum class PassphraseKdf { pbkdf2, scrypt };

// Errors, all Failure::systemFailure (a private key is ours): crypto.private-key-format,
// crypto.passphrase-needed, crypto.passphrase-wrong, crypto.passphrase-empty, crypto.key-mismatch.
class PrivateKey {
 public:
  // RSA takes up to seconds; see KeySpec::slow_to_generate.
  static PrivateKey generate(const KeySpec& spec);
  // The first private key of the text: PKCS#8 plain or encrypted, SEC1, PKCS#1. An empty passphrase
  // is none. The halves of the key are checked against each other.
  static Result<PrivateKey> from_pem(std::string_view text, const Secret& passphrase);
  static Result<PrivateKey> from_pkcs8(View der);

  // PKCS#8 without encryption.
  Secret to_pem() const;
  Secret to_pkcs8() const;
  // PBES2 (RFC 8018 §6.2): AES-256-CBC under PBKDF2 with HMAC-SHA256 and 600 000 rounds, or under
  // scrypt with N=16384, r=8, p=1. Takes tens to hundreds of milliseconds.
  Result<std::string> to_encrypted_pem(const Secret& passphrase,
                                       PassphraseKdf kdf = PassphraseKdf::pbkdf2) const;

  const PublicKey& public_key() const noexcept;
  bool matches(const PublicKey& other) const noexcept;
  KeyKind kind() const noexcept { return public_key().kind(); }
  der::AlgorithmIdentifier default_signature_algorithm() const;
  bool slow_to_sign() const noexcept;

  explicit PrivateKey(std::shared_ptr<const PrivateKeyData> data) noexcept
      : data_(std::move(data)) {}
  const PrivateKeyData& data() const noexcept { return *data_; }

 private:
  std::shared_ptr<const PrivateKeyData> data_;
};

}  // namespace countersign::crypto
