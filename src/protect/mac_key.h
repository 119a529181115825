// MAC protection from shared secrets: deriving the key, making new parameters, computing the value.
// RFC 9810 §5.1.3.1, RFC 9481 §6.1. The algorithms are the rows of protection_table.h.
//
// Parameters arrive from unauthenticated peers: everything that costs time is bounded before any
// key is derived.
#pragma once

#include <cstdint>
#include <optional>

#include "base/ports.h"
#include "base/result.h"
#include "base/secret.h"
#include "crypto/derived_keys.h"
#include "crypto/mac.h"
#include "der/algorithm.h"
#include "message/message.h"
#include "protect/policy.h"

namespace countersign::protect {

// A MAC algorithm with the key derived for it: what answers a MAC'd request in its own kind
// without deriving anew. Comes from derive_mac_key only.
struct MacKey {
  der::AlgorithmIdentifier algorithm;
  Secret key;
  crypto::MacFunction function;  // as `algorithm` says
  std::int64_t iterations = 0;   // as `algorithm` says; 0: the key is the secret itself
  MacKey clone() const { return {algorithm, key.clone(), function, iterations}; }
};

// Keys derived before, and what had to be derived this time.
struct DerivedBefore {
  crypto::DerivedKeys& keys;
  std::optional<crypto::DerivedKeys::Fresh> fresh = {};
};

// Derives under the algorithm's own parameters, unless it was done before; `made_by_us` picks the
// floor of iterations. Failure::badAlg when it is not accepted: protect.algorithm-not-supported,
// protect.owf-not-accepted, protect.mac-not-accepted, protect.mac-parameters,
// protect.prf-not-accepted, protect.secret-length,
// protect.kdf-not-accepted, protect.iterations-too-few, protect.iterations-too-many,
// protect.salt-length, protect.salt-source, protect.key-length; Failure::badDataFormat with der.…
// when malformed.
Result<MacKey> derive_mac_key(const der::AlgorithmIdentifier& algorithm, const Secret& secret,
                              bool made_by_us, const Policy& policy,
                              DerivedBefore* before = nullptr);

// What deriving would cost: the iterations that the parameters name; 0 where they name none.
std::int64_t iterations_of(const der::AlgorithmIdentifier& algorithm);

// Does the algorithm use the shared secret as its key, without deriving one?
bool is_direct(const der::AlgorithmIdentifier& algorithm) noexcept;

enum class MacChoice : std::uint8_t { pbmac1, password_based_mac, password_based_gmac, hmac, kmac };
// A fresh algorithm, with a random salt of 16 octets where it has one; see kMacChoices.
Result<der::AlgorithmIdentifier> new_mac_algorithm(MacChoice choice, std::int64_t iterations,
                                                   Entropy& entropy);

Bytes compute_mac(const MacKey& key, View data);
// In constant time; over SEQUENCE { header, body } as it arrived.
bool mac_matches(const MacKey& key, const message::PKIMessage& message);
// Sets protectionAlg, computes the MAC, fills protection and header_and_body. AES-GMAC gets a fresh
// random nonce each time; all else of the algorithm stays as it is.
Result<> protect_with_mac(message::PKIMessage& message, const MacKey& key, Entropy& entropy);

}  // namespace countersign::protect
