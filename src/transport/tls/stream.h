// A TCP stream that may turn into TLS: what HTTP is read from and written to, so that the HTTP code
// is there once. Plain octets take the way of beast::tcp_stream as it is; only those inside TLS
// pass a virtual call.
//
// One operation of a kind at a time, on one loop. The deadline of the TCP stream holds for whatever
// is under way, the handshake too.
#pragma once

#include <array>
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <memory>
#include <optional>
#include <utility>

#include "crypto/tls_context.h"
#include "crypto/tls_failure.h"
#include "crypto/tls_peer.h"

namespace countersign::transport::tls {

using ErrorCode = boost::system::error_code;

// The octets of a sequence of buffers, as far as one write takes them.
using Pieces = std::array<boost::asio::const_buffer, 16>;

template <class Buffers>
Pieces pieces_of(const Buffers& buffers) {
  Pieces pieces;
  std::size_t count = 0;
  const auto end = boost::asio::buffer_sequence_end(buffers);
  for (auto at = boost::asio::buffer_sequence_begin(buffers); at != end && count < pieces.size();
       ++at)
    if (const boost::asio::const_buffer one(*at); one.size() > 0) pieces[count++] = one;
  return pieces;
}

template <class Buffers>
boost::asio::mutable_buffer first_of(const Buffers& buffers) {
  const auto end = boost::asio::buffer_sequence_end(buffers);
  for (auto at = boost::asio::buffer_sequence_begin(buffers); at != end; ++at)
    if (const boost::asio::mutable_buffer one(*at); one.size() > 0) return one;
  return {};
}

enum class Side { client, server };

// TLS over a TCP stream; see stream.cc.
class Layer {
 public:
  using Moved = boost::asio::any_completion_handler<void(ErrorCode, std::size_t)>;
  using Done = boost::asio::any_completion_handler<void(ErrorCode)>;

  static std::unique_ptr<Layer> make(boost::beast::tcp_stream& below, crypto::TlsSession session,
                                     Side side);
  virtual ~Layer() = default;
  virtual void read_some(boost::asio::mutable_buffer into, Moved done) = 0;
  virtual void write_some(const Pieces& from, Moved done) = 0;
  virtual void handshake(Done done) = 0;
  virtual void shutdown(Done done) = 0;
  virtual crypto::TlsFailure explain(const ErrorCode& error) = 0;
  virtual std::optional<Bytes> peer() = 0;
};

// Whether an error is TLS's own, not that of the connection below it or its end.
bool is_tls(const ErrorCode& error) noexcept;

class Stream {
 public:
  using executor_type = boost::beast::tcp_stream::executor_type;

  explicit Stream(boost::asio::ip::tcp::socket socket) : tcp_(std::move(socket)) {}
  explicit Stream(boost::asio::io_context& loop) : tcp_(loop) {}

  executor_type get_executor() noexcept { return tcp_.get_executor(); }
  // To connect, to set deadlines, to close.
  boost::beast::tcp_stream& tcp() noexcept { return tcp_; }
  boost::asio::ip::tcp::socket& socket() noexcept { return tcp_.socket(); }
  bool is_secure() const noexcept { return layer_ != nullptr; }

  // From now on TLS is spoken; the handshake is next.
  void engage(crypto::TlsSession session, Side side) {
    layer_ = Layer::make(tcp_, std::move(session), side);
  }
  // Back to plain octets, after a handshake that came to nothing.
  void disengage() noexcept { layer_.reset(); }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return boost::asio::async_initiate<Token, void(ErrorCode, std::size_t)>(
        [this](auto handler, const Buffers& into) {
          if (layer_)
            layer_->read_some(first_of(into), std::move(handler));
          else
            tcp_.async_read_some(into, std::move(handler));
        },
        token, buffers);
  }

  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return boost::asio::async_initiate<Token, void(ErrorCode, std::size_t)>(
        [this](auto handler, const Buffers& from) {
          if (layer_)
            layer_->write_some(pieces_of(from), std::move(handler));
          else
            tcp_.async_write_some(from, std::move(handler));
        },
        token, buffers);
  }

  template <class Token>
  auto async_handshake(Token&& token) {
    return boost::asio::async_initiate<Token, void(ErrorCode)>(
        [this](auto handler) { layer_->handshake(std::move(handler)); }, token);
  }
  // Tells the peer that nothing more comes, and waits for the same from it.
  template <class Token>
  auto async_shutdown(Token&& token) {
    return boost::asio::async_initiate<Token, void(ErrorCode)>(
        [this](auto handler) { layer_->shutdown(std::move(handler)); }, token);
  }

  crypto::TlsFailure explain(const ErrorCode& error) {
    return layer_ ? layer_->explain(error) : crypto::TlsFailure{};
  }
  // After the handshake: DER of the certificate that the peer has shown, which is a good one.
  std::optional<Bytes> peer() { return layer_ ? layer_->peer() : std::nullopt; }

 private:
  boost::beast::tcp_stream tcp_;
  std::unique_ptr<Layer> layer_;
};

}  // namespace countersign::transport::tls
