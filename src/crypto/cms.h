// Cryptographic Message Syntax (RFC 5652) as CMP uses it: EnvelopedData for exactly one recipient,
// SignedData of exactly one signer. The structures are ours and strict DER, the cryptography is
// the library's. Certificates are octets here: whose they are is for the caller to know.
//
// Bounds: content and structures up to 1 MiB, 16 certificates, PBKDF2 iterations as the caller
// says. Errors when reading: as badDataFormat crypto.cms-format, crypto.cms-recipients; as badAlg
// crypto.cms-algorithm, crypto.cms-key-size, crypto.cms-iterations; as badMessageCheck
// crypto.cms-cannot-open, crypto.cms-digest.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/ports.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "crypto/keys.h"
#include "der/algorithm.h"
#include "der/oid.h"

namespace countersign::crypto::cms {

namespace oids {
inline constexpr auto data = der::Oid::of("1.2.840.113549.1.7.1");
inline constexpr auto signed_data = der::Oid::of("1.2.840.113549.1.7.2");
// id-ct-KP-aKeyPackage, RFC 5958 §2
inline constexpr auto key_package = der::Oid::of("2.16.840.1.101.2.1.2.78.5");
}  // namespace oids

// How a certificate is named: by its subjectKeyIdentifier, or, when that is empty, by issuer (a
// Name as DER) and serial number (INTEGER content octets).
struct KeyName {
  Bytes key_id;
  Bytes issuer, serial;
  friend bool operator==(const KeyName&, const KeyName&) = default;
};

// ---- EnvelopedData, RFC 5652 §6
// Key transport for RSA (RSAES-OAEP with SHA-256), ephemeral-static ECDH for P-256, P-384, P-521,
// X25519 and X448. Other kinds of key cannot be sent to: can_receive().
struct KeyRecipient {
  KeyName name;
  PublicKey key;
};
bool can_receive(KeyKind kind) noexcept;

// aes: AES key wrap as RFC 9483 §4.1.6.3 says. pwri_kek: RFC 3211, for peers that know no other.
enum class PasswordWrap { aes, pwri_kek };
struct PasswordRecipient {
  const Secret& secret;
  unsigned iterations;  // of PBKDF2 with HMAC-SHA-256 and a salt of its own
  PasswordWrap wrap = PasswordWrap::aes;
};
using Recipient = std::variant<KeyRecipient, PasswordRecipient>;

// A whole EnvelopedData, without ContentInfo. AES-256-CBC under a fresh key.
Result<Bytes> envelop(const der::Oid& content_type, View content, const Recipient& recipient,
                      Entropy& entropy);

enum class Technique { key_transport, key_agreement, password };
struct Opener {  // what there is to open it with
  const PrivateKey* key = nullptr;
  const Secret* secret = nullptr;
  std::int64_t most_iterations = 100'000;
};
struct Opened {
  der::Oid content_type;
  Secret content;
  Technique technique;
};
Result<Opened> open(View enveloped_data, const Opener& opener);

// ---- SignedData, RFC 5652 §5
// What is to be signed by the key of `certificates.front()`, and how.
struct Signing {
  der::Oid content_type;
  View content;
  View key_id;                         // subjectKeyIdentifier of the signer's certificate
  der::AlgorithmIdentifier algorithm;  // of the signature
  std::vector<Bytes> certificates;     // the signer's first, then its chain
  std::optional<Time> signing_time;
};
// The octets that the signature covers: the signed attributes.
Result<Bytes> to_be_signed(const Signing& signing);
// A whole SignedData, without ContentInfo, from the signature over to_be_signed().
Result<Secret> signed_data(const Signing& signing, View signature);

struct SignedData {
  der::Oid content_type;
  Secret content;
  std::vector<Bytes> certificates;  // as they came
  KeyName signer;
  der::AlgorithmIdentifier algorithm;
  Bytes signed_attributes;  // tagged SET: what the signature covers
  Bytes signature;
};
// Bare, or inside a ContentInfo. The message digest and the content type among the signed
// attributes are right; the signature is for the caller to verify, over signed_attributes.
Result<SignedData> read_signed_data(View der);

}  // namespace countersign::crypto::cms
