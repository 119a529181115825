// How much may be asked of an authority at the same time, and how it has done of late. Turns are
// taken on one loop, in the order of asking; health() is for any thread.
#pragma once

#include <deque>
#include <functional>
#include <mutex>

#include "base/ports.h"
#include "ports/remote_issuer.h"

namespace countersign::issuer {

struct GateLimits {
  std::size_t most_at_once = 0;  // 0: any number
  std::size_t most_waiting = 0;  // from then on it is full; 0: never
};

class Gate {
 public:
  Gate(GateLimits limits, const Clock& clock) : limits_(limits), clock_(clock) {}

  // At once, or when one of those inside leaves.
  void enter(std::move_only_function<void()> turn);
  void leave();

  void answered();
  void failed(const Error& error);
  void rests_until(Time until);

  ports::Health health() const;

 private:
  const GateLimits limits_;
  const Clock& clock_;
  std::deque<std::move_only_function<void()>> waiting_;
  mutable std::mutex mutex_;  // of what follows
  ports::Health health_;
  Time rests_until_{};
};

}  // namespace countersign::issuer
