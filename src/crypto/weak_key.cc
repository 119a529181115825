#include "crypto/weak_key.h"

#include <algorithm>
#include <array>

#include "crypto/key_data.h"
#include "crypto/rsa_modulus.h"

namespace countersign::crypto {
namespace {

std::string new_key() {
  return "; make a new key with another program, for example: openssl genpkey -algorithm EC "
         "-pkeyopt group:P-256 -out new.key";
}

Result<> check_modulus(View magnitude) {
  const RsaModulus modulus(magnitude);
  if (const auto factor = modulus.small_factor())
    return fail(Failure::badCertTemplate, "key.small-factor",
                "the RSA modulus is damaged, or no product of two primes: it can be divided by " +
                    std::to_string(*factor) + new_key());
  if (modulus.is_of_roca())
    return fail(Failure::badCertTemplate, "key.roca",
                "the RSA key is of the kind that CVE-2017-15361 (ROCA) breaks: its private half "
                "can be computed; make a new key outside of that chip, or with its firmware "
                "mended");
  if (modulus.is_odd_power())
    return fail(Failure::badCertTemplate, "key.power",
                "the RSA modulus is a power of one number, so it is easily factored" + new_key());
  if (modulus.has_close_primes())
    return fail(
        Failure::badCertTemplate, "key.close-primes",
        "the primes of the RSA modulus are so close that it is easily factored" + new_key());
  return {};
}

Result<> check_rsa(const PublicKey& key, const WeakKeyPolicy& policy) {
  TRY(check_rsa(key.data(), policy.least_exponent));
  if (policy.modulus_length == ModulusLength::whole_octets && key.bits() % 8 != 0)
    return fail(Failure::badCertTemplate, "key.modulus-length",
                "the length of the RSA modulus is no multiple of 8 bits, but " +
                    std::to_string(key.bits()) + "; make a key of 2048, 3072 or 4096 bits");
  return check_modulus(rsa_numbers(key.data()).modulus);
}

// RFC 8032 §5.1.2, §5.2.2: y as a little-endian number, the sign of x in its last bit.
Bytes big_endian_y(View encoded) {
  Bytes y(encoded.rbegin(), encoded.rend());
  y[0] &= 0x7f;
  return y;
}

// p - 1 of the field: 2^255 - 20, or 2^448 - 2^224 - 2 behind an octet that is 0.
Bytes greatest_y(KeyKind kind) {
  if (kind == KeyKind::ed25519) {
    Bytes out(32, 0xff);
    out.front() = 0x7f;
    out.back() = 0xec;
    return out;
  }
  Bytes out(57, 0xff);
  out[0] = 0;
  out[28] = 0xfe;
  out[56] = 0xfe;
  return out;
}

// Of the four points of edwards25519 whose order is 8.
constexpr std::array<std::string_view, 2> kOrderEight = {
    "05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826",
    "7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7"};

// The orders 1, 2 and 4 are at y = 1, -1 and 0; what is above p - 1 is no coordinate.
bool is_small_order(const PublicKey& key) {
  const Bytes y = big_endian_y(key.key_octets());
  const bool zero_or_one =
      y.back() <= 1 && std::all_of(y.begin(), y.end() - 1, [](Byte octet) { return octet == 0; });
  return zero_or_one || y >= greatest_y(key.kind()) ||
         std::ranges::find(kOrderEight, to_hex(y)) != kOrderEight.end();
}

Result<> check_by_kind(const PublicKey& key, const WeakKeyPolicy& policy) {
  if (is_rsa(key.kind())) return check_rsa(key, policy);
  TRY(key.check_strength());
  const bool edwards = key.kind() == KeyKind::ed25519 || key.kind() == KeyKind::ed448;
  if (edwards && is_small_order(key))
    return fail(Failure::badCertTemplate, "key.point",
                "the public key is a point of small order, or no point at all: anybody can sign "
                "for it" +
                    new_key());
  return {};
}

}  // namespace

Result<> check_strength(const PublicKey& key, const WeakKeyPolicy& policy) {
  TRY(check_by_kind(key, policy));
  if (policy.blocked != nullptr && policy.blocked->holds(key))
    return fail(Failure::badCertTemplate, "key.blocked",
                "the key is in the list of keys whose private half is known" + new_key());
  return {};
}

Result<> check_strength(View spki, const WeakKeyPolicy& policy) {
  const PublicKey key = TRY(PublicKey::from_spki(spki));
  return check_strength(key, policy);
}

}  // namespace countersign::crypto
