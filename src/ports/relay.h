// Passes whole messages on to whoever answers them, and gives back the answer as it came: what a
// registration authority does with messages that it must not change.
#pragma once

#include "base/result.h"
#include "message/message.h"

namespace countersign::ports {

struct Relay {
  virtual ~Relay() = default;
  // RFC 9483 §5.2.1: untouched; §5.2.2.1: nested in a message with our signature, which says that
  // we have validated it and approve of it; §5.2.2.2: untouched, but together with others.
  enum class How { untouched, vouched_for, batched };
  // The same octets are sent until an answer comes or patience is over. Done on any thread.
  // Errors: systemUnavail "issuer.upstream-unreachable", "issuer.upstream-missing"; systemFailure
  // "issuer.upstream-status", "issuer.upstream-answer"; the upstream's own,
  // "issuer.upstream-refused".
  virtual void forward(message::PKIMessage message, How how, Done<Bytes> done) = 0;
};

}  // namespace countersign::ports
