// Seals what a store keeps but must not show: replies, credential secrets, secret values; and makes
// the MACs that let the store notice rows that somebody else wrote.
//
// Every value is sealed under a key of its own, derived from the store key, the kind and the row's
// key: so a sealed value opens nowhere but in its row, and the limit of 2^32 values to a key
// (crypto/seal.h) is never reached. Whoever has the store key can read and forge everything here.
//
// The Vault owns the store key and borrows the Entropy, which must outlive it. Safe for use by
// several threads. Errors: store.key-size, crypto.seal-broken, and what Entropy reports.
#pragma once

#include <string_view>

#include "base/ports.h"
#include "base/secret.h"

namespace countersign::store {

class Vault {
 public:
  // The store key must have crypto::kStoreKeySize octets.
  static Result<Vault> make(const Secret& store_key, Entropy& entropy);

  // `kind` names the table ("reply"), `row` the key in it.
  Result<Bytes> seal(std::string_view kind, View row, View plaintext) const;
  Result<Secret> open(std::string_view kind, View row, View sealed) const;

  // HMAC-SHA-256 under a key that seals nothing.
  Bytes mac(std::string_view kind, View data) const;
  bool mac_matches(std::string_view kind, View data, View mac) const;

 private:
  Vault(Secret sealing, Secret signing, Entropy& entropy) noexcept
      : sealing_(std::move(sealing)), signing_(std::move(signing)), entropy_(&entropy) {}

  Secret sealing_;
  Secret signing_;
  Entropy* entropy_;
};

}  // namespace countersign::store
