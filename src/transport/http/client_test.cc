#include "transport/http/client.h"

#include <gmock/gmock.h>

#include "transport/http/caller_test.h"

namespace countersign::transport::http {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using namespace testing;  // NOLINT(google-build-using-namespace): what loopback_test.h offers

std::function<void(RawPeer&)> answering(std::string answer) {
  return [answer = std::move(answer)](RawPeer& peer) {
    peer.message();
    peer.send(answer);
  };
}

std::string reply(std::string_view line, std::string_view headers, std::string_view body) {
  return "HTTP/1.1 " + std::string(line) + "\r\n" + std::string(headers) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}
constexpr std::string_view kCmp = "Content-Type: application/pkixcmp\r\n";

TEST(HttpClient, BringsBackTheReply) {
  Served served;
  Caller caller;
  EXPECT_EQ(body_or_code(caller.call(served.url())), "[abc]");
  EXPECT_EQ(body_or_code(caller.call(served.url("/.well-known/cmp/p/x/initialization"))),
            "[initialization:abc]");
}

TEST(HttpClient, GoesToTheWellKnownPathWhenNoneIsGiven) {
  Served served;
  Caller caller;
  EXPECT_EQ(body_or_code(caller.call(served.url(""))), "[abc]");
  EXPECT_EQ(body_or_code(caller.call(served.url("/"))), "[abc]");
}

TEST(HttpClient, SendsWhatRfc9811Asks) {
  std::string seen;
  ScriptedServer server({[&](RawPeer& peer) {
    seen = peer.message();
    peer.send(reply("200 OK", kCmp, "ok"));
  }});
  Caller caller({.user_agent = "countersign/1.2.3"});
  EXPECT_EQ(body_or_code(caller.call(server.url("/path?x=y"))), "ok");
  EXPECT_THAT(seen, StartsWith("POST /path?x=y HTTP/1.1\r\n"));
  EXPECT_THAT(seen, HasSubstr("\r\nHost: 127.0.0.1:" + std::to_string(server.port()) + "\r\n"));
  EXPECT_THAT(seen, HasSubstr("\r\nContent-Type: application/pkixcmp\r\n"));
  EXPECT_THAT(seen, HasSubstr("\r\nContent-Length: 3\r\n"));
  EXPECT_THAT(seen, HasSubstr("\r\nUser-Agent: countersign/1.2.3\r\n"));
  EXPECT_EQ(body_of(seen), "abc");
}

TEST(HttpClient, ResolvesNames) {
  Served served;
  Caller caller;
  const auto at = [&](const std::string& host) {
    return body_or_code(caller.call("http://" + host + ":" + std::to_string(served.port())));
  };
  // RFC 6761 §6.3 [SHOULD] whatever /etc/hosts and the name servers say
  for (const char* name : {"localhost", "LocalHost", "ca.localhost"}) EXPECT_EQ(at(name), "[abc]");
}

TEST(HttpClient, ReusesItsConnection) {
  Served served;
  Caller caller;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(body_or_code(caller.call(served.url())), "[abc]");
  EXPECT_EQ(caller.client.counts().connected, 1U);
  EXPECT_EQ(caller.client.counts().reused, 2U);
  EXPECT_EQ(served.server().connections(), 1U);
}

TEST(HttpClient, OpensAConnectionForEachOfTwoExchangesAtOnce) {
  Served served;
  Caller caller;
  int answered = 0;
  for (int i = 0; i < 2; ++i)
    caller.client.exchange({.url = served.url(), .proxy = {}}, to_bytes("a"), Seconds{10},
                           [&](const Result<Bytes>& got) { answered += got ? 1 : 0; });
  caller.loop.run();
  EXPECT_EQ(answered, 2);
  EXPECT_EQ(caller.client.counts().connected, 2U);
}

TEST(HttpClient, DropsAConnectionThatWasIdleTooLong) {
  Served served;
  Caller caller({.keep_idle = Seconds{-1}});
  for (int i = 0; i < 2; ++i) EXPECT_EQ(body_or_code(caller.call(served.url())), "[abc]");
  EXPECT_EQ(caller.client.counts().connected, 2U);
}

TEST(HttpClient, RetriesWhenAnIdleConnectionTurnsOutClosed) {
  ScriptedServer server(
      {answering(reply("200 OK", kCmp, "first")), answering(reply("200 OK", kCmp, "second"))});
  Caller caller;
  EXPECT_EQ(body_or_code(caller.call(server.url())), "first");
  EXPECT_EQ(body_or_code(caller.call(server.url())), "second");
  EXPECT_EQ(caller.client.counts().retried, 1U);
  EXPECT_EQ(caller.client.counts().connected, 2U);
}

TEST(HttpClient, RetriesAgainstAServerThatClosesIdleConnections) {
  Served served({.idle_time = Milliseconds{50}});
  Caller caller;
  EXPECT_EQ(body_or_code(caller.call(served.url())), "[abc]");
  while (served.server().connections() > 0) std::this_thread::sleep_for(Milliseconds{5});
  EXPECT_EQ(body_or_code(caller.call(served.url())), "[abc]");
  EXPECT_EQ(caller.client.counts().retried, 1U);
}

TEST(HttpClient, DoesNotRetryOnAFreshConnection) {
  ScriptedServer server({[](RawPeer& peer) { peer.message(); }});
  Caller caller;
  EXPECT_EQ(body_or_code(caller.call(server.url())), "transport.closed");
  EXPECT_EQ(caller.client.counts().connected, 1U);
}

TEST(HttpClient, RetriesOnlyOnce) {
  ScriptedServer server(
      {answering(reply("200 OK", kCmp, "first")), [](RawPeer& peer) { peer.message(); }});
  Caller caller;
  EXPECT_EQ(body_or_code(caller.call(server.url())), "first");
  EXPECT_EQ(body_or_code(caller.call(server.url())), "transport.closed");
}

TEST(HttpClient, DoesNotRetryOnceAnAnswerHasBegun) {
  ScriptedServer server({[](RawPeer& peer) {
    peer.message();
    peer.send(reply("200 OK", kCmp, "first"));
    peer.message();
    peer.send("HTTP/1.1 200");
  }});
  Caller caller;
  EXPECT_EQ(body_or_code(caller.call(server.url())), "first");
  EXPECT_EQ(body_or_code(caller.call(server.url())), "transport.closed");
  EXPECT_EQ(caller.client.counts().retried, 0U);
}

TEST(HttpClient, DoesNotReuseAConnectionWithOctetsLeftOver) {
  ScriptedServer server(
      {answering(reply("200 OK", kCmp, "first") + reply("200 OK", kCmp, "not asked")),
       answering(reply("200 OK", kCmp, "second"))});
  Caller caller;
  EXPECT_EQ(body_or_code(caller.call(server.url())), "first");
  EXPECT_EQ(body_or_code(caller.call(server.url())), "second");
}

struct AnswerCase {
  const char* says;
  std::string answer;
  std::string result;     // the body or the code
  std::string text = {};  // part of the error's text
};
void PrintTo(const AnswerCase& c, std::ostream* out) { *out << c.says; }

const AnswerCase kAnswers[] = {
    {"an error status with a CMP message", reply("500 Oops", kCmp, "error"), "error"},
    {"a client's error with a CMP message", reply("403 No", kCmp, "error"), "error"},
    {"another name of the type", reply("200 OK", "Content-Type: application/x-pkixcmp\r\n", "ok"),
     "ok"},
    {"a receipt of an announcement", reply("202 Accepted", "", ""), ""},
    {"a chunked reply",
     "HTTP/1.1 200 OK\r\nContent-Type: application/pkixcmp\r\nTransfer-Encoding: chunked\r\n\r\n"
     "2\r\nok\r\n0\r\n\r\n",
     "ok"},
    {"a reply that ends with its connection",
     "HTTP/1.0 200 OK\r\nContent-Type: application/pkixcmp\r\n\r\nok", "ok"},
    {"an interim answer", "HTTP/1.1 100 Continue\r\n\r\n" + reply("200 OK", kCmp, "ok"), "ok"},
    {"nothing but interim answers",
     [] {
       std::string all;
       for (int i = 0; i < 20; ++i) all += "HTTP/1.1 100 Continue\r\n\r\n";
       return all;
     }(),
     "transport.bad-reply"},
    {"a redirect", reply("301 Moved", "Location: http://other.example/\x1b\r\n", "abc"),
     "transport.bad-reply"},
    {"a redirect to a good place",
     reply("301 Moved",
           "Location: http://other.example/cmp\r\nContent-Type: application/pkixcmp\r\n", "abc"),
     "transport.http-status", "http://other.example/cmp"},
    {"an error status with a text",
     reply("404 Not Found", "Content-Type: text/plain\r\n", "no such\x1b\n"),
     "transport.http-status", "answered 404, saying: no such?"},
    {"an error status with a web page",
     reply("502 Bad Gateway", "Content-Type: application/octet-stream\r\n", "zzz"),
     "transport.http-status", "answered 502: check"},
    {"a web page", reply("200 OK", "Content-Type: text/html\r\n", "<html>"),
     "transport.content-type", "\"text/html\""},
    {"a type missing", reply("200 OK", "", "zzz"), "transport.content-type"},
    {"too long a length", reply("200 OK", kCmp, std::string(101, 'x')), "transport.too-large"},
    {"too long a body without length",
     "HTTP/1.0 200 OK\r\nContent-Type: application/pkixcmp\r\n\r\n" + std::string(101, 'x'),
     "transport.too-large"},
    {"headers too long", "HTTP/1.1 200 OK\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n",
     "transport.too-large"},
    {"no HTTP", "SSH-2.0-OpenSSH_9.2\r\n\r\n", "transport.bad-reply", "check the port"},
    {"a body cut short",
     "HTTP/1.1 200 OK\r\nContent-Type: application/pkixcmp\r\nContent-Length: 9\r\n\r\nab",
     "transport.closed"},
};

class AnswerTest : public ::testing::TestWithParam<AnswerCase> {};

TEST_P(AnswerTest, IsUnderstood) {
  ScriptedServer server({answering(GetParam().answer)});
  Caller caller({.body_limit = 100});
  const auto got = caller.call(server.url());
  EXPECT_EQ(body_or_code(got), GetParam().result);
  if (got) return;
  EXPECT_EQ(got.error().failure, Failure::systemUnavail);
  EXPECT_THAT(got.error().reply_text, HasSubstr(GetParam().text));
  EXPECT_THAT(got.error().reply_text, HasSubstr(server.url()));
}

INSTANTIATE_TEST_SUITE_P(All, AnswerTest, ::testing::ValuesIn(kAnswers));

TEST(HttpClient, SaysThatAConnectionIsRefused) {
  const RawListener bound(RawListener::Listen::no);
  Caller caller;
  const auto got = caller.call(bound.url());
  ASSERT_EQ(body_or_code(got), "transport.refused");
  EXPECT_EQ(got.error().reply_text,
            "connection to " + bound.url() +
                " refused: is countersignd running there? check host and port");
}

TEST(HttpClient, GivesUpAtItsDeadline) {
  std::promise<void> over;
  ScriptedServer server({[&](RawPeer& peer) {
    peer.message();
    over.get_future().wait();
  }});
  Caller caller;
  EXPECT_EQ(body_or_code(caller.call(server.url(), "abc", Seconds{1})), "transport.timeout");
  over.set_value();
}

TEST(HttpClient, HasNoTimeAtAll) {
  const RawListener mute;
  Caller caller;
  EXPECT_EQ(body_or_code(caller.call(mute.url(), "abc", Seconds{0})), "transport.timeout");
}

TEST(HttpClient, SaysThatANameIsUnknown) {
  Caller caller;
  EXPECT_EQ(body_or_code(caller.call("http://nowhere.invalid/")), "transport.name");
}

TEST(HttpClient, RefusesWhatItCannotDo) {
  Caller caller;
  EXPECT_EQ(body_or_code(caller.call("https://ca.example/")), "transport.unsupported-scheme");
  EXPECT_EQ(body_or_code(caller.call("ca.example")), "transport.url");
  EXPECT_EQ(body_or_code(caller.call("http://ca.example", "a", Seconds{1}, "proxy:3128")),
            "transport.url");
}

TEST(HttpClient, AsksAProxyForTheWholeUrl) {
  std::string first, second;
  ScriptedServer proxy({[&](RawPeer& peer) {
    first = peer.message();
    peer.send(reply("200 OK", kCmp, "one"));
    second = peer.message();
    peer.send(reply("200 OK", kCmp, "two"));
  }});
  Caller caller;
  const auto through = [&](const std::string& url) {
    return body_or_code(caller.call(url, "abc", Seconds{10}, proxy.url("")));
  };
  EXPECT_EQ(through("http://ca.invalid"), "one");
  EXPECT_EQ(through("http://[2001:db8::1]:8829/x"), "two");
  EXPECT_THAT(first, StartsWith("POST http://ca.invalid/.well-known/cmp HTTP/1.1\r\n"));
  EXPECT_THAT(first, HasSubstr("\r\nHost: ca.invalid\r\n"));
  EXPECT_THAT(second, StartsWith("POST http://[2001:db8::1]:8829/x HTTP/1.1\r\n"));
  EXPECT_THAT(second, HasSubstr("\r\nHost: [2001:db8::1]:8829\r\n"));
  EXPECT_EQ(caller.client.counts().connected, 1U);
}

TEST(HttpClient, NamesTheProxyThatCannotBeReached) {
  const RawListener bound(RawListener::Listen::no);
  Caller caller;
  const auto got = caller.call("http://ca.invalid/", "abc", Seconds{10}, bound.url(""));
  ASSERT_EQ(body_or_code(got), "transport.refused");
  EXPECT_THAT(got.error().reply_text, HasSubstr("proxy http://127.0.0.1:"));
}

TEST(HttpClient, SpeaksIpv6) {
  try {
    Served served({.listen = {"[::1]:0"}});
    Caller caller;
    EXPECT_THAT(served.url(), StartsWith("http://[::1]:"));
    EXPECT_EQ(body_or_code(caller.call(served.url())), "[abc]");
  } catch (const std::runtime_error& without) {
    GTEST_SKIP() << without.what();
  }
}

TEST(HttpClient, MayGoBeforeItsExchangeIsOver) {
  Served served;
  boost::asio::io_context loop;
  auto client = std::make_unique<HttpClient>(loop);
  std::string got;
  client->exchange({.url = served.url(), .proxy = {}}, to_bytes("a"), Seconds{10},
                   [&](const Result<Bytes>& reply) { got = body_or_code(reply); });
  client.reset();
  loop.run();
  EXPECT_EQ(got, "[a]");
}

TEST(HttpClient, LeavesNothingBehindWhenItsLoopEnds) {
  const RawListener mute;
  boost::asio::io_context loop;
  HttpClient client(loop);
  client.exchange({.url = mute.url(), .proxy = {}}, to_bytes("a"), Seconds{10},
                  [](const Result<Bytes>&) { FAIL() << "nothing has come"; });
  loop.run_for(Milliseconds{20});
}

}  // namespace
}  // namespace countersign::transport::http
