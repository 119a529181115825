#include "server/ready_keys.h"

namespace countersign::server {

void ReadyKeys::keep(std::size_t of_each) {
  of_each_ = of_each;
  if (of_each > 0) thread_ = std::jthread([this](const std::stop_token& stop) { find_keys(stop); });
}

std::optional<crypto::PrivateKey> ReadyKeys::take(const std::string& algorithm) {
  const auto* spec = crypto::key_spec(algorithm);
  if (of_each_ == 0 || spec == nullptr || !spec->slow_to_generate) return std::nullopt;
  std::optional<crypto::PrivateKey> key;
  {
    const std::lock_guard lock(mutex_);
    auto& keys = ready_[algorithm];
    if (!keys.empty()) {
      key = std::move(keys.back());
      keys.pop_back();
    }
  }
  taken_.notify_one();
  return key;
}

std::string ReadyKeys::wanted() const {
  for (const auto& [algorithm, keys] : ready_)
    if (keys.size() < of_each_) return algorithm;
  return {};
}

void ReadyKeys::find_keys(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    taken_.wait(lock, stop, [this] { return !wanted().empty(); });
    const std::string algorithm = wanted();
    if (stop.stop_requested() || algorithm.empty()) continue;
    lock.unlock();
    auto key = crypto::PrivateKey::generate(*crypto::key_spec(algorithm));
    lock.lock();
    ready_[algorithm].push_back(std::move(key));
  }
}

}  // namespace countersign::server
