// A client for the tests of transport/http.
#pragma once

#include <gtest/gtest.h>

#include "transport/http/client.h"
#include "transport/http/loopback_test.h"

namespace countersign::transport::http::testing {

// A client on a loop of the test's own thread.
struct Caller {
  explicit Caller(HttpClientOptions options = {}) : client(loop, std::move(options)) {}

  Result<Bytes> call(const std::string& url, std::string_view body = "abc",
                     Seconds deadline = Seconds{10}, const std::string& proxy = {}) {
    std::optional<Result<Bytes>> reply;
    client.exchange({.url = url, .proxy = proxy}, to_bytes(body), deadline,
                    [&](Result<Bytes> got) { reply = std::move(got); });
    EXPECT_FALSE(reply) << "never before exchange() returns";
    loop.restart();
    loop.run();
    return std::move(reply).value();
  }

  Result<ports::WebResponse> ask(const std::string& url, HttpCall call) {
    std::optional<Result<ports::WebResponse>> answer;
    client.call({.url = url, .proxy = {}}, std::move(call), Seconds{10},
                [&](Result<ports::WebResponse> got) { answer = std::move(got); });
    loop.restart();
    loop.run();
    return std::move(answer).value();
  }

  boost::asio::io_context loop;
  HttpClient client;
};

inline std::string body_or_code(const Result<Bytes>& reply) {
  return reply ? std::string(text(*reply)) : std::string(reply.error().code);
}

}  // namespace countersign::transport::http::testing
