// Public keys that are well-formed and long enough, and known to be weak all the same: what a CA
// asks of a key before it certifies it (NIST SP 800-89 §5.3.3, CA/Browser Forum Baseline
// Requirements §6.1.1.3 and §6.1.6).
//
// PublicKey::from_spki and PublicKey::check_strength settle the form: a named curve and a point on
// it, the length of RSA keys, an odd modulus, the exponent. Here:
//   RSA   no prime factor below 752; not the square, 3rd, 5th, 7th, 11th or 13th power of a number;
//         not made by the faulty generator of CVE-2017-15361 (ROCA); no two primes so close that
//         Fermat's method finds them in 100 rounds, the square of a prime among them.
//   EdDSA no point of small order, and no encoding that RFC 8032 §5.1.3 and §5.2.3 refuse.
//   all   not in the block list, in whatever encoding.
// Not found: keys that share a prime with another key, nor what only its private half would show.
// The test for ROCA takes one good key in 2*10^8 for a bad one, the one for powers fewer still.
//
// Pure; safe for several threads. Cost: 11 µs for RSA-2048, 17 µs for RSA-3072, 27 µs for RSA-4096,
// 90 µs for RSA-8192; nothing for EC and EdDSA. A block list adds its hashes and binary searches:
// 3 µs for RSA, 0.3 µs for EC, 16 µs where a point is compressed.
//
// Errors, all Failure::badCertTemplate: those of from_spki and check_strength, and
// key.modulus-length, key.small-factor, key.power, key.roca, key.close-primes, key.point,
// key.blocked.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "crypto/block_list.h"
#include "crypto/keys.h"

namespace countersign::crypto {

enum class ModulusLength { any, whole_octets };

struct WeakKeyPolicy {
  std::uint64_t least_exponent = 65537;  // of RSA; 3 at least, whatever stands here
  ModulusLength modulus_length = ModulusLength::any;
  const BlockList* blocked = nullptr;  // null: none; outlives the call
};

Result<> check_strength(const PublicKey& key, const WeakKeyPolicy& policy = {});
Result<> check_strength(View spki, const WeakKeyPolicy& policy = {});

}  // namespace countersign::crypto
