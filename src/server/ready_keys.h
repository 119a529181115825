// Key pairs that take long to find (RSA), found beforehand, for clients that have theirs made here
// (RFC 9483 §4.1.6): nobody waits for the primes of another. A kind that was asked for once is kept
// ready from then on; on a thread of its own, which sleeps while enough are there.
//
// Thread-safe. Destroyed, it finishes the key that it is at: up to seconds for rsa4096.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "crypto/keys.h"

namespace countersign::server {

class ReadyKeys {
 public:
  // So many of each kind; 0: none are kept. Before the first take().
  void keep(std::size_t of_each);

  // nullopt: none is ready, or that kind is quick to make anyway.
  std::optional<crypto::PrivateKey> take(const std::string& algorithm);

 private:
  void find_keys(const std::stop_token& stop);
  // The kind that has too few; empty: none. Under the lock.
  std::string wanted() const;

  std::size_t of_each_ = 0;
  std::mutex mutex_;
  std::condition_variable_any taken_;
  std::map<std::string, std::vector<crypto::PrivateKey>> ready_;
  std::jthread thread_;  // last: ends before the rest goes
};

}  // namespace countersign::server
