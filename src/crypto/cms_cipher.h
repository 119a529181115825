// Private to this folder: the symmetric ciphers of CMS. RFC 3565, RFC 9481 §4.3 and §5.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "base/secret.h"
#include "der/oid.h"

namespace countersign::crypto::cms {

struct CipherRow {
  der::Oid oid;
  const char* name;  // OpenSSL's
  std::size_t key_size;
};

inline constexpr std::size_t kKeySize = 32;  // of what we make
inline constexpr std::size_t kBlock = 16;

const CipherRow* content_cipher(const der::Oid& oid) noexcept;  // AES-CBC; null: another
const CipherRow* key_wrap(const der::Oid& oid) noexcept;        // AES key wrap; null: another
const CipherRow& strongest_content_cipher() noexcept;           // of kKeySize
const CipherRow& strongest_key_wrap() noexcept;

Bytes encrypt(const CipherRow& content_cipher, View key, View iv, View plain);
// nullopt: wrong key or padding; nobody is told which.
std::optional<Secret> decrypt(const CipherRow& content_cipher, View key, View iv, View encrypted);

// RFC 3394.
Bytes wrap(const CipherRow& key_wrap, View kek, View key);
std::optional<Secret> unwrap(const CipherRow& key_wrap, View kek, View wrapped);

}  // namespace countersign::crypto::cms
