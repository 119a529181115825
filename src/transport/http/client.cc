#include "transport/http/client.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/vector_body.hpp>
#include <boost/beast/http/write.hpp>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "transport/http/client_error.h"
#include "transport/http/header_text.h"
#include "transport/http/link.h"

namespace countersign::transport::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using Request = bhttp::request<bhttp::vector_body<Byte>>;
using Message = bhttp::response<bhttp::vector_body<Byte>>;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr Seconds kMostPatience = std::chrono::hours{24};
constexpr int kMostInterim = 8;  // 1xx answers before the answer

SteadyTime steady_now() { return std::chrono::steady_clock::now(); }

// What came back over one link.
struct Heard {
  beast::error_code error;
  bool silent = false;     // not one octet of an answer
  bool may_go_on = false;  // another request may follow on the link
  Message message = {};
};

std::string_view std_view(beast::string_view text) noexcept { return {text.data(), text.size()}; }

Request make_request(const Route& route, const std::string& user_agent, HttpCall call) {
  // RFC 9112 §3.2.2 [MUST] the whole URL to a proxy; the far end of a tunnel is none
  const bool to_proxy = route.proxy && !route.is_secure();
  Request request;
  request.version(11);
  request.method_string(call.method);
  request.target(to_proxy ? route.url.text() : route.url.target);
  for (const auto& [name, value] : call.headers) request.set(name, value);
  request.set(bhttp::field::host, route.url.authority());
  request.set(bhttp::field::user_agent, user_agent);
  request.body() = std::move(call.body);
  // RFC 9110 §8.6 [SHOULD] a length of 0 where content is expected, none where it is not
  if (call.method == "GET" || call.method == "HEAD") return request;
  request.content_length(request.body().size());
  return request;
}

HttpCall cmp_call(Bytes message) {
  return {"POST", {{"Content-Type", std::string(kPkixcmp)}}, std::move(message)};
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

ports::WebResponse answer_of(Message& message) {
  ports::WebResponse out{.status = static_cast<int>(message.result_int()),
                         .content_type = std::string(message[bhttp::field::content_type])};
  for (const auto& field : message)
    out.headers.emplace_back(ascii::lower_case(std_view(field.name_string())),
                             std::string(field.value()));
  out.body = std::move(message.body());
  return out;
}

}  // namespace

struct HttpClient::State : std::enable_shared_from_this<HttpClient::State> {
  State(asio::io_context& on, HttpClientOptions with) : loop(on), options(std::move(with)) {}

  // Calls `read` with the answer and hands on what it makes of it.
  template <class T>
  void start(const ports::Target& target, HttpCall call, Seconds patience,
             Result<T> (*read)(Message&, const Route&), Done<T> done);
  template <class T>
  asio::awaitable<Result<T>> read_reply(Route route, HttpCall call, Seconds patience,
                                        Result<T> (*read)(Message&, const Route&));
  asio::awaitable<Result<Message>> exchange(const Route& route, const Request& request,
                                            Limit limit);
  Result<Message> conclude(std::unique_ptr<Link> link, Heard heard, const Route& route,
                           Limit limit);
  asio::awaitable<Heard> converse(Link& link, const Request& request, SteadyTime deadline);
  std::unique_ptr<Link> kept(const std::string& key);
  void keep(const std::string& key, std::unique_ptr<Link> link, const Heard& heard);

  asio::io_context& loop;
  HttpClientOptions options;
  Counts counts;
  bool closed = false;
  unsigned identity = 0;
  std::map<std::string, std::vector<std::unique_ptr<Link>>> idle;  // by the key of their routes
};

template <class T>
void HttpClient::State::start(const ports::Target& target, HttpCall call, Seconds patience,
                              Result<T> (*read)(Message&, const Route&), Done<T> done) {
  auto route = make_route(target, options.tls ? Https::spoken : Https::not_spoken);
  auto conclude = [state = shared_from_this(), done = std::move(done)](
                      const std::exception_ptr& thrown, Result<T> reply) mutable {
    if (thrown) std::rethrow_exception(thrown);  // no input causes one
    done(std::move(reply));
  };
  if (!route) {
    asio::post(loop, [conclude = std::move(conclude), error = std::move(route).error()]() mutable {
      conclude(nullptr, std::unexpected(std::move(error)));
    });
    return;
  }
  asio::co_spawn(loop, read_reply<T>(*std::move(route), std::move(call), patience, read),
                 std::move(conclude));
}

template <class T>
asio::awaitable<Result<T>> HttpClient::State::read_reply(
    Route route, HttpCall call, Seconds patience, Result<T> (*read)(Message&, const Route&)) {
  const Limit limit{steady_now() + std::min(patience, kMostPatience), patience};
  const Request request = make_request(route, options.user_agent, std::move(call));
  Result<Message> message = co_await exchange(route, request, limit);
  if (!message) co_return std::unexpected(std::move(message).error());
  co_return read(*message, route);
}

asio::awaitable<Result<Message>> HttpClient::State::exchange(const Route& route,
                                                             const Request& request, Limit limit) {
  auto link = kept(route.key());
  if (link) {
    ++counts.reused;
    Heard heard = co_await converse(*link, request, limit.deadline);
    const bool stale = heard.silent && problem_of(heard.error) == TransportProblem::closed;
    if (!stale) co_return conclude(std::move(link), std::move(heard), route, limit);
    ++counts.retried;
  }

  link = std::make_unique<Link>(loop);
  link->identity = identity;
  ++counts.connected;
  auto unconnected = co_await open_link(*link, route, options, limit);
  if (unconnected) co_return std::unexpected(*std::move(unconnected));
  Heard heard = co_await converse(*link, request, limit.deadline);
  co_return conclude(std::move(link), std::move(heard), route, limit);
}

Result<Message> HttpClient::State::conclude(std::unique_ptr<Link> link, Heard heard,
                                            const Route& route, Limit limit) {
  if (heard.error) return std::unexpected(error_of(heard.error, *link, route, limit));
  keep(route.key(), std::move(link), heard);
  return std::move(heard.message);
}

asio::awaitable<Heard> HttpClient::State::converse(Link& link, const Request& request,
                                                   SteadyTime deadline) {
  Heard heard;
  link.stream.tcp().expires_at(deadline);
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
    parser.skip(request.method() == bhttp::verb::head);
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

std::unique_ptr<Link> HttpClient::State::kept(const std::string& key) {
  const SteadyTime oldest = steady_now() - options.keep_idle;
  for (auto& [name, links] : idle)
    std::erase_if(links, [&](const auto& link) { return link->idle_since < oldest; });
  std::erase_if(idle, [](const auto& entry) { return entry.second.empty(); });

  const auto found = idle.find(key);
  if (found == idle.end()) return nullptr;
  auto link = std::move(found->second.back());  // the youngest
  found->second.pop_back();
  return link;
}

void HttpClient::State::keep(const std::string& key, std::unique_ptr<Link> link,
                             const Heard& heard) {
  if (closed || !heard.may_go_on || link->identity != identity) return;
  auto& links = idle[key];
  if (links.size() >= options.max_idle) return;
  link->stream.tcp().expires_never();
  link->idle_since = steady_now();
  links.push_back(std::move(link));
}

HttpClient::HttpClient(asio::io_context& loop, HttpClientOptions options)
    : state_(std::make_shared<State>(loop, std::move(options))) {}

HttpClient::~HttpClient() {
  state_->closed = true;
  state_->idle.clear();
}

void HttpClient::use_tls(crypto::TlsContext tls) {
  state_->options.tls = std::move(tls);
  ++state_->identity;  // of those in use none is kept
  state_->idle.clear();
}

HttpClient::Counts HttpClient::counts() const noexcept { return state_->counts; }

void HttpClient::exchange(const ports::Target& target, Bytes request, Seconds deadline,
                          Done<Bytes> done) {
  state_->start<Bytes>(target, cmp_call(std::move(request)), deadline, reply_of, std::move(done));
}

void HttpClient::call(const ports::Target& target, HttpCall call, Seconds deadline,
                      Done<ports::WebResponse> done) {
  const auto read = [](Message& message, const Route&) -> Result<ports::WebResponse> {
    return answer_of(message);
  };
  state_->start<ports::WebResponse>(target, std::move(call), deadline, read, std::move(done));
}

}  // namespace countersign::transport::http
