// Private to this folder: an RSA modulus under suspicion. What is asked of it needs no factoring
// that would take time; see weak_key.h for the limits and the cost.
#pragma once

#include <optional>

#include "crypto/libcrypto.h"
#include "crypto/small_primes.h"

namespace countersign::crypto {

class RsaModulus {
 public:
  static constexpr unsigned kFermatRounds = 100;

  explicit RsaModulus(View magnitude);  // odd, 64 bits at least

  std::optional<std::uint32_t> small_factor() const;  // below small::kBound
  // The rest asks for a modulus without a small factor.
  bool is_odd_power() const;
  bool is_of_roca() const;
  bool has_close_primes() const;

 private:
  using Number = Handle<BIGNUM, BN_free>;
  using Scratch = Handle<BN_CTX, BN_CTX_free>;

  static Number make();
  Number root(const BIGNUM* n) const;  // rounded down
  bool is_square(const BIGNUM* n) const;
  bool meets_square(const BIGNUM* above_root, unsigned round) const;

  Scratch scratch_;
  Number n_;
  small::Residues residues_{};
};

}  // namespace countersign::crypto
