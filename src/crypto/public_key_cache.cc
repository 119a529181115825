#include "crypto/public_key_cache.h"

#include "crypto/digest.h"

namespace countersign::crypto {

Result<PublicKey> PublicKeyCache::get(View spki) {
  const Bytes id = sha256(spki);
  {
    const std::lock_guard lock(mutex_);
    if (const PublicKey* known = keys_.find(id)) return *known;
  }
  PublicKey key = TRY(PublicKey::from_spki(spki));
  const std::lock_guard lock(mutex_);
  keys_.put(id, key);
  return key;
}

std::size_t PublicKeyCache::size() const {
  const std::lock_guard lock(mutex_);
  return keys_.size();
}

void PublicKeyCache::clear() {
  const std::lock_guard lock(mutex_);
  keys_.clear();
}

}  // namespace countersign::crypto
