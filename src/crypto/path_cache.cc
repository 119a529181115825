#include "crypto/path_cache.h"

#include "crypto/digest.h"

namespace countersign::crypto {

std::shared_ptr<const Path> PathCache::known(const Key& key, Time at) {
  const std::shared_ptr<const Path>* found = paths_.find(key);
  if (found == nullptr || at < (*found)->not_before || at > (*found)->not_after) return nullptr;
  return *found;
}

Result<std::shared_ptr<const Path>> PathCache::validate(const PathRequest& request) {
  const Key key{sha256(request.leaf), request.trust.generation(), request.purpose};
  std::uint64_t begun = 0;
  {
    const std::lock_guard lock(mutex_);
    if (auto path = known(key, request.at)) return path;
    begun = epoch_;
  }
  auto path = std::make_shared<const Path>(TRY(validate_path(request)));
  const std::lock_guard lock(mutex_);
  if (begun == epoch_) paths_.put(key, path);
  return path;
}

std::size_t PathCache::size() const {
  const std::lock_guard lock(mutex_);
  return paths_.size();
}

void PathCache::clear() {
  const std::lock_guard lock(mutex_);
  paths_.clear();
  ++epoch_;
}

}  // namespace countersign::crypto
