// Paths found valid, by the leaf, the trust set's generation and the purpose. An entry counts while
// every certificate of its path is valid; refusals are not kept. Its owner clears it when a
// certificate is revoked or a trust set changes: revocation is not looked at here.
// Bounded, thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <tuple>

#include "crypto/bounded_map.h"
#include "crypto/path.h"

namespace countersign::crypto {

class PathCache {
 public:
  explicit PathCache(std::size_t capacity = 4096) : paths_(capacity) {}

  // As validate_path. A known leaf is accepted whatever intermediates come with it.
  Result<std::shared_ptr<const Path>> validate(const PathRequest& request);
  std::size_t size() const;
  void clear();

 private:
  using Key = std::tuple<Bytes, std::uint64_t, Purpose>;
  std::shared_ptr<const Path> known(const Key& key, Time at);

  mutable std::mutex mutex_;
  BoundedMap<Key, std::shared_ptr<const Path>> paths_;
  std::uint64_t epoch_ = 0;  // counts clear(): what was begun before it is not kept after it
};

}  // namespace countersign::crypto
