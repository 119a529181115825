// A peer over TLS for tests, which sends raw octets.
#pragma once

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <string>

#include "transport/tls/stream.h"

namespace countersign::transport::http::testing {

// One request over TLS, and the answer up to the end of the connection.
inline std::string ask_over_tls(std::uint16_t port, const crypto::TlsContext& context,
                                const std::string& raw) {
  namespace asio = boost::asio;
  asio::io_context loop;
  tls::Stream stream(loop);
  std::string answer;
  const auto talk = [&]() -> asio::awaitable<void> {
    const asio::ip::tcp::endpoint to(asio::ip::address_v4::loopback(), port);
    co_await stream.tcp().async_connect(to, asio::use_awaitable);
    stream.engage(context.connect("127.0.0.1"), tls::Side::client);
    co_await stream.async_handshake(asio::use_awaitable);
    co_await asio::async_write(stream, asio::buffer(raw), asio::use_awaitable);
    for (std::array<char, 4096> octets;;) {
      const auto got = co_await stream.async_read_some(asio::buffer(octets), asio::use_awaitable);
      answer.append(octets.data(), got);
    }
  };
  asio::co_spawn(loop, talk, [](const std::exception_ptr& /*end of stream*/) {});
  loop.run_for(std::chrono::seconds{10});
  return answer;
}

}  // namespace countersign::transport::http::testing
