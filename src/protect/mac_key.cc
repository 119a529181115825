#include "protect/mac_key.h"

#include <array>

#include "protect/mac_function.h"
#include "protect/mac_parameters.h"
#include "protect/protected_part.h"
#include "protect/protection_table.h"

namespace countersign::protect {
namespace {

// RFC 4211 §4.4 [MUST] "a minimum of 100".
constexpr std::int64_t kFewestIterations = 100;

}  // namespace

Result<MacKey> derive_mac_key(const der::AlgorithmIdentifier& algorithm, const Secret& secret,
                              bool made_by_us, const Policy& policy, DerivedBefore* before) {
  const MacProtection* row = find_mac_protection(algorithm.algorithm);
  if (row == nullptr)
    return fail(Failure::badAlg, "protect.algorithm-not-supported",
                "the MAC algorithm " + algorithm.algorithm.dotted() +
                    " is not supported; use PBMAC1, PasswordBasedMac, HMAC or KMAC");
  return row->derive(algorithm, secret, made_by_us, policy, before);
}

std::int64_t iterations_of(const der::AlgorithmIdentifier& algorithm) {
  const MacProtection* row = find_mac_protection(algorithm.algorithm);
  return row == nullptr ? 0 : row->iterations(algorithm);
}

bool is_direct(const der::AlgorithmIdentifier& algorithm) noexcept {
  const MacProtection* row = find_mac_protection(algorithm.algorithm);
  return row != nullptr && row->with_mac == nullptr;
}

Result<der::AlgorithmIdentifier> new_mac_algorithm(MacChoice choice, std::int64_t iterations,
                                                   Entropy& entropy) {
  if (iterations < kFewestIterations)
    return fail(Failure::systemFailure, "protect.iterations-too-few",
                "a MAC is made with " + std::to_string(kFewestIterations) + " iterations or more");
  std::array<Byte, kNewSalt> salt{};
  TRY(entropy.fill(salt));
  for (const NewMac& row : kNewMacs)
    if (row.choice == choice) return row.make(salt, iterations);
  return fail(Failure::systemFailure, "protect.algorithm-not-supported", "no such MAC algorithm");
}

Bytes compute_mac(const MacKey& key, View data) {
  return crypto::mac(key.function, key.key.expose(), data, {});
}

bool mac_matches(const MacKey& key, const message::PKIMessage& message) {
  if (!message.protection || message.protection->unused != 0) return false;
  const ProtectedPart part(message);
  return crypto::mac_matches(key.function, key.key.expose(), part.head(), part.content(),
                             message.protection->octets);
}

Result<> protect_with_mac(message::PKIMessage& message, const MacKey& key, Entropy& entropy) {
  crypto::MacFunction function = key.function;
  message.header.protection_alg = key.algorithm;
  // RFC 9481 §6.2.2 [MUST NOT] the same nonce twice under one key.
  if (auto* gmac = std::get_if<crypto::Gmac>(&function)) {
    gmac->nonce.assign(kNewGmacNonce, 0);
    TRY(entropy.fill(gmac->nonce));
    message.header.protection_alg = find_mac_protection(key.algorithm.algorithm)
                                        ->with_mac(key.algorithm, gmac_algorithm(*gmac));
  }
  message.header_and_body.clear();
  message.header_and_body = message::encode_header_and_body(message);
  const ProtectedPart part(message);
  message.protection =
      der::BitString{crypto::mac(function, key.key.expose(), part.head(), part.content()), 0};
  return {};
}

}  // namespace countersign::protect
