#include "transport/tls/stream.h"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>

namespace countersign::transport::tls {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;

// The handlers' own executor, whose type is lost, cannot do all that Beast asks of it.
template <class Handler>
auto on(const beast::tcp_stream::executor_type& executor, Handler handler) {
  return asio::bind_executor(executor, std::move(handler));
}

class AsioLayer final : public Layer {
 public:
  AsioLayer(beast::tcp_stream& below, crypto::TlsSession session, Side side)
      : side_(side), stream_(below, session.release()) {}

  void read_some(asio::mutable_buffer into, Moved done) override {
    stream_.async_read_some(into, on(stream_.get_executor(), std::move(done)));
  }
  void write_some(const Pieces& from, Moved done) override {
    stream_.async_write_some(from, on(stream_.get_executor(), std::move(done)));
  }
  void handshake(Done done) override {
    using Base = asio::ssl::stream_base;
    stream_.async_handshake(side_ == Side::server ? Base::server : Base::client,
                            on(stream_.get_executor(), std::move(done)));
  }
  void shutdown(Done done) override {
    stream_.async_shutdown(on(stream_.get_executor(), std::move(done)));
  }
  crypto::TlsFailure explain(const ErrorCode& error) override {
    // The library's number of it is positive, and has 31 bits at most.
    const bool own = error.category() == asio::error::get_ssl_category();
    return crypto::explain_tls(stream_.native_handle(),
                               own ? static_cast<unsigned long>(error.value()) : 0);
  }
  std::optional<Bytes> peer() override { return crypto::verified_peer(stream_.native_handle()); }

 private:
  const Side side_;
  asio::ssl::stream<beast::tcp_stream&> stream_;
};

}  // namespace

std::unique_ptr<Layer> Layer::make(beast::tcp_stream& below, crypto::TlsSession session,
                                   Side side) {
  return std::make_unique<AsioLayer>(below, std::move(session), side);
}

bool is_tls(const ErrorCode& error) noexcept {
  return error.category() == asio::error::get_ssl_category();
}

}  // namespace countersign::transport::tls
