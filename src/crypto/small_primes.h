// Private to this folder: the odd primes below 752, and what is known of the numbers modulo each.
// All of it is computed by the compiler. NIST SP 800-89 §5.3.3 names the bound.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>

namespace countersign::crypto::small {

inline constexpr unsigned kBound = 752;

constexpr bool is_prime(unsigned n) {
  for (unsigned d = 2; d * d <= n; ++d)
    if (n % d == 0) return false;
  return n > 1;
}
consteval std::size_t odd_primes_below(unsigned bound) {
  std::size_t count = 0;
  for (unsigned n = 3; n < bound; n += 2) count += is_prime(n) ? 1 : 0;
  return count;
}
inline constexpr auto kPrimes = [] {
  std::array<std::uint32_t, odd_primes_below(kBound)> out{};
  std::size_t at = 0;
  for (unsigned n = 3; n < kBound; n += 2)
    if (is_prime(n)) out[at++] = n;
  return out;
}();
// kPrimes[i] divides kPrimes[i]: one residue for each.
using Residues = std::array<std::uint32_t, kPrimes.size()>;

// Neighbours whose product fits a word: one long division by it gives the residues of all of them.
struct Run {
  std::uint64_t product = 1;
  std::size_t first = 0, end = 0;
};
constexpr std::size_t end_of_run(std::size_t first) {
  std::uint64_t product = 1;
  std::size_t end = first;
  while (end < kPrimes.size() && product <= UINT64_MAX / kPrimes[end]) product *= kPrimes[end++];
  return end;
}
consteval std::size_t count_runs() {
  std::size_t count = 0;
  for (std::size_t at = 0; at < kPrimes.size(); at = end_of_run(at)) ++count;
  return count;
}
inline constexpr auto kRuns = [] {
  std::array<Run, count_runs()> out{};
  std::size_t at = 0;
  for (Run& run : out) {
    run.first = at;
    run.end = at = end_of_run(at);
    for (std::size_t i = run.first; i < run.end; ++i) run.product *= kPrimes[i];
  }
  return out;
}();

constexpr std::uint32_t power(std::uint32_t base, std::uint32_t exponent, std::uint32_t modulus) {
  std::uint32_t out = 1;
  for (base %= modulus; exponent != 0; exponent >>= 1, base = base * base % modulus)
    if ((exponent & 1) != 0) out = out * base % modulus;
  return out;
}

// For the first `Count` primes: does a residue have the property?
template <std::size_t Count, unsigned Largest>
using Marks = std::array<std::array<bool, Largest + 1>, Count>;

// Squares, zero among them.
inline constexpr std::size_t kSieve = kRuns[2].end;
inline constexpr auto kSquares = [] {
  Marks<kSieve, kPrimes[kSieve - 1]> out{};
  for (std::size_t i = 0; i < kSieve; ++i)
    for (std::uint32_t x = 0; x < kPrimes[i]; ++x) out[i][x * x % kPrimes[i]] = true;
  return out;
}();

// Powers of 65537, for the primes up to 167.
inline constexpr std::size_t kRoca = odd_primes_below(168);
inline constexpr auto kPowersOfF4 = [] {
  Marks<kRoca, kPrimes[kRoca - 1]> out{};
  for (std::size_t i = 0; i < kRoca; ++i)
    for (std::uint32_t x = 1; !out[i][x]; x = x * (65537 % kPrimes[i]) % kPrimes[i])
      out[i][x] = true;
  return out;
}();

}  // namespace countersign::crypto::small
