// What the listener of the REST API and of its pages calls. Header values and octets in, the same
// out: whatever speaks HTTP stays on its own side.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "enrol/transport.h"

namespace countersign::ports {

using TextPairs = std::vector<std::pair<std::string, std::string>>;

// One request that is well-formed HTTP, with its whole body. A header that is missing is empty.
struct WebRequest {
  std::string method;    // GET, HEAD, POST, PUT, PATCH or DELETE
  std::string path;      // decoded, UTF-8 without control characters, without the query
  TextPairs query = {};  // in order, decoded likewise
  std::string authorization = {};
  std::string if_match = {};
  std::string if_none_match = {};
  std::string idempotency_key = {};
  std::string content_type = {};
  std::string accept = {};
  Bytes body = {};
  std::string peer = {};  // "127.0.0.1:40312", for logs and rate limits
  // DER of what TLS has verified under the anchors for clients; nullopt: the peer showed none.
  std::optional<Bytes> client_certificate = {};
  enrol::Transport transport = enrol::Transport::clear;
};

struct WebResponse {
  int status = 200;
  std::string content_type = {};  // empty: no body
  Bytes body = {};                // of a HEAD too: the listener leaves it out
  TextPairs headers = {};  // each name once; one that the listener sets by itself is replaced
};

// One per loop; called on that loop only, and calls back on it.
struct Web {
  virtual ~Web() = default;
  virtual void handle(WebRequest request, Done<WebResponse> done) = 0;
  // What the listener refuses by itself, since it is no request to be handled (no Host, a body that
  // is too large, …), in the form that this site gives its errors. Any thread; at once.
  virtual WebResponse refusal(int status, std::string_view sentence) const = 0;
};

}  // namespace countersign::ports
