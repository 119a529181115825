// Decoded public keys by the SHA-256 of their SubjectPublicKeyInfo: decoding costs 3-10 µs and is
// done for the same few keys again and again. Bounded, thread-safe; refused keys are not kept.
#pragma once

#include <mutex>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/bounded_map.h"
#include "crypto/keys.h"

namespace countersign::crypto {

class PublicKeyCache {
 public:
  explicit PublicKeyCache(std::size_t capacity = 4096) : keys_(capacity) {}
  Result<PublicKey> get(View spki);  // as PublicKey::from_spki
  std::size_t size() const;
  void clear();

 private:
  mutable std::mutex mutex_;
  BoundedMap<Bytes, PublicKey> keys_;
};

}  // namespace countersign::crypto
