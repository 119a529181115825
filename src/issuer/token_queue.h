// The one door to a PKCS #11 module: a thread on which all of its calls are made, one after the
// other, and a bounded queue before it. SoftHSM has one lock for all, and so have most tokens.
//
// A module may hang: what waits longer than `patience` for the call under way is answered
// "issuer.token-slow", and so is everything new until that call returns. stop() answers what waits
// ("issuer.token-closed"), lets the call under way end, and leaves its thread behind where it
// hangs; what that thread still uses lives on.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <thread>

#include "base/bytes.h"
#include "base/result.h"

namespace countersign::issuer {

class TokenQueue {
 public:
  using Work = std::move_only_function<Result<Bytes>()>;
  struct Limits {
    std::size_t most_waiting = 256;  // at 1 ms each, a quarter of a second
    std::chrono::milliseconds patience{10'000};
  };

  explicit TokenQueue(Limits limits);
  ~TokenQueue();
  TokenQueue(const TokenQueue&) = delete;
  TokenQueue& operator=(const TokenQueue&) = delete;

  // Done on the queue's thread; or at once, on the caller's, with "issuer.token-busy" (it is full),
  // "issuer.token-slow" or "issuer.token-closed". The work owns what it uses: it may outlive this.
  void ask(Work work, Done<Bytes> done);
  void stop();

 private:
  struct State;
  std::shared_ptr<State> state_;
  std::thread worker_, watch_;
};

}  // namespace countersign::issuer
