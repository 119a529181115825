// The listener for CMP over HTTP and HTTPS (RFC 9811) and for the documents beside it; or, opened
// so, for a Web: the REST API and its pages.
//
// It owns its acceptors and connections; loops, responders, webs and site are the caller's and
// outlive it. A connection is handed to one loop and never leaves it. Limits: HTTP/1.0 and 1.1; no
// compression, no ranges, query strings for a Web only; replies have Content-Length, but those that
// have no body by their status.
//
//   auto server = HttpServer::open(options, {{context, responder}}, site, log);
//   …
//   server->stop(Seconds{30}, [] { … });   // then end the loops, then destroy the server
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/ports.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/tls_context.h"
#include "ports/responder.h"
#include "ports/web.h"

namespace boost::asio {
class io_context;  // NOLINT(readability-identifier-naming)
}

namespace countersign::transport::http {

using Milliseconds = std::chrono::milliseconds;

struct HttpOptions {
  // "127.0.0.1:8829", "[::1]:0". Port 0 picks a free one. [::] does not include IPv4.
  std::vector<std::string> listen = {"127.0.0.1:8829"};
  std::vector<std::string> listen_tls = {};  // the same, for HTTPS; needs `tls`
  // Asked by all loops at the same time, for each connection: what one begins with, it keeps.
  std::function<std::shared_ptr<const crypto::TlsContext>()> tls = {};
  std::size_t header_limit = 16 * 1024;
  std::size_t body_limit = 1 << 20;
  Milliseconds header_time{10'000};   // from the first octet of a request to the end of its head,
                                      // and for a TLS handshake
  Milliseconds body_time{30'000};     // from there to the end of its body
  Milliseconds answer_time{120'000};  // for the answer; after it the peer is told to come back
  Milliseconds write_time{30'000};    // for sending a reply, beside what its size takes
  std::size_t least_write_rate = 64 * 1024;  // octets a second that a peer must take in
  Milliseconds idle_time{60'000};            // between requests
  std::size_t max_connections = 4096;        // at once, over all loops
  std::size_t max_connections_per_peer = 0;  // at once, from one address; 0: not limited
  const Clock* clock = nullptr;              // for the Date header; none: no such header
};

struct HttpLoop {
  boost::asio::io_context& context;  // one thread each, kept running by a work guard
  ports::Responder& responder;
};
struct WebLoop {
  boost::asio::io_context& context;  // the same
  ports::Web& web;
};

// One request that was answered, refused or given up, or a TLS handshake that failed. Views are
// valid during the call.
struct AccessRecord {
  std::string_view method;   // empty if the request had no readable head, or was none
  std::string_view path;     // printable, 200 characters at most
  int status = 0;            // 408: given up after its time, nothing was sent; 0: a handshake
  std::size_t bytes_in = 0;  // of the body
  std::size_t bytes_out = 0;
  std::chrono::microseconds duration{0};
  std::string_view peer;     // "127.0.0.1:40312"
  std::string_view refusal;  // the sentence sent or, of a handshake, what went wrong; or empty
};
using AccessLog = std::function<void(const AccessRecord&)>;  // called by all loops at the same time

struct Serving;

class HttpServer {
 public:
  // Binds all addresses, or none; accepts as soon as the loops run. At least one loop.
  // Errors: "transport.listen-address", "transport.listen-taken", "transport.listen-denied",
  // "transport.listen".
  static Result<std::unique_ptr<HttpServer>> open(HttpOptions options,
                                                  const std::vector<HttpLoop>& loops,
                                                  const ports::Site& site, AccessLog log = {});
  // For a Web; all its answers have the headers that keep browsers from storing, guessing and
  // framing, unless the Web gives them itself. Errors: the same.
  static Result<std::unique_ptr<HttpServer>> open_web(HttpOptions options,
                                                      const std::vector<WebLoop>& loops,
                                                      AccessLog log = {});
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // In the order of `listen`, then of `listen_tls`: "127.0.0.1:8829".
  std::string local_endpoint(std::size_t index = 0) const;
  std::uint16_t local_port(std::size_t index = 0) const;
  std::size_t connections() const;  // open now

  // Closes the listeners and the idle connections, lets begun requests be answered, cuts what is
  // left at the deadline, and calls `done` on the first loop. Once; from any thread. The loops
  // must run until `done` is called.
  void stop(Milliseconds deadline, std::move_only_function<void()> done);

 private:
  static Result<std::unique_ptr<HttpServer>> begin(std::shared_ptr<Serving> serving);
  explicit HttpServer(std::shared_ptr<Serving> serving);
  std::shared_ptr<Serving> serving_;  // shared with the coroutines on the loops
};

}  // namespace countersign::transport::http
