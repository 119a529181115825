// How a client reaches a CMP server: one request, one reply.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

namespace countersign::ports {

struct Target {
  std::string url;    // http://host:port/.well-known/cmp
  std::string proxy;  // http://host:port; empty: none
};

// Octets of the reply, whatever its status, when they may be a PKIMessage (RFC 9811 §3.4 [MUST]).
// Errors: Failure::systemUnavail with "transport.refused", "transport.timeout",
// "transport.name", "transport.closed", "transport.http-status", "transport.content-type",
// "transport.too-large". Nothing was delivered for certain after any of them: send the same again.
struct Transport {
  virtual ~Transport() = default;
  virtual void exchange(const Target& target, Bytes request, Seconds deadline,
                        Done<Bytes> done) = 0;
};

}  // namespace countersign::ports
