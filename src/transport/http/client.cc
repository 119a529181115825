#include "transport/http/client.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/vector_body.hpp>
#include <boost/beast/http/write.hpp>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "transport/http/client_error.h"
#include "transport/http/header_text.h"
#include "transport/http/url.h"

namespace countersign::transport::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using asio::ip::tcp;
using SteadyTime = std::chrono::steady_clock::time_point;
using Request = bhttp::request<bhttp::vector_body<Byte>>;
using Message = bhttp::response<bhttp::vector_body<Byte>>;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr Seconds kMostPatience = std::chrono::hours{24};
constexpr int kMostInterim = 8;  // 1xx answers before the answer

SteadyTime steady_now() { return std::chrono::steady_clock::now(); }

struct Link {
  explicit Link(asio::io_context& loop) : stream(loop) {}
  beast::tcp_stream stream;
  beast::flat_buffer buffer;
  SteadyTime idle_since{};
};

// What came back over one link.
struct Heard {
  beast::error_code error;
  bool silent = false;     // not one octet of an answer
  bool may_go_on = false;  // another request may follow on the link
  Message message = {};
};

// A look-up may outlast whoever waits for it; then it ends unheard.
struct Lookup {
  explicit Lookup(asio::io_context& loop) : resolver(loop), wake(loop) {}
  tcp::resolver resolver;
  asio::steady_timer wake;
  std::optional<beast::error_code> ended;
  std::vector<tcp::endpoint> found;
};

std::string_view std_view(beast::string_view text) noexcept { return {text.data(), text.size()}; }

TransportProblem problem_of(const beast::error_code& error) {
  if (error == beast::error::timeout) return TransportProblem::timeout;
  if (error == asio::error::connection_refused) return TransportProblem::refused;
  if (error == asio::error::host_unreachable || error == asio::error::network_unreachable ||
      error == asio::error::access_denied || error == asio::error::address_family_not_supported)
    return TransportProblem::unreachable;
  if (error == asio::error::timed_out) return TransportProblem::timeout;
  if (error == bhttp::error::body_limit || error == bhttp::error::header_limit ||
      error == bhttp::error::buffer_overflow)
    return TransportProblem::too_large;
  if (error == bhttp::error::end_of_stream || error == bhttp::error::partial_message)
    return TransportProblem::closed;
  if (error.category() == make_error_code(bhttp::error::bad_method).category())
    return TransportProblem::bad_reply;
  return TransportProblem::closed;
}

Request make_request(const Route& route, const std::string& user_agent, Bytes body) {
  Request request(bhttp::verb::post, route.proxy ? route.url.text() : route.url.target, 11);
  request.set(bhttp::field::host, route.url.authority());
  request.set(bhttp::field::user_agent, user_agent);
  request.set(bhttp::field::content_type, kPkixcmp);
  request.body() = std::move(body);
  request.prepare_payload();
  return request;
}

// RFC 9811 §3.1 [MUST] content of 2xx, 4xx and 5xx is handed up when it may be a PKIMessage.
Result<Bytes> reply_of(Message& message, const Route& route) {
  const HttpAnswer answer{.status = static_cast<int>(message.result_int()),
                          .content_type = std_view(message[bhttp::field::content_type]),
                          .location = std_view(message[bhttp::field::location]),
                          .body = message.body()};
  if (auto error = refused_answer(answer, route)) return std::unexpected(*std::move(error));
  return std::move(message.body());
}

}  // namespace

struct HttpClient::State : std::enable_shared_from_this<HttpClient::State> {
  State(asio::io_context& on, HttpClientOptions with) : loop(on), options(std::move(with)) {}

  asio::awaitable<Result<Bytes>> exchange(Route route, Bytes body, Seconds patience);
  asio::awaitable<Heard> converse(Link& link, const Request& request, SteadyTime deadline);
  asio::awaitable<beast::error_code> connect(Link& link, const Url& hop, SteadyTime deadline);
  asio::awaitable<beast::error_code> look_up(const Url& hop, SteadyTime deadline,
                                             std::vector<tcp::endpoint>& found);
  std::unique_ptr<Link> kept(const std::string& hop);
  void keep(const std::string& hop, std::unique_ptr<Link> link, const Heard& heard);

  asio::io_context& loop;
  const HttpClientOptions options;
  Counts counts;
  bool closed = false;
  std::map<std::string, std::vector<std::unique_ptr<Link>>> idle;  // by the authority of the hop
};

asio::awaitable<Result<Bytes>> HttpClient::State::exchange(Route route, Bytes body,
                                                           Seconds patience) {
  const SteadyTime deadline = steady_now() + std::min(patience, kMostPatience);
  const Url& hop = route.hop();
  const Request request = make_request(route, options.user_agent, std::move(body));

  auto link = kept(hop.authority());
  if (link) {
    ++counts.reused;
    Heard heard = co_await converse(*link, request, deadline);
    const bool stale = heard.silent && problem_of(heard.error) == TransportProblem::closed;
    if (!stale) {
      keep(hop.authority(), std::move(link), heard);
      if (heard.error)
        co_return std::unexpected(
            transport_error(problem_of(heard.error), route, patience, heard.error.message()));
      co_return reply_of(heard.message, route);
    }
    ++counts.retried;
  }

  link = std::make_unique<Link>(loop);
  ++counts.connected;
  const beast::error_code unconnected = co_await connect(*link, hop, deadline);
  if (unconnected) {
    const bool no_name = unconnected.category() == asio::error::get_netdb_category() ||
                         unconnected.category() == asio::error::get_addrinfo_category();
    co_return std::unexpected(
        transport_error(no_name ? TransportProblem::name : problem_of(unconnected), route, patience,
                        unconnected.message()));
  }
  Heard heard = co_await converse(*link, request, deadline);
  keep(hop.authority(), std::move(link), heard);
  if (heard.error)
    co_return std::unexpected(
        transport_error(problem_of(heard.error), route, patience, heard.error.message()));
  co_return reply_of(heard.message, route);
}

asio::awaitable<Heard> HttpClient::State::converse(Link& link, const Request& request,
                                                   SteadyTime deadline) {
  Heard heard;
  link.stream.expires_at(deadline);
  const auto [unsent, written] = co_await bhttp::async_write(link.stream, request, kAwait);
  if (unsent == beast::error::timeout) {
    heard.error = unsent;
    co_return heard;
  }
  // After another failure an answer may lie here all the same: a server that refuses the head does
  // not wait for the body.
  for (int interim = 0; interim < kMostInterim; ++interim) {
    bhttp::response_parser<Message::body_type> parser;
    parser.header_limit(static_cast<std::uint32_t>(options.header_limit));
    parser.body_limit(options.body_limit);
    const auto [error, size] = co_await bhttp::async_read(link.stream, link.buffer, parser, kAwait);
    heard.error = error;
    heard.silent = interim == 0 && !parser.got_some();
    if (error) co_return heard;
    if (parser.get().result_int() / 100 == 1) continue;
    // Octets that nobody asked for would be taken for the next answer.
    heard.may_go_on = !unsent && parser.keep_alive() && link.buffer.size() == 0;
    heard.message = parser.release();
    co_return heard;
  }
  heard.error = bhttp::error::bad_status;
  co_return heard;
}

asio::awaitable<beast::error_code> HttpClient::State::connect(Link& link, const Url& hop,
                                                              SteadyTime deadline) {
  std::vector<tcp::endpoint> endpoints;
  beast::error_code error = co_await look_up(hop, deadline, endpoints);
  if (error) co_return error;

  error = asio::error::host_not_found;
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    // Each address has its share of the time, so that a mute one leaves some for the next.
    const auto share = (deadline - steady_now()) / static_cast<long>(endpoints.size() - i);
    link.stream.close();
    link.stream.expires_after(share);
    const auto [failed] = co_await link.stream.async_connect(endpoints[i], kAwait);
    error = failed;
    if (!error) break;
  }
  if (error) co_return error;
  beast::error_code ignored;
  link.stream.socket().set_option(tcp::no_delay(true), ignored);
  co_return error;
}

asio::awaitable<beast::error_code> HttpClient::State::look_up(const Url& hop, SteadyTime deadline,
                                                              std::vector<tcp::endpoint>& found) {
  beast::error_code no_address;
  const auto address = asio::ip::make_address(hop.host, no_address);
  if (!no_address) {
    found.emplace_back(address, hop.port);
    co_return beast::error_code{};
  }
  const auto lookup = std::make_shared<Lookup>(loop);
  lookup->wake.expires_at(deadline);
  lookup->resolver.async_resolve(
      hop.host, std::to_string(hop.port),
      [lookup](const beast::error_code& error, const tcp::resolver::results_type& results) {
        lookup->ended = error;
        for (const auto& entry : results) lookup->found.push_back(entry.endpoint());
        lookup->wake.cancel();
      });
  co_await lookup->wake.async_wait(kAwait);
  if (!lookup->ended) co_return make_error_code(beast::error::timeout);
  found = std::move(lookup->found);
  co_return *lookup->ended;
}

std::unique_ptr<Link> HttpClient::State::kept(const std::string& hop) {
  const SteadyTime oldest = steady_now() - options.keep_idle;
  for (auto& [name, links] : idle)
    std::erase_if(links, [&](const auto& link) { return link->idle_since < oldest; });
  std::erase_if(idle, [](const auto& entry) { return entry.second.empty(); });

  const auto found = idle.find(hop);
  if (found == idle.end()) return nullptr;
  auto link = std::move(found->second.back());  // the youngest
  found->second.pop_back();
  return link;
}

void HttpClient::State::keep(const std::string& hop, std::unique_ptr<Link> link,
                             const Heard& heard) {
  if (closed || !heard.may_go_on) return;
  auto& links = idle[hop];
  if (links.size() >= options.max_idle) return;
  link->stream.expires_never();
  link->idle_since = steady_now();
  links.push_back(std::move(link));
}

HttpClient::HttpClient(asio::io_context& loop, HttpClientOptions options)
    : state_(std::make_shared<State>(loop, std::move(options))) {}

HttpClient::~HttpClient() {
  state_->closed = true;
  state_->idle.clear();
}

HttpClient::Counts HttpClient::counts() const noexcept { return state_->counts; }

void HttpClient::exchange(const ports::Target& target, Bytes request, Seconds deadline,
                          Done<Bytes> done) {
  auto route = make_route(target);
  auto conclude = [state = state_, done = std::move(done)](const std::exception_ptr& thrown,
                                                           Result<Bytes> reply) mutable {
    if (thrown) std::rethrow_exception(thrown);  // no input causes one
    done(std::move(reply));
  };
  if (!route) {
    asio::post(state_->loop,
               [conclude = std::move(conclude), error = std::move(route).error()]() mutable {
                 conclude(nullptr, std::unexpected(std::move(error)));
               });
    return;
  }
  asio::co_spawn(state_->loop, state_->exchange(*std::move(route), std::move(request), deadline),
                 std::move(conclude));
}

}  // namespace countersign::transport::http
