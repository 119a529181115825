#include <gmock/gmock.h>

#include <atomic>
#include <boost/asio/post.hpp>

#include "transport/http/loopback_test.h"

namespace countersign::transport::http {
namespace {

using ::testing::HasSubstr;
using namespace testing;  // NOLINT(google-build-using-namespace): what loopback_test.h offers

constexpr Milliseconds kLong{60'000};

// Takes one request and answers it when told to.
struct HeldAnswer {
  Handler handler() {
    return [this](boost::asio::io_context& on, ports::Inbound in, Done<ports::Outbound> then) {
      loop = &on;
      done = std::move(then);
      request = std::move(in);
      asked.set_value();
    };
  }
  void answer() {
    boost::asio::post(*loop, [this] { done(echo(request)); });
  }
  std::promise<void> asked;
  boost::asio::io_context* loop = nullptr;
  ports::Inbound request;
  Done<ports::Outbound> done;
};

TEST(HttpServerStop, EndsAtOnceWithoutConnections) {
  Served served;
  served.stop(kLong);
  EXPECT_THROW(served.connect(), std::runtime_error);
}

TEST(HttpServerStop, ClosesIdleConnections) {
  Served served;
  RawPeer used = served.connect();
  EXPECT_EQ(body_of(used.send(post("a")).message()), "[a]");
  RawPeer fresh = served.connect();
  while (served.server().connections() < 2) std::this_thread::sleep_for(Milliseconds{5});
  served.stop(kLong);
  EXPECT_TRUE(used.at_end());
  EXPECT_TRUE(fresh.at_end());
}

TEST(HttpServerStop, LetsARequestInFlightBeAnswered) {
  HeldAnswer held;
  Served served({}, held.handler());
  RawPeer idle = served.connect();
  RawPeer peer = served.connect();
  peer.send(post("a"));
  held.asked.get_future().wait();
  auto stopped = served.begin_stop(kLong);
  EXPECT_TRUE(idle.at_end());
  EXPECT_EQ(stopped.wait_for(Milliseconds{20}), std::future_status::timeout);
  held.answer();
  const std::string answer = peer.message();
  EXPECT_EQ(body_of(answer), "[a]");
  EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
  EXPECT_TRUE(peer.at_end());
  stopped.wait();
}

TEST(HttpServerStop, LetsABegunRequestBeReadToItsEnd) {
  Served served;
  RawPeer peer = served.connect();
  peer.send(
      "POST /.well-known/cmp HTTP/1.1\r\nHost: a\r\nContent-Type: application/pkixcmp\r\n"
      "Expect: 100-continue\r\nContent-Length: 1\r\n\r\n");
  EXPECT_EQ(status_of(peer.message()), 100);
  auto stopped = served.begin_stop(kLong);
  EXPECT_EQ(body_of(peer.send("a").message()), "[a]");
  EXPECT_TRUE(peer.at_end());
  stopped.wait();
}

TEST(HttpServerStop, CutsWhatIsLeftAtTheDeadline) {
  HeldAnswer held;
  Served served({}, held.handler());
  RawPeer waiting = served.connect();
  waiting.send(post("a"));
  held.asked.get_future().wait();
  RawPeer half = served.connect();
  half.send("POST /.well-known");
  served.stop(Milliseconds{50});
  EXPECT_TRUE(waiting.at_end());
  EXPECT_TRUE(half.at_end());
  held.answer();  // nobody is there to hear it
}

TEST(HttpServerStop, DoesNotWaitForAPeerThatItRefused) {
  Served served;
  RawPeer peer = served.connect();
  peer.send("POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n");
  EXPECT_EQ(status_of(peer.message()), 404);
  served.stop(kLong);
}

TEST(HttpServerStop, AnswersInFullOrNotAtAllUnderLoad) {
  Served served;
  std::atomic<int> answered = 0;
  std::vector<std::thread> peers;
  for (int i = 0; i < 4; ++i)
    peers.emplace_back([&] {
      RawPeer peer = served.connect();
      for (;;) {
        const std::string answer = peer.send(post("a")).message();
        if (answer.empty()) return;
        EXPECT_EQ(body_of(answer), "[a]");
        ++answered;
      }
    });
  while (answered < 200) std::this_thread::yield();
  served.stop(kLong);
  for (auto& peer : peers) peer.join();
}

}  // namespace
}  // namespace countersign::transport::http
