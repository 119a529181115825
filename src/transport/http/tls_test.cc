// HTTPS between our own two sides, over real sockets.
#include <gmock/gmock.h>
#include <poll.h>

#include "base/swappable.h"
#include "support/tls_authority.h"
#include "transport/http/caller_test.h"

namespace countersign::transport::http {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using namespace testing;  // NOLINT(google-build-using-namespace): what the test headers offer
using crypto::TlsClients;
using crypto::TlsContext;
using crypto::TlsIdentity;
using test::TlsAuthority;

const TlsAuthority& ours() {
  static const TlsAuthority authority("Our CA");
  return authority;
}
const TlsAuthority& theirs() {
  static const TlsAuthority authority("Their CA");
  return authority;
}

// What a server begins new connections with; to be replaced while it runs.
class Certified {
 public:
  explicit Certified(const TlsIdentity& identity, TlsClients clients = TlsClients::off) {
    become(identity, clients);
  }
  void become(const TlsIdentity& identity, TlsClients clients = TlsClients::off) {
    context_.set(std::make_shared<const TlsContext>(
        TlsContext::for_server({identity, clients, {ours().certificate()}}).value()));
  }
  HttpOptions options(HttpOptions with = {}) const {
    with.listen = {};
    with.listen_tls = {"127.0.0.1:0"};
    with.tls = [this] { return context_.get(); };
    return with;
  }

 private:
  Swappable<const TlsContext> context_;
};

std::string https(std::uint16_t port, const std::string& host = "127.0.0.1") {
  return "https://" + host + ":" + std::to_string(port) + "/.well-known/cmp";
}

Caller caller_with(TlsContext context) {
  HttpClientOptions options;
  options.tls = std::move(context);
  return Caller(std::move(options));
}

void say_transport(boost::asio::io_context& /*loop*/, const ports::Inbound& in,
                   Done<ports::Outbound> done) {
  const bool confidential = in.transport == enrol::Transport::confidential;
  done(cmp_reply(confidential ? "confidential" : "clear"));
}

TEST(Https, CarriesMessagesOverAConnectionThatIsKept) {
  const Certified certified(ours().server());
  Served served(certified.options());
  auto caller = caller_with(ours().trusting());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(body_or_code(caller.call(https(served.port()))), "[abc]");
  EXPECT_EQ(caller.client.counts().connected, 1U);
  EXPECT_EQ(caller.client.counts().reused, 2U);
}

TEST(Https, TellsTheResponderThatNobodyCouldReadAlong) {
  const Certified certified(ours().server());
  auto options = certified.options();
  options.listen = {"127.0.0.1:0"};
  Served served(std::move(options), say_transport);
  auto caller = caller_with(ours().trusting());
  EXPECT_EQ(body_or_code(caller.call(served.url())), "clear");
  EXPECT_EQ(body_or_code(caller.call(https(served.server().local_port(1)))), "confidential");
}

TEST(Https, CarriesWhatIsLargerThanARecord) {
  const Certified certified(ours().server());
  Served served(certified.options());
  auto caller = caller_with(ours().trusting());
  const std::string body(300'000, 'x');
  EXPECT_EQ(body_or_code(caller.call(https(served.port()), body)), "[" + body + "]");
}

struct DistrustCase {
  const char* says;
  TlsIdentity server;
  std::string host;
  std::string code;
  std::string text;
};
void PrintTo(const DistrustCase& c, std::ostream* out) { *out << c.says; }

class HttpsDistrust : public ::testing::TestWithParam<DistrustCase> {};

TEST_P(HttpsDistrust, IsSaidWithItsReason) {
  const Certified certified(GetParam().server);
  Served served(certified.options());
  auto caller = caller_with(ours().trusting());
  const auto got = caller.call(https(served.port(), GetParam().host));
  ASSERT_EQ(body_or_code(got), GetParam().code);
  if (got) return;
  EXPECT_EQ(got.error().failure, Failure::signerNotTrusted);
  EXPECT_THAT(got.error().reply_text, HasSubstr(GetParam().text));
  EXPECT_THAT(served.log_of(1)[0].refusal, HasSubstr("by the alert"));
}

INSTANTIATE_TEST_SUITE_P(
    All, HttpsDistrust,
    ::testing::Values(
        DistrustCase{"a certificate of another CA", theirs().server(), "127.0.0.1",
                     "transport.tls-untrusted", "CN=server"},
        DistrustCase{"one for another host", ours().server("dns:other.example"), "localhost",
                     "transport.tls-name", "dns:other.example, not for localhost"},
        DistrustCase{"one for another address", ours().server("ip:127.0.0.2"), "127.0.0.1",
                     "transport.tls-name", "ip:127.0.0.2, not for 127.0.0.1"},
        DistrustCase{"a host in CN alone", ours().issue({.cn = "localhost"}), "localhost",
                     "transport.tls-name", "no name at all"},
        DistrustCase{"one that has expired",
                     ours().issue({.names = {"ip:127.0.0.1"}, .from = -60, .to = -10}), "127.0.0.1",
                     "transport.tls-expired", "expired"},
        DistrustCase{"one of tomorrow",
                     ours().issue({.names = {"ip:127.0.0.1"}, .from = 600, .to = 900}), "127.0.0.1",
                     "transport.tls-not-yet-valid", "clock"},
        DistrustCase{
            "one for clients only",
            ours().issue({.names = {"ip:127.0.0.1"}, .purpose = x509::oids::kp_client_auth}),
            "127.0.0.1", "transport.tls-untrusted", "purpose"}));

TEST(Https, TakesANameOfTheCertificateInAnyCase) {
  const Certified certified(ours().server("dns:localhost"));
  Served served(certified.options());
  auto caller = caller_with(ours().trusting());
  EXPECT_EQ(body_or_code(caller.call(https(served.port(), "LocalHost"))), "[abc]");
}

// ---- certificates of clients
TEST(HttpsClients, AreLetInWithACertificateOfOurs) {
  const Certified certified(ours().server(), TlsClients::required);
  Served served(certified.options());
  auto caller = caller_with(ours().trusting(ours().client()));
  EXPECT_EQ(body_or_code(caller.call(https(served.port()))), "[abc]");
}

TEST(HttpsClients, AreToldThatTheyNeedACertificate) {
  const Certified certified(ours().server(), TlsClients::required);
  Served served(certified.options());
  auto caller = caller_with(ours().trusting());
  const auto got = caller.call(https(served.port()));
  ASSERT_EQ(body_or_code(got), "transport.tls-alert");
  EXPECT_THAT(got.error().reply_text, HasSubstr("\"certificate required\""));
  EXPECT_THAT(got.error().reply_text, HasSubstr("--tls-cert"));
  EXPECT_THAT(served.log_of(1)[0].refusal, HasSubstr("sent no certificate"));
}

TEST(HttpsClients, AreToldThatTheirCaIsUnknown) {
  const Certified certified(ours().server(), TlsClients::required);
  Served served(certified.options());
  auto caller = caller_with(ours().trusting(theirs().client()));
  const auto got = caller.call(https(served.port()));
  ASSERT_EQ(body_or_code(got), "transport.tls-alert");
  EXPECT_THAT(got.error().reply_text, HasSubstr("\"unknown ca\""));
  EXPECT_THAT(served.log_of(1)[0].refusal, HasSubstr("CN=client"));
}

TEST(HttpsClients, MayLackACertificateWhereItIsOptionalButNotSendABadOne) {
  const Certified certified(ours().server(), TlsClients::optional);
  Served served(certified.options());
  auto without = caller_with(ours().trusting());
  EXPECT_EQ(body_or_code(without.call(https(served.port()))), "[abc]");
  auto with_theirs = caller_with(ours().trusting(theirs().client()));
  EXPECT_EQ(body_or_code(with_theirs.call(https(served.port()))), "transport.tls-alert");
}

// ---- a new certificate while the server runs
TEST(Https, GivesNewConnectionsTheNewCertificateAndLeavesOldOnesTheirs) {
  Certified certified(ours().server());
  Served served(certified.options());
  auto old = caller_with(ours().trusting());
  EXPECT_EQ(body_or_code(old.call(https(served.port()))), "[abc]");
  certified.become(theirs().server());
  EXPECT_EQ(body_or_code(old.call(https(served.port()))), "[abc]");
  EXPECT_EQ(old.client.counts().reused, 1U);
  auto fresh = caller_with(ours().trusting());
  EXPECT_EQ(body_or_code(fresh.call(https(served.port()))), "transport.tls-untrusted");
  auto trusting = caller_with(theirs().trusting());
  EXPECT_EQ(body_or_code(trusting.call(https(served.port()))), "[abc]");
}

// ---- what is no TLS
TEST(HttpsPort, TellsPlainHttpToUseHttps) {
  const Certified certified(ours().server());
  Served served(certified.options());
  const std::string answer = served.connect().send(post("abc")).rest();
  EXPECT_EQ(status_of(answer), 400);
  EXPECT_THAT(body_of(answer), HasSubstr("https://"));
  EXPECT_THAT(served.log_of(1)[0].refusal, HasSubstr("must use https://"));
}

TEST(HttpsPort, LogsOctetsThatMeanNothingAndServesOn) {
  const Certified certified(ours().server());
  Served served(certified.options());
  const std::vector<std::string> octets = {
      "SSH-2.0-OpenSSH_9.2\r\n",
      std::string(70'000, '\0'),
      std::string("\x16\x03\x01\xff\xff\x01", 6) + std::string(1000, 'x'),
      std::string("\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03", 10),
      std::string("\x15\x03\x01\x00\x02\x02\x28", 7),
      "\x80\x2e\x01\x03\x01",
  };
  for (const auto& these : octets) served.connect().send(these).end_sending().rest();
  for (const auto& entry : served.log_of(octets.size())) {
    EXPECT_EQ(entry.status, 0);
    EXPECT_FALSE(entry.refusal.empty());
  }
  auto caller = caller_with(ours().trusting());
  EXPECT_EQ(body_or_code(caller.call(https(served.port()))), "[abc]");
}

TEST(HttpsPort, SaysNothingOfWhoOnlyLooksWhetherItIsOpen) {
  const Certified certified(ours().server());
  Served served(certified.options());
  EXPECT_EQ(served.connect().end_sending().rest(), "");
  while (served.server().connections() > 0) std::this_thread::sleep_for(Milliseconds{5});
  EXPECT_THAT(served.log(), IsEmpty());
}

TEST(HttpsPort, CutsASlowHandshakeAtItsTime) {
  const Certified certified(ours().server());
  Served served(certified.options({.header_time = Milliseconds{100}}));
  RawPeer mute = served.connect();
  RawPeer slow = served.connect();
  slow.send("\x16\x03\x01");
  EXPECT_TRUE(mute.at_end());
  EXPECT_TRUE(slow.at_end());
  const auto log = served.log_of(2);
  EXPECT_THAT(log[0].refusal, HasSubstr("not complete in time"));
  EXPECT_THAT(log[1].refusal, HasSubstr("not complete in time"));
}

TEST(HttpsPort, CountsAHandshakeAsAConnection) {
  const Certified certified(ours().server());
  Served served(certified.options({.max_connections = 1}));
  const RawPeer mute = served.connect();
  while (served.server().connections() == 0) std::this_thread::sleep_for(Milliseconds{5});
  auto caller = caller_with(ours().trusting());
  EXPECT_EQ(body_or_code(caller.call(https(served.port()))), "transport.closed");
}

TEST(HttpsPort, DoesNotHoldUpAStop) {
  const Certified certified(ours().server());
  Served served(certified.options());
  RawPeer mute = served.connect();
  while (served.server().connections() == 0) std::this_thread::sleep_for(Milliseconds{5});
  const auto stopped = served.begin_stop(Milliseconds{20'000});
  EXPECT_EQ(stopped.wait_for(std::chrono::seconds{5}), std::future_status::ready);
  EXPECT_TRUE(mute.at_end());
}

TEST(HttpsClient, SaysThatAPortSpeaksNoTls) {
  Served plain;
  auto caller = caller_with(ours().trusting());
  const auto got = caller.call(https(plain.port()));
  ASSERT_EQ(body_or_code(got), "transport.tls-not-spoken");
  EXPECT_THAT(got.error().reply_text, HasSubstr("use http://"));
}

TEST(HttpsClient, GivesUpAHandshakeAtItsDeadline) {
  const RawListener mute;
  auto caller = caller_with(ours().trusting());
  EXPECT_EQ(body_or_code(caller.call(https(mute.port()), "abc", Seconds{1})), "transport.timeout");
}

TEST(HttpsClient, SpeaksNoHttpsUnlessItKnowsWhomToTrust) {
  Caller caller;
  EXPECT_EQ(body_or_code(caller.call("https://ca.example/")), "transport.unsupported-scheme");
}

// ---- through a proxy

// Joins two connections until one ends.
void pump(int a, int b) {
  for (;;) {
    pollfd both[] = {{a, POLLIN, 0}, {b, POLLIN, 0}};
    if (::poll(both, 2, 10'000) <= 0) return;
    for (int i = 0; i < 2; ++i) {
      if (both[i].revents == 0) continue;
      char octets[8192];
      const auto got = ::recv(both[i].fd, octets, sizeof octets, 0);
      if (got <= 0) return;
      ::send(both[1 - i].fd, octets, static_cast<std::size_t>(got), MSG_NOSIGNAL);
    }
  }
}

TEST(HttpsThroughAProxy, AsksForATunnelAndSpeaksTlsInIt) {
  const Certified certified(ours().server("dns:ca.example"));
  Served served(certified.options());
  std::string asked;
  ScriptedServer proxy({[&](RawPeer& client) {
    asked = client.message();
    client.send("HTTP/1.1 200 Connection established\r\n\r\n");
    const RawPeer server = served.connect();
    pump(client.handle(), server.handle());
  }});
  {
    auto caller = caller_with(ours().trusting());
    for (int i = 0; i < 2; ++i)
      EXPECT_EQ(body_or_code(caller.call("https://ca.example:8843/.well-known/cmp", "abc",
                                         Seconds{10}, proxy.url(""))),
                "[abc]");
    EXPECT_EQ(caller.client.counts().connected, 1U);
  }
  EXPECT_THAT(asked, StartsWith("CONNECT ca.example:8843 HTTP/1.1\r\n"));
  EXPECT_THAT(asked, HasSubstr("\r\nHost: ca.example:8843\r\n"));
}

TEST(HttpsThroughAProxy, SaysWhatTheProxyAnswersInstead) {
  ScriptedServer proxy({[](RawPeer& client) {
                          client.message();
                          client.send("HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n");
                        },
                        [](RawPeer& client) {
                          client.message();
                          client.send("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n");
                        }});
  auto caller = caller_with(ours().trusting());
  const auto call = [&] {
    return caller.call("https://ca.example", "abc", Seconds{10}, proxy.url(""));
  };
  auto got = call();
  ASSERT_EQ(body_or_code(got), "transport.proxy-refused");
  EXPECT_THAT(got.error().reply_text, HasSubstr("credentials"));
  got = call();
  ASSERT_EQ(body_or_code(got), "transport.proxy-refused");
  EXPECT_THAT(got.error().reply_text, HasSubstr("403 instead of connecting to ca.example:443"));
}

TEST(HttpsThroughAProxy, TakesNoProxyThatIsItselfHttps) {
  auto caller = caller_with(ours().trusting());
  EXPECT_EQ(body_or_code(caller.call("https://ca.example", "a", Seconds{1}, "https://proxy")),
            "transport.unsupported-scheme");
}

}  // namespace
}  // namespace countersign::transport::http
