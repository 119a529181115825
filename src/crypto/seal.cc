#include "crypto/seal.h"

#include <limits>

#include "crypto/libcrypto.h"

namespace countersign::crypto {
namespace {

constexpr Byte kVersion = 0x01;
constexpr std::size_t kNonceSize = 12;
constexpr std::size_t kTagSize = 16;

enum class Direction { seal, open };

const EVP_CIPHER* fetched_cipher() {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  require(cipher != nullptr, "AES-256-GCM");
  return cipher;
}

int checked(std::size_t size) {
  require(size <= static_cast<std::size_t>(std::numeric_limits<int>::max()), "value too large");
  return static_cast<int>(size);
}

// A context that has the key, the nonce and all that is authenticated but not encrypted.
EvpCipherContext start(Direction direction, View key, View nonce, View associated) {
  EvpCipherContext context(EVP_CIPHER_CTX_new());
  require(context != nullptr, "cipher context");
  const int encrypt = direction == Direction::seal ? 1 : 0;
  require(EVP_CipherInit_ex2(context.get(), fetched_cipher(), key.data(), nonce.data(), encrypt,
                             nullptr) == 1,
          "AES-256-GCM init");
  int ignored = 0;
  require(EVP_CipherUpdate(context.get(), nullptr, &ignored, &kVersion, 1) == 1, "GCM version");
  require(EVP_CipherUpdate(context.get(), nullptr, &ignored, pointer(associated),
                           checked(associated.size())) == 1,
          "GCM associated data");
  return context;
}

std::unexpected<Error> wrong_key() {
  return fail(Failure::systemFailure, "crypto.seal-key",
              "the store key must have 32 octets; check where the configuration takes it from");
}

std::unexpected<Error> broken() {
  return fail(
      Failure::systemFailure, "crypto.seal-broken",
      "a stored secret cannot be opened; check that the store key is the one that sealed it");
}

}  // namespace

Result<Bytes> seal(View key, View associated, View plaintext, Entropy& entropy) {
  if (key.size() != kStoreKeySize) return wrong_key();
  Bytes out(kSealOverhead + plaintext.size());
  out[0] = kVersion;
  const std::span<Byte> nonce(out.data() + 1, kNonceSize);
  TRY(entropy.fill(nonce));
  const EvpCipherContext context = start(Direction::seal, key, nonce, associated);
  Byte* const ciphertext = out.data() + 1 + kNonceSize;
  int written = 0;
  require(EVP_CipherUpdate(context.get(), ciphertext, &written, pointer(plaintext),
                           checked(plaintext.size())) == 1,
          "GCM encrypt");
  Byte* const tag = ciphertext + plaintext.size();
  require(EVP_CipherFinal_ex(context.get(), tag, &written) == 1, "GCM end");
  require(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTagSize, tag) == 1, "GCM tag");
  return out;
}

Result<Secret> open(View key, View associated, View sealed) {
  if (key.size() != kStoreKeySize) return wrong_key();
  if (sealed.size() < kSealOverhead || sealed[0] != kVersion) return broken();
  const View nonce = sealed.subspan(1, kNonceSize);
  const View ciphertext = sealed.subspan(1 + kNonceSize, sealed.size() - kSealOverhead);
  Bytes tag = copy(sealed.last(kTagSize));
  const EvpCipherContext context = start(Direction::open, key, nonce, associated);
  Bytes plaintext(ciphertext.size() + 1);  // one more, so that data() is not null
  int written = 0;
  require(EVP_CipherUpdate(context.get(), plaintext.data(), &written, pointer(ciphertext),
                           checked(ciphertext.size())) == 1,
          "GCM decrypt");
  require(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTagSize, tag.data()) == 1,
          "GCM tag");
  Byte rest[16];
  if (EVP_CipherFinal_ex(context.get(), rest, &written) != 1) {
    wipe(plaintext);
    ERR_clear_error();
    return broken();
  }
  plaintext.pop_back();
  return Secret(std::move(plaintext));
}

}  // namespace countersign::crypto
