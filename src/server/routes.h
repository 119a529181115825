// Which authority the transactions were passed on to that are carried on there. Thread-safe; what
// is forgotten goes by its sender's certificate.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "crypto/bounded_map.h"

namespace countersign::server {

// What a request was granted that is passed on: its answer may come to a later message.
struct RelayedRequest {
  std::string profile;     // RA profile
  std::string subscriber;  // whose it will be; empty: nobody's in particular
};

class Routes {
 public:
  struct Begun {
    std::string authority;
    std::vector<RelayedRequest> requests;
  };
  // By endpoint, sender and transactionID.
  std::optional<Begun> find(const std::string& transaction) {
    const std::lock_guard lock(mutex_);
    const auto* found = begun_.find(transaction);
    return found == nullptr ? std::nullopt : std::optional(*found);
  }
  void put(const std::string& transaction, Begun begun) {
    const std::lock_guard lock(mutex_);
    begun_.put(transaction, std::move(begun));
  }

 private:
  static constexpr std::size_t kMost = 10'000;
  std::mutex mutex_;
  crypto::BoundedMap<std::string, Begun> begun_{kMost};
};

}  // namespace countersign::server
