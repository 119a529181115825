// Passes whole messages on to whoever answers them, and gives back the answer as it came: what a
// registration authority does with messages that it must not change.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "message/message.h"

namespace countersign::ports {

struct Relay {
  virtual ~Relay() = default;
  // RFC 9483 §5.2.1: untouched; §5.2.2.1: nested in a message with our signature, which says that
  // we have validated it and approve of it; §5.2.2.2: untouched, but together with others.
  enum class How { untouched, vouched_for, batched };
  struct Item {
    message::PKIMessage message;
    How how{};
    std::string label = {};  // of the operation, in the path that it came by; empty: none
    // By which its sender has proved itself: its answer is verified by that, too.
    std::optional<Secret> secret = {};
  };
  // The same octets are sent until an answer comes or patience is over. Done on any thread.
  // Errors: systemUnavail "issuer.upstream-unreachable", "issuer.upstream-missing"; systemFailure
  // "issuer.upstream-status", "issuer.upstream-answer"; the upstream's own,
  // "issuer.upstream-refused".
  virtual void forward(Item item, Done<Bytes> done) = 0;
};

}  // namespace countersign::ports
