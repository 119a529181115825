// HMAC (RFC 2104) and its object identifiers, KMAC (NIST SP 800-185), AES-GMAC (NIST SP 800-38D).
// Programming errors throw, as does a broken library: HMAC with SHAKE, lengths outside of the
// bounds below. No message makes them fail.
#pragma once

#include <optional>
#include <variant>

#include "base/bytes.h"
#include "crypto/digest.h"
#include "der/oid.h"

namespace countersign::crypto {

Bytes hmac(Digest algorithm, View key, View data);
// The same over two pieces, one after the other, without joining them.
Bytes hmac(Digest algorithm, View key, View first, View second);

// In constant time for a MAC of the right length; a MAC of another length never matches.
bool hmac_matches(Digest algorithm, View key, View data, View mac);
bool hmac_matches(Digest algorithm, View key, View first, View second, View mac);

// A MAC function with all that its AlgorithmIdentifier says, but for the key.
struct Hmac {
  Digest digest = Digest::sha256;
};
struct Kmac {
  static constexpr std::size_t kShortestKey = 4, kLongestKey = 512;  // octets
  static constexpr std::size_t kLongestCustomization = 512;
  Digest shake = Digest::shake128;  // or shake256
  std::size_t length = 32;          // of the value, in octets; at least 1
  Bytes customization;
};
struct Gmac {
  static constexpr std::size_t kLength = 16;  // of the value, in octets
  std::size_t key_size = 16;                  // of AES: 16, 24 or 32; the key is exactly as long
  Bytes nonce;                                // not empty; never twice with one key
};
using MacFunction = std::variant<Hmac, Kmac, Gmac>;

// Over two pieces, one after the other.
Bytes mac(const MacFunction& function, View key, View first, View second);
bool mac_matches(const MacFunction& function, View key, View first, View second, View mac);

// RFC 8018 §B.1.2, RFC 8702; for SHA-1 also hmac-SHA1 of RFC 4210, 1.3.6.1.5.5.8.1.2.
std::optional<Digest> hmac_from_oid(const der::Oid& oid) noexcept;
// What we write. nullopt for SHAKE.
std::optional<der::Oid> hmac_oid(Digest algorithm) noexcept;

}  // namespace countersign::crypto
