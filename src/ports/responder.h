// What a listener calls, and what it serves. Octets in, octets out; no HTTP in here but statuses.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "enrol/transport.h"

namespace countersign::ports {

// Which way in a message took: a CMP profile, and the operation label of its path if any
// (RFC 9811 §3.3: /.well-known/cmp/p/<profile>/<operation>).
struct Endpoint {
  std::string profile;    // never empty: "default" unless the path names one
  std::string operation;  // "initialization", "keyupdate", …; empty: none named
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

struct Inbound {
  Endpoint endpoint;
  Bytes body;        // one DER PKIMessage, it is to be hoped
  std::string peer;  // "127.0.0.1:40312", for logs and rate limits
  enrol::Transport transport = enrol::Transport::clear;  // all the way from whoever sent it
};

struct Outbound {
  int status = 200;        // HTTP status; 200 for every CMP reply (RFC 9811 §3.4)
  Bytes body;              // DER PKIMessage, or empty
  std::string plain_text;  // when there is no CMP message: one sentence
  std::optional<Seconds> retry_after;
};

// One per loop; called on that loop only, and calls back on it.
struct Responder {
  virtual ~Responder() = default;
  virtual void handle(Inbound in, Done<Outbound> done) = 0;
};

struct Document {
  std::string content_type;  // "application/pkix-crl"
  Bytes body;
  Seconds max_age{0};
};

// What lies where. Thread-safe; answers at once.
struct Site {
  virtual ~Site() = default;
  virtual std::optional<Endpoint> endpoint(std::string_view path) const = 0;  // POST
  virtual std::optional<Document> document(std::string_view path) const = 0;  // GET, HEAD
};

}  // namespace countersign::ports
