// Messages of one transaction go one after the other: the second waits until the first is answered.
// In one process only; between nodes the store's version guard decides.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <deque>
#include <mutex>
#include <string>
#include <unordered_map>

#include "server/await.h"

namespace countersign::server {

class Turnstile {
 public:
  // Held while it is one's turn; lets the next in when it goes.
  class Turn {
   public:
    Turn(Turnstile& owner, std::string key) : owner_(&owner), key_(std::move(key)) {}
    Turn(Turn&& other) noexcept
        : owner_(std::exchange(other.owner_, nullptr)), key_(std::move(other.key_)) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (owner_ != nullptr) owner_->leave(key_);
    }

   private:
    Turnstile* owner_;
    std::string key_;
  };

  boost::asio::awaitable<Turn> enter(std::string key);

 private:
  void join(const std::string& key, Done<> turn);
  void leave(const std::string& key);

  std::mutex mutex_;
  std::unordered_map<std::string, std::deque<Done<>>> waiting_;  // present: somebody is in
};

}  // namespace countersign::server
