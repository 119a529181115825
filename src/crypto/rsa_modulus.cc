#include "crypto/rsa_modulus.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace countersign::crypto {
namespace {

using small::kPrimes;

// The product of all of small::kPrimes, about 1000 bits: reducing a modulus by it first makes the
// divisions by the runs shorter. Made once, never freed.
const BIGNUM* product_of_primes() {
  static const BIGNUM* const product = [] {
    BIGNUM* out = BN_new();
    require(out != nullptr && BN_one(out) == 1, "number");
    for (const small::Run& run : small::kRuns)
      require(BN_mul_word(out, run.product) == 1, "product");
    return out;
  }();
  return product;
}

void reduce(const BIGNUM* n, std::size_t runs, small::Residues& out) {
  for (std::size_t r = 0; r < runs; ++r) {
    const small::Run& run = small::kRuns[r];
    const std::uint64_t rest = BN_mod_word(n, run.product);
    for (std::size_t i = run.first; i < run.end; ++i)
      out[i] = static_cast<std::uint32_t>(rest % kPrimes[i]);
  }
}

}  // namespace

RsaModulus::Number RsaModulus::make() {
  Number out(BN_new());
  require(out != nullptr, "number");
  return out;
}

RsaModulus::RsaModulus(View magnitude)
    : scratch_(BN_CTX_new()),
      n_(BN_bin2bn(pointer(magnitude), static_cast<int>(magnitude.size()), nullptr)) {
  require(scratch_ && n_, "modulus");
  const Number rest = make();
  require(BN_mod(rest.get(), n_.get(), product_of_primes(), scratch_.get()) == 1, "residue");
  reduce(rest.get(), small::kRuns.size(), residues_);
}

// NIST SP 800-89 §5.3.3: no prime factor below 752.
std::optional<std::uint32_t> RsaModulus::small_factor() const {
  const auto at = std::ranges::find(residues_, 0U);
  if (at == residues_.end()) return std::nullopt;
  return kPrimes[static_cast<std::size_t>(at - residues_.begin())];
}

// A k-th power is one modulo every prime. Where k divides p - 1, one residue in k is; the primes of
// that kind are 64 for k = 3, and 10 for k = 13: another number passes them all once in 2^37 times.
// A modulus of ROCA passes more often, for its residues depend on each other: ask for that first.
bool RsaModulus::is_odd_power() const {
  constexpr std::array<std::uint32_t, 5> kExponents = {3, 5, 7, 11, 13};
  return std::ranges::any_of(kExponents, [this](std::uint32_t k) {
    for (std::size_t i = 0; i < kPrimes.size(); ++i) {
      const std::uint32_t p = kPrimes[i];
      if (p % k == 1 && small::power(residues_[i], (p - 1) / k, p) != 1) return false;
    }
    return true;
  });
}

// Nemec et al., "The Return of Coppersmith's Attack", 2017, §2: both primes have the form
// k*M + (65537^a mod M) with M the product of the first primes, 2 to 167 among them. So the modulus
// is a power of 65537 modulo each of these; a random one is with probability 2^-27.8.
bool RsaModulus::is_of_roca() const {
  for (std::size_t i = 0; i < small::kRoca; ++i)
    if (!small::kPowersOfF4[i][residues_[i]]) return false;
  return true;
}

// Newton's method from above, so that it falls until it is there. The start has 30 right bits.
RsaModulus::Number RsaModulus::root(const BIGNUM* n) const {
  constexpr int kSeedBits = 62;
  if (BN_is_zero(n)) return make();
  const int shift = std::max(0, (BN_num_bits(n) - kSeedBits + 1) / 2 * 2);
  Number x = make();
  Number next = make();
  require(BN_rshift(x.get(), n, shift) == 1, "top");
  const auto seed = static_cast<BN_ULONG>(std::sqrt(static_cast<double>(BN_get_word(x.get())))) + 2;
  require(BN_set_word(x.get(), seed) == 1 && BN_lshift(x.get(), x.get(), shift / 2) == 1, "seed");
  for (;;) {
    require(BN_div(next.get(), nullptr, n, x.get(), scratch_.get()) == 1 &&
                BN_add(next.get(), next.get(), x.get()) == 1 &&
                BN_rshift1(next.get(), next.get()) == 1,
            "root");
    if (BN_cmp(next.get(), x.get()) >= 0) return x;
    std::swap(x, next);
  }
}

bool RsaModulus::is_square(const BIGNUM* n) const {
  const Number r = root(n);
  const Number square = make();
  require(BN_sqr(square.get(), r.get(), scratch_.get()) == 1, "square");
  return BN_cmp(square.get(), n) == 0;
}

// (above_root + round)^2 - n is the square of half the distance of the primes.
bool RsaModulus::meets_square(const BIGNUM* above_root, unsigned round) const {
  const Number a(BN_dup(above_root));
  const Number rest = make();
  require(a && BN_add_word(a.get(), round) == 1 &&
              BN_sqr(rest.get(), a.get(), scratch_.get()) == 1 &&
              BN_sub(rest.get(), rest.get(), n_.get()) == 1,
          "rest");
  return is_square(rest.get());
}

// Fermat's method. Whether a rest can be a square is asked modulo the first primes, on words: one
// in 2^30 that is none passes them, so only a hit costs long arithmetic.
bool RsaModulus::has_close_primes() const {
  const Number a = root(n_.get());
  const Number square = make();
  require(BN_sqr(square.get(), a.get(), scratch_.get()) == 1, "square");
  if (BN_cmp(square.get(), n_.get()) != 0) require(BN_add_word(a.get(), 1) == 1, "above");
  small::Residues start{};
  reduce(a.get(), 3, start);
  for (unsigned round = 0; round < kFermatRounds; ++round) {
    bool possible = true;
    for (std::size_t i = 0; possible && i < small::kSieve; ++i) {
      const std::uint32_t p = kPrimes[i];
      const std::uint32_t x = (start[i] + round) % p;
      possible = small::kSquares[i][(x * x + p - residues_[i]) % p];
    }
    if (possible && meets_square(a.get(), round)) return true;
  }
  return false;
}

}  // namespace countersign::crypto
