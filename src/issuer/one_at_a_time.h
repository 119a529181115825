// Work on orders, one piece at a time for each of them: the others wait until it has gone. On one
// loop, which outlives it.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <string>

namespace countersign::issuer {

class OneAtATime {
 public:
  using Then = std::move_only_function<void()>;
  using After = std::function<void(std::chrono::milliseconds, Then)>;
  explicit OneAtATime(After after) : after_(std::move(after)) {}

  // From any thread: runs it on the loop, once that order is free.
  void when_free(const std::string& id, Then then) {
    after_(std::chrono::milliseconds{0}, [this, id, then = std::move(then)]() mutable {
      const auto at = under_way_.find(id);
      if (at == under_way_.end()) return then();
      at->second.push_back(std::move(then));
    });
  }
  void begin(const std::string& id) { under_way_.try_emplace(id); }
  bool contains(const std::string& id) const { return under_way_.contains(id); }
  // The next in line, on its own turn of the loop.
  void gone(const std::string& id) {
    const auto at = under_way_.find(id);
    if (at->second.empty()) {
      under_way_.erase(at);
      return;
    }
    auto next = std::move(at->second.front());
    at->second.pop_front();
    after_(std::chrono::milliseconds{0}, std::move(next));
  }

 private:
  After after_;
  std::map<std::string, std::deque<Then>> under_way_;  // by the ids of orders
};

}  // namespace countersign::issuer
