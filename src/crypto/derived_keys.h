// Keys that were derived from shared secrets before, by what they were derived from. A sender may
// use the same parameters for all its messages (RFC 9810 §5.1.3.1 recommends it for those of one
// transaction), and deriving costs thousands of digests. Bounded, thread-safe; the secrets
// themselves are not kept.
#pragma once

#include <mutex>
#include <optional>

#include "base/secret.h"
#include "crypto/bounded_map.h"
#include "crypto/digest.h"

namespace countersign::crypto {

// What a key is derived from, beside the secret. As of crypto/kdf.h, with its bounds.
struct Derivation {
  enum class By : Byte { pbm_key, pbkdf2 } by = By::pbkdf2;
  Digest digest = Digest::sha256;
  View salt;
  unsigned iterations = 0;
  std::size_t length = 0;  // pbkdf2
};
Secret derive(const Derivation& derivation, View secret);

class DerivedKeys {
 public:
  struct Fresh {
    Bytes id;
    Secret key;
  };
  explicit DerivedKeys(std::size_t capacity = 4096);

  // `fresh` is what had to be derived. It is for keep(), once it has proved to be the right key:
  // whether one is known must tell nothing to those who guess.
  Secret get(const Derivation& derivation, View secret, std::optional<Fresh>& fresh);
  void keep(Fresh fresh);
  std::size_t size() const;

 private:
  Bytes id_of(const Derivation& derivation, View secret) const;

  const Secret naming_;  // nobody can tell from an id which secret it is of
  mutable std::mutex mutex_;
  BoundedMap<Bytes, Secret> keys_;
};

}  // namespace countersign::crypto
