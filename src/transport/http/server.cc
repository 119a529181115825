#include "transport/http/server.h"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <optional>

#include "transport/http/connection.h"

namespace countersign::transport::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr Milliseconds kAcceptPause{50};
constexpr std::string_view kFull =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\n"
    "Retry-After: 5\r\nContent-Length: 64\r\nConnection: close\r\n\r\n"
    "All connections are taken: come back later, or close idle ones.\n";
static_assert(kFull.size() - kFull.find("All ") == 64);  // the Content-Length

Result<tcp::endpoint> parse_listen(const std::string& text) {
  const auto wrong = [&] {
    return fail(Failure::systemFailure, "transport.listen-address",
                "\"" + text +
                    "\" is no address to listen on: write it like 127.0.0.1:8829, or "
                    "[::1]:8829 for IPv6");
  };
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) return wrong();
  std::string host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);

  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, parse_error] = std::from_chars(text.data() + colon + 1, end, port);
  ErrorCode error;
  const auto address = asio::ip::make_address(host, error);
  if (error || parse_error != std::errc{} || stop != end || address.is_v6() != bracketed)
    return wrong();
  return tcp::endpoint(address, port);
}

Error listen_error(const ErrorCode& error, const std::string& address) {
  const auto made = [&](std::string_view code, const std::string& text) {
    return Error{Failure::systemFailure, code, text, error.message()};
  };
  if (error == asio::error::address_in_use)
    return made("transport.listen-taken",
                address + " is taken by another program: stop that one, or listen on another port");
  if (error == asio::error::access_denied)
    return made("transport.listen-denied",
                "the system does not let this user listen on " + address +
                    ": choose a port from 1024 up, or grant CAP_NET_BIND_SERVICE");
  if (error == boost::system::errc::address_not_available)
    return made("transport.listen-address", "no interface of this machine has the address of " +
                                                address + ": choose one that `ip address` shows");
  return made("transport.listen", "cannot listen on " + address + ": " + error.message());
}

Result<tcp::acceptor> listen_on(asio::io_context& context, const tcp::endpoint& endpoint) {
  tcp::acceptor acceptor(context);
  ErrorCode error;
  acceptor.open(endpoint.protocol(), error);
  // Past connections that linger in the system do not count as taken; a listener does.
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error && endpoint.address().is_v6()) acceptor.set_option(asio::ip::v6_only(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return std::unexpected(listen_error(error, to_text(endpoint)));
  return acceptor;
}

// One short answer without waiting: there is no place to wait in. None in TLS, which would take a
// handshake.
void turn_away(tcp::socket& socket, Wire wire) {
  ErrorCode ignored;
  if (wire == Wire::tls) return;
  socket.non_blocking(true, ignored);
  socket.write_some(asio::buffer(kFull), ignored);
  std::array<char, 4096> unread;
  socket.read_some(asio::buffer(unread), ignored);
  socket.shutdown(tcp::socket::shutdown_both, ignored);
}

void hand_over(const std::shared_ptr<Serving>& serving, Loop& loop, tcp::socket socket, Wire wire) {
  ErrorCode error;
  const auto peer = socket.remote_endpoint(error);
  if (error) return;
  if (!serving->seats.take(peer.address())) return turn_away(socket, wire);
  Seat seat(serving, peer.address());
  socket.set_option(tcp::no_delay(true), error);
  asio::post(*loop.context,
             [&loop, wire, seat = std::move(seat), socket = std::move(socket)]() mutable {
               if (loop.stopping) return;
               asio::co_spawn(*loop.context, serve(std::move(seat), loop, std::move(socket), wire),
                              asio::detached);
             });
}

asio::awaitable<void> accept_all(std::shared_ptr<Serving> serving,
                                 std::shared_ptr<tcp::acceptor> acceptor, Wire wire) {
  while (acceptor->is_open()) {
    Loop& loop = serving->loops[serving->turn++ % serving->loops.size()];
    auto [error, socket] = co_await acceptor->async_accept(*loop.context, kAwait);
    if (!error) {
      hand_over(serving, loop, std::move(socket), wire);
      continue;
    }
    // Out of descriptors, or the peer has gone: the others wait in the backlog meanwhile.
    asio::steady_timer pause(acceptor->get_executor(), kAcceptPause);
    co_await pause.async_wait(kAwait);
  }
}

// How far a stop has come. Of the first loop; the other loops only carry it.
struct Stopping {
  std::size_t loops_left;
  std::move_only_function<void()> done;
  std::weak_ptr<asio::steady_timer> deadline;

  void one_drained() {
    if (--loops_left > 0) return;
    if (const auto timer = deadline.lock()) timer->cancel();
    done();
  }
};

void stop_loop(const std::shared_ptr<Serving>& serving, Loop& loop,
               const std::shared_ptr<Stopping>& stopping) {
  loop.stopping = true;
  loop.drained = [first = serving->loops.front().context, stopping] {
    asio::post(*first, [stopping] { stopping->one_drained(); });
  };
  const auto connections = loop.connections;
  for (Connection* connection : connections) close_if_idle(*connection);
  if (connections.empty()) loop.leave(nullptr);
}

void cut_loop(Loop& loop) {
  const auto connections = loop.connections;
  for (Connection* connection : connections) cut(*connection);
}

void stop_all(const std::shared_ptr<Serving>& serving, Milliseconds patience,
              std::move_only_function<void()> done) {
  for (const auto& weak : serving->acceptors) {
    ErrorCode ignored;
    if (const auto acceptor = weak.lock()) acceptor->close(ignored);
  }
  // Only its own handler keeps the timer, so that it goes with its loop.
  const auto timer =
      std::make_shared<asio::steady_timer>(*serving->loops.front().context, patience);
  const auto stopping =
      std::make_shared<Stopping>(Stopping{serving->loops.size(), std::move(done), timer});
  timer->async_wait([serving, timer](const ErrorCode& cancelled) {
    if (cancelled) return;
    for (Loop& loop : serving->loops)
      asio::post(*loop.context, [serving, &loop] { cut_loop(loop); });
  });
  for (Loop& loop : serving->loops)
    asio::post(*loop.context, [serving, &loop, stopping] { stop_loop(serving, loop, stopping); });
}

}  // namespace

bool Seats::take(const asio::ip::address& peer) {
  const std::lock_guard lock(mutex_);
  if (taken_ >= total_) return false;
  if (per_peer_ > 0) {
    auto& of_peer = by_peer_[peer];
    if (of_peer >= per_peer_) return false;
    ++of_peer;
  }
  ++taken_;
  return true;
}

void Seats::give_back(const asio::ip::address& peer) {
  const std::lock_guard lock(mutex_);
  --taken_;
  const auto found = by_peer_.find(peer);
  if (found != by_peer_.end() && --found->second == 0) by_peer_.erase(found);
}

std::size_t Seats::taken() const {
  const std::lock_guard lock(mutex_);
  return taken_;
}

void Loop::leave(Connection* connection) {
  connections.erase(connection);
  if (drained && connections.empty()) std::exchange(drained, nullptr)();
}

std::string to_text(const tcp::endpoint& endpoint) {
  const auto host = endpoint.address().to_string();
  const auto port = ":" + std::to_string(endpoint.port());
  return endpoint.address().is_v6() ? "[" + host + "]" + port : host + port;
}

namespace {

struct Listener {
  std::shared_ptr<tcp::acceptor> acceptor;
  Wire wire;
};

Result<> add_listeners(std::vector<Listener>& to, asio::io_context& context,
                       const std::vector<std::string>& addresses, Wire wire) {
  for (const std::string& address : addresses) {
    const auto endpoint = TRY(parse_listen(address));
    to.push_back({std::make_shared<tcp::acceptor>(TRY(listen_on(context, endpoint))), wire});
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::open(HttpOptions options,
                                                     const std::vector<HttpLoop>& loops,
                                                     const ports::Site& site, AccessLog log) {
  std::vector<Loop> own_loops;
  own_loops.reserve(loops.size());
  for (const HttpLoop& loop : loops)
    own_loops.push_back({.context = &loop.context, .responder = &loop.responder, .web = nullptr});
  return begin(std::shared_ptr<Serving>(
      new Serving{std::move(options), &site, std::move(log), std::move(own_loops)}));
}

Result<std::unique_ptr<HttpServer>> HttpServer::open_web(HttpOptions options,
                                                         const std::vector<WebLoop>& loops,
                                                         AccessLog log) {
  std::vector<Loop> own_loops;
  own_loops.reserve(loops.size());
  for (const WebLoop& loop : loops)
    own_loops.push_back({.context = &loop.context, .responder = nullptr, .web = &loop.web});
  return begin(std::shared_ptr<Serving>(
      new Serving{std::move(options), nullptr, std::move(log), std::move(own_loops)}));
}

Result<std::unique_ptr<HttpServer>> HttpServer::begin(std::shared_ptr<Serving> serving) {
  std::vector<Listener> listeners;
  auto& first = *serving->loops.front().context;
  TRY(add_listeners(listeners, first, serving->options.listen, Wire::clear));
  TRY(add_listeners(listeners, first, serving->options.listen_tls, Wire::tls));
  for (const auto& [acceptor, wire] : listeners) {
    serving->endpoints.push_back(acceptor->local_endpoint());
    serving->acceptors.push_back(acceptor);
  }
  for (auto& [acceptor, wire] : listeners)
    asio::co_spawn(first, accept_all(serving, std::move(acceptor), wire), asio::detached);
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(serving)));
}

HttpServer::HttpServer(std::shared_ptr<Serving> serving) : serving_(std::move(serving)) {}
HttpServer::~HttpServer() = default;

std::string HttpServer::local_endpoint(std::size_t index) const {
  return to_text(serving_->endpoints.at(index));
}
std::uint16_t HttpServer::local_port(std::size_t index) const {
  return serving_->endpoints.at(index).port();
}
std::size_t HttpServer::connections() const { return serving_->seats.taken(); }

void HttpServer::stop(Milliseconds deadline, std::move_only_function<void()> done) {
  asio::post(*serving_->loops.front().context,
             [serving = serving_, deadline, done = std::move(done)]() mutable {
               stop_all(serving, deadline, std::move(done));
             });
}

}  // namespace countersign::transport::http
