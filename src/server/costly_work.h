// Work that takes milliseconds and more: deriving a key under a peer's own iteration count, which
// anybody may ask for before proving anything; making a key pair for a requester. It is done on the
// slow pool, so that no loop stands still; a bounded number may wait, and a bounded number from one
// source, so that no peer fills the pool.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <mutex>
#include <string>
#include <unordered_map>

#include "server/await.h"

namespace countersign::server {

class CostlyWork {
 public:
  using RunElsewhere = std::function<void(std::move_only_function<void()>)>;
  struct Bounds {
    std::size_t waiting = 256;  // in all
    std::size_t of_one_source = 8;
  };

  CostlyWork() = default;
  explicit CostlyWork(Bounds bounds) : bounds_(bounds) {}
  void run_on(RunElsewhere pool) { run_ = std::move(pool); }  // in place without; before serving

  // What `work` returns, a Result<T>. "server.busy" without doing it when too much waits already.
  // What `work` borrows lives until this is done.
  template <class T, class Work>
  boost::asio::awaitable<Result<T>> run(const std::string& peer, Work& work) {
    const std::string source = peer.substr(0, peer.rfind(':'));
    if (!enter(source))
      co_return fail(Failure::systemUnavail, "server.busy",
                     "too many messages that take long to answer wait already; send the same "
                     "request again in a second");
    auto start = [&](Done<T> done) {
      run_([&work, done = std::move(done)]() mutable { done(work()); });
    };
    auto result = co_await await_done<T>(start);
    leave(source);
    co_return result;
  }

 private:
  bool enter(const std::string& source) {
    const std::lock_guard lock(mutex_);
    if (waiting_ >= bounds_.waiting) return false;
    std::size_t& own = sources_[source];
    if (own >= bounds_.of_one_source) return false;
    ++own;
    ++waiting_;
    return true;
  }
  void leave(const std::string& source) {
    const std::lock_guard lock(mutex_);
    --waiting_;
    const auto at = sources_.find(source);
    if (--at->second == 0) sources_.erase(at);
  }

  RunElsewhere run_ = [](std::move_only_function<void()> work) { work(); };
  const Bounds bounds_;
  std::mutex mutex_;
  std::size_t waiting_ = 0;
  std::unordered_map<std::string, std::size_t> sources_;
};

}  // namespace countersign::server
