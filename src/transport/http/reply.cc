#include "transport/http/reply.h"

#include <algorithm>
#include <boost/beast/http/error.hpp>

#include "base/ascii.h"
#include "transport/http/header_text.h"

namespace countersign::transport::http {
namespace {

namespace bhttp = boost::beast::http;

// Pages come from this site alone, with neither inline scripts nor styles, and in nobody's frame.
constexpr std::string_view kContentPolicy =
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "object-src 'none'";
constexpr std::string_view kStrictTransport = "max-age=31536000";
constexpr std::size_t kLongestValue = 8 * 1024;

void add_unless_there(Reply& reply, std::string_view name, std::string_view value) {
  const auto is_it = [&](const auto& header) {
    return ascii::same_ignoring_case(header.first, name);
  };
  if (std::ranges::none_of(reply.headers, is_it)) reply.headers.emplace_back(name, value);
}

}  // namespace

Reply plain(int status, std::string sentence) {
  const bool in_doubt = status == 400 || status == 501;
  return {.status = status,
          .content_type = std::string(kPlainText),
          .body = to_bytes(sentence + "\n"),
          .refusal = std::move(sentence),
          .next = in_doubt ? Reply::Next::in_doubt : Reply::Next::awaited};
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
  reply.content_type = std::move(document.content_type);
  reply.body = std::move(document.body);
  reply.cache_control = document.max_age.count() > 0
                            ? "max-age=" + std::to_string(document.max_age.count())
                            : "no-cache";
  return reply;
}

Reply reply_of(ports::WebResponse response) {
  Reply reply;
  reply.status = response.status;
  reply.content_type = std::move(response.content_type);
  reply.body = std::move(response.body);
  reply.headers = std::move(response.headers);
  // RFC 9110 §5.5 [MUST] no CR, LF or NUL in a value: what a peer sent may have come into one.
  for (auto& [name, value] : reply.headers) value = printable(value, kLongestValue);
  return reply;
}

std::optional<Reply> reply_to_broken(const boost::system::error_code& error,
                                     const HttpOptions& options) {
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

Reply in_words_of(const ports::Web& web, Reply refusal) {
  Reply reply = reply_of(web.refusal(refusal.status, refusal.refusal));
  reply.status = refusal.status;
  reply.allow = refusal.allow;
  reply.retry_after = refusal.retry_after;
  reply.refusal = std::move(refusal.refusal);
  reply.next = refusal.next;
  return reply;
}

void add_security_headers(Reply& reply, enrol::Transport transport) {
  add_unless_there(reply, "Cache-Control", "no-store");
  add_unless_there(reply, "X-Content-Type-Options", "nosniff");
  add_unless_there(reply, "Content-Security-Policy", kContentPolicy);
  add_unless_there(reply, "Referrer-Policy", "no-referrer");
  if (transport == enrol::Transport::confidential)
    add_unless_there(reply, "Strict-Transport-Security", kStrictTransport);
}

}  // namespace countersign::transport::http
