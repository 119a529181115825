#include "server/turnstile.h"

namespace countersign::server {

boost::asio::awaitable<Turnstile::Turn> Turnstile::enter(std::string key) {
  auto start = [&](Done<> done) { join(key, std::move(done)); };
  (void)co_await await_done<void>(start);
  co_return Turn(*this, std::move(key));
}

void Turnstile::join(const std::string& key, Done<> turn) {
  std::unique_lock lock(mutex_);
  const auto [at, first] = waiting_.try_emplace(key);
  if (!first) {
    at->second.push_back(std::move(turn));
    return;
  }
  lock.unlock();
  turn({});
}

void Turnstile::leave(const std::string& key) {
  std::unique_lock lock(mutex_);
  const auto at = waiting_.find(key);
  if (at->second.empty()) {
    waiting_.erase(at);
    return;
  }
  Done<> next = std::move(at->second.front());
  at->second.pop_front();
  lock.unlock();
  next({});
}

}  // namespace countersign::server
