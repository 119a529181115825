#include "crypto/pss_shake.h"

#include <algorithm>

#include "crypto/libcrypto.h"

namespace countersign::crypto {
namespace {

constexpr Byte kTrailer = 0xBC;

// RFC 8702 §3.2.1 [MUST] SHAKE natively, not in the rounds of MGF1.
Bytes mask(Digest shake, View seed, std::size_t length) {
  const EvpMdContext context(EVP_MD_CTX_new());
  Bytes out(length);
  require(context && EVP_DigestInit_ex2(context.get(), fetched(shake), nullptr) == 1 &&
              EVP_DigestUpdate(context.get(), seed.data(), seed.size()) == 1 &&
              EVP_DigestFinalXOF(context.get(), out.data(), out.size()) == 1,
          "SHAKE");
  return out;
}

// H = Hash(eight zero octets || mHash || salt)
Bytes hash_with_salt(Digest shake, View message_digest, View salt) {
  constexpr std::array<Byte, 8> kZeros{};
  return Hasher(shake).update(kZeros).update(message_digest).update(salt).finish();
}

// Where the parts of EM = maskedDB || H || 0xBC lie in the octets of the modulus.
struct Shape {
  std::size_t skipped;  // octets of the modulus before EM: 0 or 1
  std::size_t masked;   // of maskedDB
  std::size_t hash;
  Byte unused;  // bits of the first octet that are zero
};

// emBits is one less than the bits of the modulus.
std::optional<Shape> shape_of(Digest shake, unsigned modulus_bits) {
  if (modulus_bits < 2) return std::nullopt;
  const std::size_t em_bits = modulus_bits - 1;
  const std::size_t em_size = (em_bits + 7) / 8;
  const std::size_t hash = digest_size(shake);
  if (em_size < 2 * hash + 2) return std::nullopt;
  const std::size_t skipped = (modulus_bits + 7) / 8 - em_size;
  const auto unused = static_cast<Byte>(~(0xFFU >> (8 * em_size - em_bits)));
  return Shape{skipped, em_size - hash - 1, hash, unused};
}

}  // namespace

std::optional<Bytes> encode_pss_shake(Digest shake, View message_digest, View salt,
                                      unsigned modulus_bits) {
  const auto shape = shape_of(shake, modulus_bits);
  if (!shape || salt.size() != shape->hash) return std::nullopt;
  const Bytes hash = hash_with_salt(shake, message_digest, salt);
  Bytes block(shape->masked);  // DB = zeros || 0x01 || salt
  block[shape->masked - salt.size() - 1] = 0x01;
  std::ranges::copy(salt, block.end() - static_cast<std::ptrdiff_t>(salt.size()));
  const Bytes over = mask(shake, hash, block.size());
  for (std::size_t i = 0; i < block.size(); ++i) block[i] ^= over[i];
  block[0] &= static_cast<Byte>(~shape->unused);
  Bytes out(shape->skipped);
  append(out, block);
  append(out, hash);
  out.push_back(kTrailer);
  return out;
}

bool pss_shake_matches(Digest shake, View message_digest, View encoded, unsigned modulus_bits) {
  const auto shape = shape_of(shake, modulus_bits);
  if (!shape || encoded.size() != shape->skipped + shape->masked + shape->hash + 1) return false;
  if (shape->skipped == 1 && encoded[0] != 0) return false;
  const View masked = encoded.subspan(shape->skipped, shape->masked);
  const View hash = encoded.subspan(shape->skipped + shape->masked, shape->hash);
  if (encoded.back() != kTrailer || (masked[0] & shape->unused) != 0) return false;
  Bytes block = mask(shake, hash, masked.size());
  for (std::size_t i = 0; i < block.size(); ++i) block[i] ^= masked[i];
  block[0] &= static_cast<Byte>(~shape->unused);
  const View salt = View(block).last(shape->hash);
  const View padding = View(block).first(block.size() - shape->hash);
  const bool padded =
      padding.back() == 0x01 &&
      std::ranges::all_of(padding.first(padding.size() - 1), [](Byte octet) { return octet == 0; });
  return padded && equal(hash_with_salt(shake, message_digest, salt), hash);
}

}  // namespace countersign::crypto
