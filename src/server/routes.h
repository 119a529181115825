// Which authority the transactions were passed on to that are carried on there. Thread-safe; what
// is forgotten goes by its sender's certificate.
#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "crypto/bounded_map.h"

namespace countersign::server {

class Routes {
 public:
  // By endpoint, sender and transactionID.
  std::optional<std::string> find(const std::string& transaction) {
    const std::lock_guard lock(mutex_);
    const auto* found = authorities_.find(transaction);
    return found == nullptr ? std::nullopt : std::optional(*found);
  }
  void put(const std::string& transaction, std::string authority) {
    const std::lock_guard lock(mutex_);
    authorities_.put(transaction, std::move(authority));
  }

 private:
  static constexpr std::size_t kMost = 10'000;
  std::mutex mutex_;
  crypto::BoundedMap<std::string, std::string> authorities_{kMost};
};

}  // namespace countersign::server
