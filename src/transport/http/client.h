// HTTP from the client's side: one request, one reply. CMP (RFC 9811) by exchange(), anything else,
// such as the REST API of a server, by call().
//
// Connections are kept for the next exchange with the same server, since a transaction takes two
// round trips. A kept one that turns out to be closed before any octet of the answer is replaced
// by a fresh one, once. Redirects are never followed. An https server is reached through a proxy by
// CONNECT; the proxy itself is spoken to in plain HTTP, and without credentials.
//
// Lives on one loop: construct, call and destroy it there. The loop outlives it; exchanges that
// are under way when it is destroyed end by themselves.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "base/secret.h"
#include "base/time.h"
#include "crypto/tls_context.h"
#include "ports/transport.h"
#include "ports/web.h"

namespace boost::asio {
class io_context;  // NOLINT(readability-identifier-naming)
}

namespace countersign::transport::http {

struct HttpClientOptions {
  std::string user_agent = "countersign";  // the program appends "/<version>"
  std::size_t header_limit = 16 * 1024;
  std::size_t body_limit = 4 << 20;
  Seconds keep_idle{30};                       // shorter than the server's own patience
  std::size_t max_idle = 16;                   // kept connections per server
  std::optional<crypto::TlsContext> tls = {};  // whom to trust; without, https is not spoken
};

// A request of any method. Host, User-Agent and Content-Length are set by the client.
struct HttpCall {
  std::string method = "GET";
  ports::TextPairs headers = {};
  Bytes body = {};  // goes with every method but GET and HEAD, empty or not
};

// Besides the codes of ports::Transport, all with systemUnavail:
// "transport.unreachable" no way to the host; "transport.bad-reply" the answer is no HTTP;
// "transport.proxy-refused"; "transport.tls-not-spoken", "transport.tls-alert",
// "transport.tls-failed". With signerNotTrusted: "transport.tls-untrusted",
// "transport.tls-expired", "transport.tls-name". With systemFailure, since only a change of
// configuration helps: "transport.url" and "transport.unsupported-scheme".
class HttpClient final : public ports::Transport {
 public:
  explicit HttpClient(boost::asio::io_context& loop, HttpClientOptions options = {});
  ~HttpClient() override;
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // A reply without content to an announcement (201, 202; RFC 9811 §3.5) is no octets.
  void exchange(const ports::Target& target, Bytes request, Seconds deadline,
                Done<Bytes> done) override;

  // The answer, whatever its status and type. One that may not be sent twice must say so to the
  // server (Idempotency-Key): a kept connection that is found closed is replaced, as above.
  // Headers come in small letters; one that is there several times comes as often.
  void call(const ports::Target& target, HttpCall call, Seconds deadline,
            Done<ports::WebResponse> done);

  // Whom to trust, and what to show, on every connection from now on.
  void use_tls(crypto::TlsContext tls);

  struct Counts {
    std::size_t connected = 0;  // fresh connections
    std::size_t reused = 0;     // exchanges begun on a kept one
    std::size_t retried = 0;    // of those, begun again on a fresh one
  };
  Counts counts() const noexcept;

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with the exchanges under way
};

}  // namespace countersign::transport::http
