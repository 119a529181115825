#include "transport/http/connection.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/vector_body.hpp>
#include <boost/beast/http/write.hpp>
#include <optional>

#include "transport/http/header_text.h"
#include "transport/http/rules.h"
#include "transport/http/welcome.h"
#include "transport/tls/stream.h"

namespace countersign::transport::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using asio::ip::tcp;
using SteadyTime = std::chrono::steady_clock::time_point;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::size_t kDrainLimit = 4 << 20;
constexpr Milliseconds kDrainTime{2'000};
constexpr Milliseconds kFarewellTime{1'000};
constexpr std::size_t kPathShown = 200;
constexpr Seconds kComeBack{30};

// What is awaited of a Responder; gone if the connection goes first.
struct Waiting {
  explicit Waiting(const asio::any_io_executor& loop) : wake(loop) {}
  asio::steady_timer wake;
  std::optional<Result<ports::Outbound>> answer;
};

struct Reply {
  int status = 200;
  std::string_view content_type = {};  // empty: no body
  Bytes body = {};
  std::string_view allow = {};
  std::string cache_control = {};
  std::optional<Seconds> retry_after = {};
  std::string refusal = {};  // the text of the body, for the log
};

enum class Body { sent, left_out };

Reply plain(int status, std::string sentence) {
  return {.status = status,
          .content_type = kPlainText,
          .body = to_bytes(sentence + "\n"),
          .refusal = std::move(sentence)};
}

Reply reply_of(Refusal refusal) {
  Reply reply = plain(refusal.status, std::move(refusal.sentence));
  reply.allow = refusal.allow;
  return reply;
}

Reply reply_of(Result<ports::Outbound> answer) {
  if (!answer) {
    const bool busy = answer.error().failure == Failure::systemUnavail;
    return plain(busy ? 503 : 500, std::move(answer.error().reply_text));
  }
  Reply reply;
  if (!answer->body.empty()) {
    reply.status = answer->status;
    reply.content_type = kPkixcmp;
    reply.body = std::move(answer->body);
  } else if (!answer->plain_text.empty()) {
    reply = plain(answer->status, std::move(answer->plain_text));
  } else {
    reply.status = answer->status;
  }
  reply.retry_after = answer->retry_after;
  reply.cache_control = "no-store";
  return reply;
}

Reply reply_of(ports::Document& document) {
  Reply reply;
  reply.content_type = document.content_type;
  reply.body = std::move(document.body);
  reply.cache_control = document.max_age.count() > 0
                            ? "max-age=" + std::to_string(document.max_age.count())
                            : "no-cache";
  return reply;
}

// How a request that could not be read is answered; nullopt: nobody is there to read an answer.
std::optional<Reply> reply_to_broken(const beast::error_code& error, const HttpOptions& options) {
  if (error == bhttp::error::end_of_stream) return std::nullopt;
  if (error == bhttp::error::body_limit)
    return plain(413, "The body is larger than the " + std::to_string(options.body_limit) +
                          " octets allowed here: send a smaller message.");
  if (error == bhttp::error::header_limit || error == bhttp::error::buffer_overflow)
    return plain(431, "The request line and headers are larger than the " +
                          std::to_string(options.header_limit) +
                          " octets allowed here: send fewer or shorter ones.");
  if (error == bhttp::error::partial_message)
    return plain(400,
                 "The connection ended before the request did: send as many octets as "
                 "Content-Length says.");
  if (error.category() == make_error_code(bhttp::error::bad_method).category())
    return plain(400, "This is no well-formed HTTP/1.1 request: check what is sent to this port.");
  return std::nullopt;
}

std::string_view std_view(beast::string_view text) noexcept { return {text.data(), text.size()}; }

}  // namespace

class Connection {
 public:
  Connection(const Serving& serving, Loop& loop, tcp::socket socket, Wire wire)
      : serving_(serving),
        loop_(loop),
        peer_(peer_of(socket)),
        wire_(wire),
        stream_(std::move(socket)) {
    loop_.connections.insert(this);
  }
  ~Connection() { loop_.leave(this); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  asio::awaitable<void> run() {
    if (wire_ == Wire::tls && !co_await welcomed()) co_return;
    while (co_await awaited_octet()) {
      phase_ = Phase::busy;
      const bool another = co_await served_one();
      phase_ = Phase::idle;
      if (!another || loop_.stopping) break;
    }
    beast::error_code ignored;
    if (stream_.is_secure()) {
      stream_.tcp().expires_after(kFarewellTime);
      co_await stream_.async_shutdown(kAwait);
    }
    stream_.socket().shutdown(tcp::socket::shutdown_both, ignored);
  }

  void close_if_idle() {
    if (phase_ == Phase::idle) stream_.tcp().close();
  }
  void cut() {
    stream_.tcp().close();
    if (waiting_ != nullptr) waiting_->wake.cancel();
  }

 private:
  enum class Phase { idle, busy };
  using Parser = bhttp::request_parser<bhttp::vector_body<Byte>>;

  static std::string peer_of(const tcp::socket& socket) {
    beast::error_code error;
    const auto endpoint = socket.remote_endpoint(error);
    return error ? "?" : to_text(endpoint);
  }

  // The TLS handshake. False: there is none, and the reason is logged.
  asio::awaitable<bool> welcomed() {
    begun_ = std::chrono::steady_clock::now();
    const Mishap mishap = co_await shake_hands(stream_, serving_.options);
    if (!mishap) co_return true;
    if (!mishap->empty() && !loop_.stopping) log(0, 0, *mishap);
    co_await drained();  // or the alert might never reach the peer
    co_return false;
  }

  // False when the peer has gone or was idle too long.
  asio::awaitable<bool> awaited_octet() {
    for (;;) {
      // RFC 9112 §2.2 [SHOULD] ignore an empty line before a request line
      while (buffer_.size() > 0 && is_line_end(*static_cast<const char*>(buffer_.data().data())))
        buffer_.consume(1);
      if (buffer_.size() > 0) co_return true;
      stream_.tcp().expires_after(serving_.options.idle_time);
      const auto [error, size] = co_await stream_.async_read_some(buffer_.prepare(4096), kAwait);
      if (error) co_return false;
      buffer_.commit(size);
    }
  }
  static bool is_line_end(char c) noexcept { return c == '\r' || c == '\n'; }

  // One request and its answer. False: the connection is at its end.
  asio::awaitable<bool> served_one() {
    begin_request();
    stream_.tcp().expires_after(serving_.options.header_time);
    const auto [error, size] =
        co_await bhttp::async_read_header(stream_, buffer_, *parser_, kAwait);
    note_head();
    if (error) co_return co_await answered_broken(error);

    const RequestHead head = request_head();
    Verdict verdict = judge(head, serving_.site);
    if (auto* refusal = std::get_if<Refusal>(&verdict))
      co_return co_await sent(reply_of(std::move(*refusal)));
    if (auto* document = std::get_if<ports::Document>(&verdict)) {
      const Body body = head.method == "HEAD" ? Body::left_out : Body::sent;
      co_return co_await sent(reply_of(*document), body);
    }
    const bool sends_continue = expects_continue(head) && !parser_->is_done();
    if (sends_continue) {
      stream_.tcp().expires_after(serving_.options.write_time);
      const auto [failed, written] =
          co_await asio::async_write(stream_, asio::buffer(kContinue), kAwait);
      if (failed) co_return false;
    }
    co_return co_await served_message(std::get<ports::Endpoint>(std::move(verdict)));
  }

  asio::awaitable<bool> served_message(ports::Endpoint endpoint) {
    stream_.tcp().expires_after(serving_.options.body_time);
    const auto [error, size] = co_await bhttp::async_read(stream_, buffer_, *parser_, kAwait);
    body_size_ = parser_->get().body().size();
    if (error) co_return co_await answered_broken(error);
    if (body_size_ == 0)
      co_return co_await sent(plain(400, "The body is empty: send one DER PKIMessage."));

    ports::Inbound in{std::move(endpoint), std::move(parser_->get().body()), peer_, transport()};
    auto answer = co_await asked(std::move(in));
    if (!answer) co_return false;
    co_return co_await sent(reply_of(*std::move(answer)));
  }

  // Without an answer only if the connection was cut meanwhile.
  asio::awaitable<std::optional<Result<ports::Outbound>>> asked(ports::Inbound in) {
    if (!stream_.socket().is_open()) co_return std::nullopt;
    const auto waiting = std::make_shared<Waiting>(stream_.get_executor());
    loop_.responder->handle(std::move(in),
                            [asker = std::weak_ptr(waiting)](Result<ports::Outbound> answer) {
                              const auto there = asker.lock();
                              if (!there) return;
                              there->answer = std::move(answer);
                              there->wake.cancel();
                            });
    if (!waiting->answer) {
      waiting_ = waiting.get();
      waiting->wake.expires_after(serving_.options.answer_time);
      co_await waiting->wake.async_wait(kAwait);
      waiting_ = nullptr;
    }
    if (waiting->answer) co_return std::move(waiting->answer);
    if (!stream_.socket().is_open()) co_return std::nullopt;
    ports::Outbound busy{.status = 503,
                         .body = {},
                         .plain_text = "The answer is not ready yet: send the same message again.",
                         .retry_after = kComeBack};
    co_return Result<ports::Outbound>(std::move(busy));
  }

  asio::awaitable<bool> answered_broken(beast::error_code error) {
    if (error == beast::error::timeout) {
      log(408, 0, "The request was not complete in time: send it at once.");
      co_return false;
    }
    auto reply = reply_to_broken(error, serving_.options);
    if (!reply) co_return false;
    co_return co_await sent(*std::move(reply));
  }

  asio::awaitable<bool> sent(Reply reply, Body body = Body::sent) {
    // After a request of doubtful form nobody knows where the next one begins.
    const bool in_doubt = !parser_->is_done() || reply.status == 400 || reply.status == 501;
    const bool keep = !in_doubt && parser_->get().keep_alive() && !loop_.stopping;
    auto message = message_of(reply, body, keep);
    const auto size = message.body().size();
    stream_.tcp().expires_after(serving_.options.write_time +
                                Seconds{size / serving_.options.least_write_rate});
    const auto [error, written] = co_await bhttp::async_write(stream_, message, kAwait);
    log(reply.status, size, reply.refusal);
    if (error) co_return false;
    if (in_doubt) co_await drained();
    co_return keep;
  }

  bhttp::response<bhttp::vector_body<Byte>> message_of(Reply& reply, Body body, bool keep) const {
    bhttp::response<bhttp::vector_body<Byte>> message;
    message.result(static_cast<unsigned>(reply.status));
    message.version(parser_->is_header_done() ? parser_->get().version() : 11);
    if (serving_.options.clock != nullptr)
      message.set(bhttp::field::date, http_date(serving_.options.clock->now()));
    if (!reply.content_type.empty()) message.set(bhttp::field::content_type, reply.content_type);
    if (!reply.allow.empty()) message.set(bhttp::field::allow, reply.allow);
    if (!reply.cache_control.empty()) message.set(bhttp::field::cache_control, reply.cache_control);
    if (reply.retry_after)
      message.set(bhttp::field::retry_after, std::to_string(reply.retry_after->count()));
    message.keep_alive(keep);
    message.content_length(reply.body.size());
    if (body == Body::sent) message.body() = std::move(reply.body);
    return message;
  }

  // Takes in what the peer still sends after a refusal: closing with unread octets would make the
  // system reset the connection, and the peer might never see the answer.
  asio::awaitable<void> drained() {
    phase_ = Phase::idle;  // a stop does not wait for this
    beast::error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    stream_.tcp().expires_after(kDrainTime);
    for (std::size_t total = 0; total < kDrainLimit && !loop_.stopping;) {
      buffer_.clear();
      const auto [error, size] =
          co_await stream_.async_read_some(buffer_.prepare(16 * 1024), kAwait);
      if (error) co_return;
      total += size;
    }
  }

  enrol::Transport transport() const noexcept {
    return stream_.is_secure() ? enrol::Transport::confidential : enrol::Transport::clear;
  }

  void begin_request() {
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(serving_.options.header_limit));
    parser_->body_limit(serving_.options.body_limit);
    begun_ = std::chrono::steady_clock::now();
    method_.clear();
    path_.clear();
    body_size_ = 0;
  }

  // Kept apart, since the message is given away before the request is logged.
  void note_head() {
    const auto& request = parser_->get();
    method_ = printable(std_view(request.method_string()), 20);
    path_ = printable(std_view(request.target()), kPathShown);
  }

  RequestHead request_head() const {
    const auto& request = parser_->get();
    return {.method = std_view(request.method_string()),
            .target = std_view(request.target()),
            .version = request.version(),
            .content_type = std_view(request[bhttp::field::content_type]),
            .content_encoding = std_view(request[bhttp::field::content_encoding]),
            .transfer_encoding = std_view(request[bhttp::field::transfer_encoding]),
            .expect = std_view(request[bhttp::field::expect]),
            .hosts = request.count(bhttp::field::host)};
  }

  void log(int status, std::size_t bytes_out, std::string_view refusal) const {
    if (!serving_.log) return;
    serving_.log({.method = method_,
                  .path = path_,
                  .status = status,
                  .bytes_in = body_size_,
                  .bytes_out = bytes_out,
                  .duration = std::chrono::duration_cast<std::chrono::microseconds>(
                      std::chrono::steady_clock::now() - begun_),
                  .peer = peer_,
                  .refusal = refusal});
  }

  const Serving& serving_;
  Loop& loop_;
  const std::string peer_;
  const Wire wire_;
  tls::Stream stream_;
  beast::flat_buffer buffer_;  // holds the beginning of the next request when they are pipelined
  Phase phase_ = Phase::idle;
  Waiting* waiting_ = nullptr;

  std::optional<Parser> parser_;  // of the request at hand, as are those below
  SteadyTime begun_;
  std::string method_;
  std::string path_;
  std::size_t body_size_ = 0;
};

asio::awaitable<void> serve(Seat seat, Loop& loop, tcp::socket socket, Wire wire) {
  Connection connection(seat.serving(), loop, std::move(socket), wire);
  co_await connection.run();
}

void close_if_idle(Connection& connection) { connection.close_if_idle(); }
void cut(Connection& connection) { connection.cut(); }

}  // namespace countersign::transport::http
