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
#include "transport/http/reply.h"
#include "transport/http/rules.h"
#include "transport/http/web_rules.h"
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

// What is awaited of a Responder or a Web; gone if the connection goes first.
template <class Answer>
struct Waiting {
  explicit Waiting(const asio::any_io_executor& loop) : wake(loop) {}
  asio::steady_timer wake;
  std::optional<Result<Answer>> answer;
};

std::string_view std_view(beast::string_view text) noexcept { return {text.data(), text.size()}; }

using Fields = bhttp::fields;

// RFC 9110 §5.3: the lines of a list make one list.
std::string joined(const Fields& fields, bhttp::field name) {
  std::string all;
  const auto [begin, end] = fields.equal_range(name);
  for (auto at = begin; at != end; ++at)
    all.append(all.empty() ? "" : ", ").append(std_view(at->value()));
  return all;
}

WebHead web_head(const Fields& fields) {
  WebHead head{.authorization = std::string(std_view(fields[bhttp::field::authorization])),
               .if_match = joined(fields, bhttp::field::if_match),
               .if_none_match = joined(fields, bhttp::field::if_none_match),
               .idempotency_key = std::string(std_view(fields["Idempotency-Key"])),
               .accept = joined(fields, bhttp::field::accept),
               .repeated = {}};
  for (const std::string_view once : {"Authorization", "Content-Type", "Idempotency-Key"})
    if (fields.count(once) > 1) head.repeated = once;
  return head;
}

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
    if (waiting_ != nullptr) waiting_->cancel();
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

    if (loop_.web != nullptr) co_return co_await served_web();
    const RequestHead head = request_head();
    Verdict verdict = judge(head, *serving_.site);
    if (auto* refusal = std::get_if<Refusal>(&verdict))
      co_return co_await sent(reply_of(std::move(*refusal)));
    if (auto* document = std::get_if<ports::Document>(&verdict))
      co_return co_await sent(reply_of(*document));
    co_return co_await served_message(std::get<ports::Endpoint>(std::move(verdict)));
  }

  // With the consent that the peer may have asked for. What went wrong, if anything.
  asio::awaitable<beast::error_code> read_body() {
    const bool sends_continue = expects_continue(request_head()) && !parser_->is_done();
    if (sends_continue) {
      stream_.tcp().expires_after(serving_.options.write_time);
      const auto [failed, written] =
          co_await asio::async_write(stream_, asio::buffer(kContinue), kAwait);
      if (failed) co_return failed;
    }
    stream_.tcp().expires_after(serving_.options.body_time);
    const auto [error, size] = co_await bhttp::async_read(stream_, buffer_, *parser_, kAwait);
    body_size_ = parser_->get().body().size();
    co_return error;
  }

  asio::awaitable<bool> served_message(ports::Endpoint endpoint) {
    const auto error = co_await read_body();
    if (error) co_return co_await answered_broken(error);
    if (body_size_ == 0)
      co_return co_await sent(plain(400, "The body is empty: send one DER PKIMessage."));

    ports::Inbound in{std::move(endpoint), std::move(parser_->get().body()), peer_, transport()};
    auto ask = [&](Done<ports::Outbound> done) {
      loop_.responder->handle(std::move(in), std::move(done));
    };
    auto answer = co_await asked<ports::Outbound>(ask);
    if (!answer && !stream_.socket().is_open()) co_return false;
    if (answer) co_return co_await sent(reply_of(*std::move(answer)));
    Reply late = plain(503, "The answer is not ready yet: send the same message again.");
    late.retry_after = kComeBack;
    late.cache_control = "no-store";
    co_return co_await sent(std::move(late));
  }

  asio::awaitable<bool> served_web() {
    const RequestHead head = request_head();
    auto verdict = judge_web(head, web_head(parser_->get().base()));
    if (auto* refusal = std::get_if<Refusal>(&verdict))
      co_return co_await sent(reply_of(std::move(*refusal)));
    auto request = std::get<ports::WebRequest>(std::move(verdict));
    const auto error = co_await read_body();
    if (error) co_return co_await answered_broken(error);

    request.body = std::move(parser_->get().body());
    request.peer = peer_;
    request.client_certificate = stream_.peer();
    request.transport = transport();
    auto ask = [&](Done<ports::WebResponse> done) {
      loop_.web->handle(std::move(request), std::move(done));
    };
    auto answer = co_await asked<ports::WebResponse>(ask);
    if (!answer && !stream_.socket().is_open()) co_return false;
    if (answer && *answer) co_return co_await sent(reply_of(**std::move(answer)));
    Reply late =
        plain(answer ? 500 : 503, answer ? answer->error().reply_text
                                         : "The answer takes too long: look whether it was done "
                                           "before you ask again.");
    if (!answer) late.retry_after = kComeBack;
    co_return co_await sent(std::move(late));
  }

  // What `start` asks for, with the Done that it is given; nullopt if there was no answer in time,
  // or the connection was cut meanwhile.
  template <class Answer, class Start>
  asio::awaitable<std::optional<Result<Answer>>> asked(Start& start) {
    if (!stream_.socket().is_open()) co_return std::nullopt;
    const auto waiting = std::make_shared<Waiting<Answer>>(stream_.get_executor());
    start(Done<Answer>([asker = std::weak_ptr(waiting)](Result<Answer> answer) {
      const auto there = asker.lock();
      if (!there) return;
      there->answer = std::move(answer);
      there->wake.cancel();
    }));
    if (!waiting->answer) {
      waiting_ = &waiting->wake;
      waiting->wake.expires_after(serving_.options.answer_time);
      co_await waiting->wake.async_wait(kAwait);
      waiting_ = nullptr;
    }
    co_return std::move(waiting->answer);
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

  asio::awaitable<bool> sent(Reply reply) {
    // Only refusals of our own are not yet in the Web's words.
    if (loop_.web != nullptr && !reply.refusal.empty())
      reply = in_words_of(*loop_.web, std::move(reply));
    if (loop_.web != nullptr) add_security_headers(reply, transport());
    const bool in_doubt = !parser_->is_done() || reply.next == Reply::Next::in_doubt;
    const bool keep = !in_doubt && parser_->get().keep_alive() && !loop_.stopping;
    auto message = message_of(reply, keep);
    const auto size = message.body().size();
    stream_.tcp().expires_after(serving_.options.write_time +
                                Seconds{size / serving_.options.least_write_rate});
    const auto [error, written] = co_await bhttp::async_write(stream_, message, kAwait);
    log(reply.status, size, reply.refusal);
    if (error) co_return false;
    if (in_doubt) co_await drained();
    co_return keep;
  }

  bhttp::response<bhttp::vector_body<Byte>> message_of(Reply& reply, bool keep) const {
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
    for (const auto& [name, value] : reply.headers) message.set(name, value);
    message.keep_alive(keep);
    // RFC 9110 §8.6 [MUST NOT] in a 204; a 304 has none of its own to tell.
    if (reply.status != 204 && reply.status != 304) message.content_length(reply.body.size());
    if (method_ != "HEAD") message.body() = std::move(reply.body);
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
  asio::steady_timer* waiting_ = nullptr;

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
