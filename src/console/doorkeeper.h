// Who asks: an operator, told by `Authorization: Bearer <token>` (RFC 6750) or, without that
// header, by the certificate that TLS has verified. Thread-safe; decides in memory, at once.
//
// Whoever shows tokens that are nobody's is slowed down, by address (of IPv6 by its /64): after
// five of them in a row that address's tokens are not looked at for a second, then two, four, … a
// minute at most. At most 10,000 addresses are remembered; who shows a certificate is not
// concerned.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "console/operators.h"
#include "console/problem.h"
#include "crypto/bounded_map.h"

namespace countersign::console {

class Doorkeeper {
 public:
  using Known = std::function<std::shared_ptr<const Operators>()>;
  explicit Doorkeeper(Known known) : known_(std::move(known)) {}

  // 401 "console.unauthenticated", the same for whatever is wrong; 429 "console.slow-down".
  Outcome<Operator> admit(const ports::WebRequest& request, Time now);

 private:
  struct Failures {
    int in_a_row = 0;
    Time closed_until{};
  };
  Outcome<Operator> admit_by_token(const ports::WebRequest& request, Time now);
  Outcome<> check_pace(const std::string& source, Time now);
  void note_failure(const std::string& source, Time now);
  void forget(const std::string& source);

  Known known_;
  std::mutex mutex_;
  crypto::BoundedMap<std::string, Failures> failures_{10'000};
};

// Of "192.0.2.1:40312" the address; of "[2001:db8::1]:40312" the first 64 bits of it.
std::string source_of(std::string_view peer);

}  // namespace countersign::console
