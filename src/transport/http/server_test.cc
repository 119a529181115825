#include "transport/http/server.h"

#include <gmock/gmock.h>

#include "transport/http/header_text.h"
#include "transport/http/loopback_test.h"

namespace countersign::transport::http {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using namespace testing;  // NOLINT(google-build-using-namespace): what loopback_test.h offers

TEST(HttpServer, LabelsACmpReplyAndForbidsToStoreIt) {
  Served served;
  RawPeer peer = served.connect();
  const std::string answer = peer.send(post("abc")).message();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Type: application/pkixcmp\r\n"));
  EXPECT_THAT(answer, HasSubstr("Cache-Control: no-store\r\n"));
  EXPECT_THAT(answer, Not(HasSubstr("Date:")));
}

struct StillClock final : Clock {
  Time now() const noexcept override { return from_unix(784'111'777); }
};

TEST(HttpServer, ServesDocumentsForAWhile) {
  const StillClock clock;
  Served served({.clock = &clock});
  RawPeer peer = served.connect();
  const std::string answer = peer.send(request("GET /ca.crl", "\r\n")).message();
  EXPECT_THAT(answer, HasSubstr("Content-Type: application/pkix-crl\r\n"));
  EXPECT_THAT(answer, HasSubstr("Cache-Control: max-age=60\r\n"));
  EXPECT_THAT(answer, HasSubstr("Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"));
  EXPECT_EQ(body_of(answer), "CRL");
}

TEST(HttpServer, AnswersHeadWithTheLengthAndNoBody) {
  Served served;
  RawPeer peer = served.connect();
  peer.send("HEAD /ca.crl HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const std::string answer = peer.rest();
  EXPECT_THAT(answer, HasSubstr("Content-Length: 3\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
}

TEST(HttpServer, NamesTheAllowedMethods) {
  Served served;
  RawPeer peer = served.connect();
  EXPECT_THAT(peer.send(request("GET /.well-known/cmp", "\r\n")).message(),
              HasSubstr("Allow: POST\r\n"));
  EXPECT_THAT(peer.send(request("PUT /both", "\r\n")).message(),
              HasSubstr("Allow: GET, HEAD, POST\r\n"));
}

TEST(HttpServer, SaysTheSameOfAllUnknownPathsAndLogsTheName) {
  Served served;
  RawPeer peer = served.connect();
  const std::string first = peer.send(request("GET /secret\x01name", "\r\n")).message();
  served.log_of(1);
  const std::string a = served.connect().send(request("GET /a", "\r\n")).message();
  served.log_of(2);
  const std::string long_name = "/" + std::string(1000, 'b');
  const std::string b = served.connect().send(request("GET " + long_name, "\r\n")).message();
  EXPECT_EQ(a, b);
  EXPECT_EQ(status_of(first), 400);  // no control characters in a target
  const auto log = served.log_of(3);
  EXPECT_EQ(log[1].path, "/a");
  EXPECT_EQ(log[2].path, long_name.substr(0, 200));
  EXPECT_FALSE(log[1].refusal.empty());
}

TEST(HttpServer, KeepsAConnectionOfHttp10ThatAsksForIt) {
  Served served;
  RawPeer peer = served.connect();
  const std::string asked =
      "POST /.well-known/cmp HTTP/1.0\r\nConnection: keep-alive\r\n"
      "Content-Type: application/pkixcmp\r\nContent-Length: 1\r\n\r\n";
  for (const std::string body : {"a", "b"}) {
    const std::string answer = peer.send(asked + body).message();
    EXPECT_THAT(answer, StartsWith("HTTP/1.0 200 OK\r\n"));
    EXPECT_THAT(answer, HasSubstr("Connection: keep-alive\r\n"));
    EXPECT_EQ(body_of(answer), "[" + body + "]");
  }
}

TEST(HttpServer, ClosesAConnectionOfHttp10ThatDoesNotAsk) {
  Served served;
  RawPeer peer = served.connect();
  peer.send("GET /ca.crl HTTP/1.0\r\n\r\n");
  EXPECT_EQ(body_of(peer.rest()), "CRL");
}

TEST(HttpServer, ClosesWhenAskedTo) {
  Served served;
  RawPeer peer = served.connect();
  peer.send(post("abc", "/.well-known/cmp", "Connection: close\r\n"));
  const std::string all = peer.rest();
  EXPECT_THAT(all, HasSubstr("Connection: close\r\n"));
  EXPECT_EQ(body_of(all), "[abc]");
}

TEST(HttpServer, AnswersPipelinedRequestsInOrder) {
  Served served;
  RawPeer peer = served.connect();
  peer.send(post("a") + post("b") + "\r\n" + request("GET /ca.crl", "\r\n") + post("c"));
  for (const char* body : {"[a]", "[b]", "CRL", "[c]"}) EXPECT_EQ(body_of(peer.message()), body);
}

TEST(HttpServer, KeepsTheConnectionAfterARefusalThatLeavesNothingUnread) {
  Served served;
  RawPeer peer = served.connect();
  EXPECT_EQ(status_of(peer.send(request("GET /nowhere", "\r\n")).message()), 404);
  EXPECT_EQ(body_of(peer.send(post("a")).message()), "[a]");
}

TEST(HttpServer, TakesNothingInAnUnreadBodyForARequest) {
  Served served;
  RawPeer peer = served.connect();
  peer.send(post(request("GET /ca.crl", "\r\n"), "/nowhere")).end_sending();
  const std::string all = peer.rest();
  EXPECT_EQ(status_of(all), 404);
  EXPECT_THAT(all, Not(HasSubstr("CRL")));
  EXPECT_EQ(served.log_of(1).size(), 1U);
}

TEST(HttpServer, TellsAPeerThatWaitsToGoOn) {
  Served served;
  RawPeer peer = served.connect();
  peer.send(request("POST /.well-known/cmp", "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n"));
  EXPECT_EQ(peer.message(), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(body_of(peer.send("abc").message()), "[abc]");
}

TEST(HttpServer, RefusesAPeerThatWaitsBeforeItsBody) {
  Served served({.body_limit = 1000});
  RawPeer to_nowhere = served.connect();
  to_nowhere.send(request("POST /nowhere", "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n"));
  EXPECT_EQ(status_of(to_nowhere.message()), 404);
  RawPeer too_much = served.connect();
  too_much.send(
      request("POST /.well-known/cmp", "Expect: 100-continue\r\nContent-Length: 1001\r\n\r\n"));
  EXPECT_EQ(status_of(too_much.message()), 413);
}

TEST(HttpServer, SaysThatABodyWasCutShort) {
  Served served;
  RawPeer peer = served.connect();
  peer.send(request("POST /.well-known/cmp", "Content-Length: 10\r\n\r\nabc")).end_sending();
  EXPECT_EQ(status_of(peer.rest()), 400);
}

TEST(HttpServer, AnswersAPeerThatHasEndedSending) {
  Served served;
  RawPeer peer = served.connect();
  EXPECT_EQ(body_of(peer.send(post("abc")).end_sending().rest()), "[abc]");
}

TEST(HttpServer, CutsAPeerThatSendsItsHeadTooSlowly) {
  Served served({.header_time = Milliseconds{100}});
  RawPeer peer = served.connect();
  EXPECT_TRUE(peer.send("POST /.well-known/cmp HT").at_end());
  EXPECT_EQ(served.log_of(1).front().status, 408);
}

TEST(HttpServer, CutsAPeerThatSendsItsBodyTooSlowly) {
  Served served({.body_time = Milliseconds{100}});
  RawPeer peer = served.connect();
  EXPECT_TRUE(
      peer.send(request("POST /.well-known/cmp", "Content-Length: 10\r\n\r\nabc")).at_end());
  EXPECT_EQ(served.log_of(1).front().status, 408);
}

TEST(HttpServer, ClosesAnIdleConnection) {
  Served served({.idle_time = Milliseconds{100}});
  RawPeer peer = served.connect();
  EXPECT_EQ(body_of(peer.send(post("abc")).message()), "[abc]");
  EXPECT_TRUE(peer.at_end());
  EXPECT_EQ(served.log().size(), 1U);
}

TEST(HttpServer, CutsAPeerThatDoesNotReadItsAnswer) {
  Served served({.write_time = Milliseconds{100}, .least_write_rate = 1U << 30});
  RawPeer peer = RawPeer::connect(served.port(), 4096);
  peer.send(request("GET /big", "\r\n"));
  served.log_of(1);
  EXPECT_LT(peer.rest().size(), 32U << 20);
}

TEST(HttpServer, GivesUpOnAnAnswerThatDoesNotCome) {
  std::mutex mutex;
  std::vector<Done<ports::Outbound>> forgotten;
  Served served({.answer_time = Milliseconds{50}},
                [&](const auto&, const auto&, Done<ports::Outbound> done) {
                  const std::lock_guard lock(mutex);
                  forgotten.push_back(std::move(done));
                });
  RawPeer peer = served.connect();
  const std::string answer = peer.send(post("abc")).message();
  EXPECT_EQ(status_of(answer), 503);
  EXPECT_THAT(answer, HasSubstr("Retry-After: 30\r\n"));
}

struct Answered {
  const char* says;
  Result<ports::Outbound> outbound;
  int status;
  std::string part;
};

TEST(HttpServer, PassesOnWhatTheResponderSays) {
  std::vector<Answered> cases;
  cases.push_back(
      {"a plain refusal with a time to come back",
       ports::Outbound{
           .status = 503, .body = {}, .plain_text = "Come back.", .retry_after = Seconds{7}},
       503, "Retry-After: 7\r\n"});
  cases.push_back({"a CMP error with a status of its own", cmp_reply("error", 403), 403,
                   "Content-Type: application/pkixcmp\r\n"});
  cases.push_back({"a receipt", cmp_reply("", 201), 201, "Content-Length: 0\r\n"});
  cases.push_back(
      {"an overload", fail(Failure::systemUnavail, "store.busy", "Try again."), 503, "Try again."});
  cases.push_back({"a fault", fail(Failure::systemFailure, "x", "It failed."), 500, "It failed."});
  for (auto& c : cases) {
    SCOPED_TRACE(c.says);
    Served served({},
                  [&](const auto&, const auto&, Done<ports::Outbound> done) { done(c.outbound); });
    RawPeer peer = served.connect();
    const std::string answer = peer.send(post("abc")).message();
    EXPECT_EQ(status_of(answer), c.status);
    EXPECT_THAT(answer, HasSubstr(c.part));
  }
}

TEST(HttpServer, TurnsAwayWhomItHasNoPlaceFor) {
  Served served({.max_connections = 1});
  RawPeer first = served.connect();
  EXPECT_EQ(body_of(first.send(post("a")).message()), "[a]");
  RawPeer second = served.connect();
  const std::string answer = second.message();
  EXPECT_EQ(status_of(answer), 503);
  EXPECT_THAT(answer, HasSubstr("Retry-After: "));
  EXPECT_TRUE(second.at_end());
  first.close();
  while (served.server().connections() > 0) std::this_thread::sleep_for(Milliseconds{5});
  EXPECT_EQ(body_of(served.connect().send(post("b")).message()), "[b]");
}

TEST(HttpServer, LimitsTheConnectionsOfOnePeer) {
  Served served({.max_connections_per_peer = 2});
  RawPeer first = served.connect();
  RawPeer second = served.connect();
  EXPECT_EQ(status_of(served.connect().message()), 503);
}

TEST(HttpServer, ListensOnSeveralAddresses) {
  Served served({.listen = {"127.0.0.1:0", "127.0.0.1:0"}});
  ASSERT_NE(served.server().local_port(0), served.server().local_port(1));
  for (const std::size_t index : {0U, 1U}) {
    RawPeer peer = RawPeer::connect(served.server().local_port(index));
    EXPECT_EQ(body_of(peer.send(post("a")).message()), "[a]");
  }
}

std::string listen_error(std::string address) {
  boost::asio::io_context loop;
  FakeResponder responder(loop, {});
  const FakeSite site;
  const auto server = HttpServer::open({.listen = {std::move(address)}}, {{loop, responder}}, site);
  return server ? "listens" : std::string(server.error().code);
}

TEST(HttpServer, RefusesATakenPort) {
  Served served;
  EXPECT_EQ(listen_error(served.server().local_endpoint()), "transport.listen-taken");
}

TEST(HttpServer, RefusesWhatIsNoAddress) {
  for (const char* address : {"", "8829", ":8829", "localhost:8829", "127.0.0.1", "127.0.0.1:",
                              "127.0.0.1:65536", "127.0.0.1:80x", "::1:80", "[127.0.0.1]:80"})
    EXPECT_EQ(listen_error(address), "transport.listen-address") << address;
  EXPECT_EQ(listen_error("192.0.2.1:0"), "transport.listen-address");
}

// A server that is never stopped, with requests that are never answered.
TEST(HttpServer, LeavesNothingBehindWhenItsLoopsEnd) {
  boost::asio::io_context first, second;
  FakeResponder responder(first, [](const auto&, const auto&, const auto&) {});
  const FakeSite site;
  auto server = HttpServer::open({.listen = {"127.0.0.1:0"}},
                                 {{first, responder}, {second, responder}}, site);
  ASSERT_TRUE(server);
  RawPeer one = RawPeer::connect((*server)->local_port());
  RawPeer two = RawPeer::connect((*server)->local_port());
  one.send(post("a"));
  two.send(post("a"));
  for (int i = 0; i < 20; ++i) {
    first.run_for(Milliseconds{1});
    second.run_for(Milliseconds{1});
  }
  EXPECT_EQ((*server)->connections(), 2U);
}

TEST(HeaderText, KnowsTheMediaTypes) {
  EXPECT_TRUE(is_pkixcmp(" application/pkixcmp ;x"));
  EXPECT_FALSE(is_pkixcmp("application/pkixcmpx"));
  EXPECT_FALSE(is_pkixcmp(""));
}

TEST(HeaderText, ShowsNothingUnprintable) {
  EXPECT_EQ(printable("a\x1b[31m\xc3\xa4\n", 100), "a?[31m???");
  EXPECT_EQ(printable("abc", 2), "ab");
}

}  // namespace
}  // namespace countersign::transport::http
