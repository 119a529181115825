#include "transport/http/welcome.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/error.hpp>

namespace countersign::transport::http {
namespace {

namespace asio = boost::asio;
using crypto::TlsFault;
using tls::ErrorCode;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr std::string_view kUseHttps =
    "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
    "Content-Length: 50\r\nConnection: close\r\n\r\n"
    "This port speaks TLS: use https:// instead of http";
static_assert(kUseHttps.size() - kUseHttps.find("This ") == 50);  // the Content-Length

std::string objection(const crypto::TlsFailure& failure) {
  return "The client's certificate is refused: " +
         (failure.subject.empty() ? "" : failure.subject + ": ") + failure.reason +
         ". It must come from a CA of tls.client_ca and be valid now.";
}

std::string in_words(const crypto::TlsFailure& failure) {
  switch (failure.fault) {
    case TlsFault::http:
      return "The client speaks no TLS: it must use https:// for this port.";
    case TlsFault::no_tls:
      return "The client speaks no TLS (" + failure.reason + ").";
    case TlsFault::untrusted:
    case TlsFault::expired:
    case TlsFault::not_yet_valid:
    case TlsFault::wrong_name:
      return objection(failure);
    case TlsFault::none_sent:
      return "The client sent no certificate: it needs one, since tls.clients is \"required\".";
    case TlsFault::alert:
      return "The client ended the handshake by the alert \"" + failure.reason + "\"" +
             (failure.reason == "unknown ca"
                  ? ": it does not trust the CA of this server's certificate."
                  : ".");
    case TlsFault::other:
      break;
  }
  return "The handshake failed: " + failure.reason + ".";
}

Mishap mishap_of(tls::Stream& stream, const ErrorCode& error, TlsFault& fault) {
  const auto failure = stream.explain(error);
  fault = failure.fault;
  if (tls::is_tls(error)) return in_words(failure);
  if (error == boost::beast::error::timeout)
    return "The handshake was not complete in time: the client must not wait.";
  if (!failure.peer_spoke) return "";  // as who looks only whether the port is open
  return "The client went away during the handshake.";
}

}  // namespace

asio::awaitable<Mishap> shake_hands(tls::Stream& stream, const HttpOptions& options) {
  stream.engage(options.tls()->accept(), tls::Side::server);
  stream.tcp().expires_after(options.header_time);
  const auto [error] = co_await stream.async_handshake(kAwait);
  if (!error) co_return std::nullopt;
  TlsFault fault = TlsFault::other;
  auto mishap = mishap_of(stream, error, fault);
  stream.disengage();
  if (fault == TlsFault::http) {
    stream.tcp().expires_after(options.write_time);
    co_await asio::async_write(stream, asio::buffer(kUseHttps), kAwait);
  }
  co_return mishap;
}

}  // namespace countersign::transport::http
