// One connection of a client, from the look-up of the host's address to the TLS handshake. Internal
// to transport/http.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <optional>

#include "transport/http/client.h"
#include "transport/http/client_error.h"
#include "transport/tls/stream.h"

namespace countersign::transport::http {

using SteadyTime = std::chrono::steady_clock::time_point;

struct Link {
  // Most answers fit: they are read at once. Left to itself the buffer begins with 512 octets.
  static constexpr std::size_t kUsualAnswer = 8192;
  explicit Link(boost::asio::io_context& loop) : stream(loop) { buffer.reserve(kUsualAnswer); }
  tls::Stream stream;
  boost::beast::flat_buffer buffer;
  SteadyTime idle_since{};
  unsigned identity = 0;  // of how many calls of use_tls() it is
};

// Until when, and how long that was at first: for the sentences.
struct Limit {
  SteadyTime deadline;
  Seconds patience;
};

// Connects to the server, or to its proxy; over a proxy to an https server by CONNECT; then speaks
// TLS where the URL says so. Nullopt: requests may follow.
boost::asio::awaitable<std::optional<Error>> open_link(Link& link, const Route& route,
                                                       const HttpClientOptions& options,
                                                       Limit limit);

// What an error of the connection means to whoever asked.
Error error_of(const boost::system::error_code& error, Link& link, const Route& route, Limit limit);
TransportProblem problem_of(const boost::system::error_code& error);

}  // namespace countersign::transport::http
