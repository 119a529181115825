#include "crypto/cms_cipher.h"

#include <algorithm>
#include <array>
#include <limits>

#include "crypto/libcrypto.h"

namespace countersign::crypto::cms {
namespace {

constexpr std::array kContentCiphers{
    CipherRow{der::Oid::of("2.16.840.1.101.3.4.1.2"), "AES-128-CBC", 16},
    CipherRow{der::Oid::of("2.16.840.1.101.3.4.1.22"), "AES-192-CBC", 24},
    CipherRow{der::Oid::of("2.16.840.1.101.3.4.1.42"), "AES-256-CBC", 32},
};
constexpr std::array kKeyWraps{
    CipherRow{der::Oid::of("2.16.840.1.101.3.4.1.5"), "AES-128-WRAP", 16},
    CipherRow{der::Oid::of("2.16.840.1.101.3.4.1.25"), "AES-192-WRAP", 24},
    CipherRow{der::Oid::of("2.16.840.1.101.3.4.1.45"), "AES-256-WRAP", 32},
};

enum class Direction : int { decrypt = 0, encrypt = 1 };

// Empty view for `iv`: the cipher's own. The size of the result, or nullopt when it is refused.
std::optional<std::size_t> run(const CipherRow& row, Direction direction, View key, View iv,
                               View in, Bytes& out) {
  const EvpCipher cipher(EVP_CIPHER_fetch(nullptr, row.name, nullptr));
  const EvpCipherContext context(EVP_CIPHER_CTX_new());
  require(cipher && context, row.name);
  require(in.size() <= static_cast<std::size_t>(std::numeric_limits<int>::max()), "size");
  EVP_CIPHER_CTX_set_flags(context.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
  require(
      EVP_CipherInit_ex2(context.get(), cipher.get(), key.data(), iv.empty() ? nullptr : iv.data(),
                         static_cast<int>(direction), nullptr) == 1,
      row.name);
  int size = 0;
  int rest = 0;
  const bool done = EVP_CipherUpdate(context.get(), out.data(), &size, pointer(in),
                                     static_cast<int>(in.size())) == 1 &&
                    EVP_CipherFinal_ex(context.get(), out.data() + size, &rest) == 1;
  ERR_clear_error();
  if (!done) return std::nullopt;
  return static_cast<std::size_t>(size + rest);
}

std::optional<Secret> reveal(const CipherRow& row, View key, View iv, View in) {
  Bytes out(in.size() + 2 * kBlock);
  const auto size = run(row, Direction::decrypt, key, iv, in, out);
  if (!size) {
    countersign::wipe(out);
    return std::nullopt;
  }
  out.resize(*size);
  return Secret(std::move(out));
}

Bytes conceal(const CipherRow& row, View key, View iv, View in) {
  Bytes out(in.size() + 2 * kBlock);
  const auto size = run(row, Direction::encrypt, key, iv, in, out);
  require(size.has_value(), row.name);
  out.resize(*size);
  return out;
}

const CipherRow* find(const auto& rows, const der::Oid& oid) noexcept {
  const auto* row = std::ranges::find(rows, oid, &CipherRow::oid);
  return row == rows.end() ? nullptr : row;
}

}  // namespace

const CipherRow* content_cipher(const der::Oid& oid) noexcept { return find(kContentCiphers, oid); }
const CipherRow* key_wrap(const der::Oid& oid) noexcept { return find(kKeyWraps, oid); }
const CipherRow& strongest_content_cipher() noexcept { return kContentCiphers.back(); }
const CipherRow& strongest_key_wrap() noexcept { return kKeyWraps.back(); }

Bytes encrypt(const CipherRow& content_cipher, View key, View iv, View plain) {
  return conceal(content_cipher, key, iv, plain);
}

std::optional<Secret> decrypt(const CipherRow& content_cipher, View key, View iv, View encrypted) {
  return reveal(content_cipher, key, iv, encrypted);
}

Bytes wrap(const CipherRow& key_wrap, View kek, View key) {
  return conceal(key_wrap, kek, {}, key);
}

std::optional<Secret> unwrap(const CipherRow& key_wrap, View kek, View wrapped) {
  return reveal(key_wrap, kek, {}, wrapped);
}

}  // namespace countersign::crypto::cms
