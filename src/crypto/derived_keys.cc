#include "crypto/derived_keys.h"

#include "crypto/kdf.h"
#include "crypto/libcrypto.h"
#include "crypto/mac.h"
#include "crypto/os_entropy.h"

namespace countersign::crypto {
namespace {

Secret random_key() {
  Bytes octets(digest_size(Digest::sha256));
  require(OsEntropy().fill(octets).has_value(), "random octets");
  return Secret(std::move(octets));
}

void append_number(Bytes& out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<Byte>(value >> shift));
}

}  // namespace

Secret derive(const Derivation& d, View secret) {
  if (d.by == Derivation::By::pbm_key) return pbm_key(d.digest, secret, d.salt, d.iterations);
  return pbkdf2(d.digest, secret, d.salt, d.iterations, d.length);
}

DerivedKeys::DerivedKeys(std::size_t capacity) : naming_(random_key()), keys_(capacity) {}

// Each part has one length, or is told it: no two inputs have the same octets.
Bytes DerivedKeys::id_of(const Derivation& d, View secret) const {
  Bytes input{static_cast<Byte>(d.by), static_cast<Byte>(d.digest)};
  append_number(input, d.iterations);
  append_number(input, d.length);
  append_number(input, d.salt.size());
  append(input, d.salt);
  return hmac(Digest::sha256, naming_.expose(), input, secret);
}

Secret DerivedKeys::get(const Derivation& derivation, View secret, std::optional<Fresh>& fresh) {
  Bytes id = id_of(derivation, secret);
  {
    const std::lock_guard lock(mutex_);
    if (const Secret* known = keys_.find(id)) return known->clone();
  }
  Secret key = derive(derivation, secret);
  fresh = Fresh{std::move(id), key.clone()};
  return key;
}

void DerivedKeys::keep(Fresh fresh) {
  const std::lock_guard lock(mutex_);
  keys_.put(fresh.id, std::move(fresh.key));
}

std::size_t DerivedKeys::size() const {
  const std::lock_guard lock(mutex_);
  return keys_.size();
}

}  // namespace countersign::crypto
