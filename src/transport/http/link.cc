#include "transport/http/link.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <vector>

namespace countersign::transport::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using asio::ip::tcp;
using tls::ErrorCode;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

// A look-up may outlast whoever waits for it; then it ends unheard.
struct Lookup {
  explicit Lookup(const asio::any_io_executor& loop) : resolver(loop), wake(loop) {}
  tcp::resolver resolver;
  asio::steady_timer wake;
  std::optional<ErrorCode> ended;
  std::vector<tcp::endpoint> found;
};

// RFC 6761 §6.3 [SHOULD] localhost, and what is below it, is this machine, and nobody is asked.
bool is_localhost(const Url& hop) {
  return hop.host == "localhost" || hop.host.ends_with(".localhost");
}

asio::awaitable<ErrorCode> look_up(const asio::any_io_executor& loop, const Url& hop,
                                   SteadyTime deadline, std::vector<tcp::endpoint>& found) {
  ErrorCode no_address;
  const auto address = asio::ip::make_address(hop.host, no_address);
  if (!no_address) {
    found.emplace_back(address, hop.port);
    co_return ErrorCode{};
  }
  if (is_localhost(hop)) {
    found.emplace_back(asio::ip::address_v4::loopback(), hop.port);
    found.emplace_back(asio::ip::address_v6::loopback(), hop.port);
    co_return ErrorCode{};
  }
  const auto lookup = std::make_shared<Lookup>(loop);
  lookup->wake.expires_at(deadline);
  lookup->resolver.async_resolve(
      hop.host, std::to_string(hop.port),
      [lookup](const ErrorCode& error, const tcp::resolver::results_type& results) {
        lookup->ended = error;
        for (const auto& entry : results) lookup->found.push_back(entry.endpoint());
        lookup->wake.cancel();
      });
  co_await lookup->wake.async_wait(kAwait);
  if (!lookup->ended) co_return make_error_code(beast::error::timeout);
  found = std::move(lookup->found);
  co_return *lookup->ended;
}

asio::awaitable<ErrorCode> connect(Link& link, const Url& hop, SteadyTime deadline) {
  std::vector<tcp::endpoint> endpoints;
  ErrorCode error = co_await look_up(link.stream.get_executor(), hop, deadline, endpoints);
  if (error) co_return error;

  error = asio::error::host_not_found;
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    // Each address has its share of the time, so that a mute one leaves some for the next.
    const auto share =
        (deadline - std::chrono::steady_clock::now()) / static_cast<long>(endpoints.size() - i);
    link.stream.tcp().close();
    link.stream.tcp().expires_after(share);
    const auto [failed] = co_await link.stream.tcp().async_connect(endpoints[i], kAwait);
    error = failed;
    if (!error) break;
  }
  if (error) co_return error;
  ErrorCode ignored;
  link.stream.socket().set_option(tcp::no_delay(true), ignored);
  co_return error;
}

// RFC 9110 §9.3.6: any 2xx switches to the tunnel.
asio::awaitable<std::optional<Error>> tunnel(Link& link, const Route& route,
                                             const HttpClientOptions& options, Limit limit) {
  const std::string to = route.url.host_and_port();
  bhttp::request<bhttp::empty_body> request(bhttp::verb::connect, to, 11);
  request.set(bhttp::field::host, to);
  request.set(bhttp::field::user_agent, options.user_agent);
  const auto [unsent, written] = co_await bhttp::async_write(link.stream, request, kAwait);
  if (unsent) co_return error_of(unsent, link, route, limit);
  bhttp::response_parser<bhttp::empty_body> parser;
  parser.header_limit(static_cast<std::uint32_t>(options.header_limit));
  parser.skip(true);
  const auto [error, size] =
      co_await bhttp::async_read_header(link.stream, link.buffer, parser, kAwait);
  if (error) co_return error_of(error, link, route, limit);
  const int status = static_cast<int>(parser.get().result_int());
  if (status / 100 != 2) co_return refused_tunnel(status, route);
  link.buffer.clear();  // in TLS the client speaks first
  co_return std::nullopt;
}

asio::awaitable<std::optional<Error>> secure(Link& link, const Route& route,
                                             const HttpClientOptions& options, Limit limit) {
  link.stream.engage(options.tls->connect(route.url.host), tls::Side::client);
  const auto [error] = co_await link.stream.async_handshake(kAwait);
  if (error) co_return error_of(error, link, route, limit);
  co_return std::nullopt;
}

}  // namespace

TransportProblem problem_of(const ErrorCode& error) {
  if (error == beast::error::timeout) return TransportProblem::timeout;
  if (error == asio::error::connection_refused) return TransportProblem::refused;
  if (error == asio::error::host_unreachable || error == asio::error::network_unreachable ||
      error == asio::error::access_denied || error == asio::error::address_family_not_supported)
    return TransportProblem::unreachable;
  if (error == asio::error::timed_out) return TransportProblem::timeout;
  if (error.category() == asio::error::get_netdb_category() ||
      error.category() == asio::error::get_addrinfo_category())
    return TransportProblem::name;
  if (error == bhttp::error::body_limit || error == bhttp::error::header_limit ||
      error == bhttp::error::buffer_overflow)
    return TransportProblem::too_large;
  if (error == bhttp::error::end_of_stream || error == bhttp::error::partial_message)
    return TransportProblem::closed;
  if (error.category() == make_error_code(bhttp::error::bad_method).category())
    return TransportProblem::bad_reply;
  return TransportProblem::closed;
}

Error error_of(const ErrorCode& error, Link& link, const Route& route, Limit limit) {
  if (tls::is_tls(error)) return tls_error(link.stream.explain(error), route);
  return transport_error(problem_of(error), route, limit.patience, error.message());
}

asio::awaitable<std::optional<Error>> open_link(Link& link, const Route& route,
                                                const HttpClientOptions& options, Limit limit) {
  const ErrorCode unconnected = co_await connect(link, route.hop(), limit.deadline);
  if (unconnected) co_return error_of(unconnected, link, route, limit);
  link.stream.tcp().expires_at(limit.deadline);
  if (!route.is_secure()) co_return std::nullopt;
  if (route.proxy) {
    auto refused = co_await tunnel(link, route, options, limit);
    if (refused) co_return refused;
  }
  co_return co_await secure(link, route, options, limit);
}

}  // namespace countersign::transport::http
