#include "store/vault.h"

#include "crypto/kdf.h"
#include "crypto/mac.h"
#include "crypto/seal.h"

namespace countersign::store {
namespace {

constexpr std::size_t kKeySize = 32;

// kind || 0x00 || row: unambiguous, because no kind holds a zero octet.
Bytes address(std::string_view kind, View row) {
  Bytes out = to_bytes(kind);
  out.push_back(0);
  append(out, row);
  return out;
}

Secret value_key(const Secret& sealing, View where) {
  return Secret(crypto::hmac(crypto::Digest::sha256, sealing.expose(), where));
}

}  // namespace

Result<Vault> Vault::make(const Secret& store_key, Entropy& entropy) {
  if (store_key.size() != crypto::kStoreKeySize)
    return fail(Failure::systemFailure, "store.key-size",
                "the store key must have 32 octets; it has " + std::to_string(store_key.size()));
  const View key = store_key.expose();
  return Vault(crypto::hkdf_sha256(key, {}, view("countersign store seal"), kKeySize),
               crypto::hkdf_sha256(key, {}, view("countersign store mac"), kKeySize), entropy);
}

Result<Bytes> Vault::seal(std::string_view kind, View row, View plaintext) const {
  const Bytes where = address(kind, row);
  return crypto::seal(value_key(sealing_, where).expose(), where, plaintext, *entropy_);
}

Result<Secret> Vault::open(std::string_view kind, View row, View sealed) const {
  const Bytes where = address(kind, row);
  return crypto::open(value_key(sealing_, where).expose(), where, sealed);
}

Bytes Vault::mac(std::string_view kind, View data) const {
  return crypto::hmac(crypto::Digest::sha256, signing_.expose(), address(kind, {}), data);
}

bool Vault::mac_matches(std::string_view kind, View data, View mac) const {
  return crypto::hmac_matches(crypto::Digest::sha256, signing_.expose(), address(kind, {}), data,
                              mac);
}

}  // namespace countersign::store
