// The listener for a Web, over real sockets: what it hands over, what it refuses by itself, and
// what all its answers say.
#include <gmock/gmock.h>

#include <boost/asio/post.hpp>

#include "support/tls_authority.h"
#include "transport/http/loopback_test.h"
#include "transport/http/tls_caller_test.h"

namespace countersign::transport::http {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace testing;  // NOLINT(google-build-using-namespace): what loopback_test.h offers
using crypto::TlsClients;
using crypto::TlsContext;
using test::TlsAuthority;

// Answers with what it was asked, one part a line; or as a test wants it.
struct EchoingWeb final : ports::Web {
  using Answer = std::function<ports::WebResponse(const ports::WebRequest&)>;
  explicit EchoingWeb(Answer with) : answer(std::move(with)) {}
  void handle(ports::WebRequest request, Done<ports::WebResponse> done) override {
    done(answer(request));
  }
  ports::WebResponse refusal(int status, std::string_view sentence) const override {
    return {status, "application/problem+json", to_bytes("<" + std::string(sentence) + ">"), {}};
  }
  Answer answer;
};

ports::WebResponse told(const ports::WebRequest& r) {
  std::string out = r.method + " " + r.path + "\n";
  for (const auto& [name, value] : r.query)
    out.append("?").append(name).append("=").append(value).append("\n");
  for (const auto& [name, value] : ports::TextPairs{{"authorization", r.authorization},
                                                    {"if-match", r.if_match},
                                                    {"if-none-match", r.if_none_match},
                                                    {"idempotency-key", r.idempotency_key},
                                                    {"content-type", r.content_type},
                                                    {"accept", r.accept}})
    if (!value.empty()) out.append(name).append(": ").append(value).append("\n");
  if (r.client_certificate) out.append("certificate " + to_hex(*r.client_certificate) + "\n");
  out.append(r.transport == enrol::Transport::confidential ? "confidential\n" : "clear\n");
  return {200, "text/plain", to_bytes(out + "[" + std::string(text(r.body)) + "]"), {}};
}

class WebServed {
 public:
  explicit WebServed(HttpOptions options = {}, EchoingWeb::Answer answer = told)
      : web_(std::move(answer)) {
    if (options.listen == HttpOptions{}.listen) options.listen = {"127.0.0.1:0"};
    server_ = HttpServer::open_web(std::move(options), {{loop_, web_}}).value();
    thread_ = std::thread([this] { loop_.run(); });
  }
  ~WebServed() {
    std::promise<void> stopped;
    server_->stop(Milliseconds{0}, [&] { stopped.set_value(); });
    stopped.get_future().wait();
    guard_.reset();
    thread_.join();
  }
  WebServed(const WebServed&) = delete;
  WebServed& operator=(const WebServed&) = delete;

  std::uint16_t port() const { return server_->local_port(); }
  RawPeer connect() const { return RawPeer::connect(port()); }
  std::string ask(const std::string& raw) const {
    RawPeer peer = connect();
    return peer.send(raw).end_sending().rest();
  }

 private:
  EchoingWeb web_;
  boost::asio::io_context loop_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_{
      loop_.get_executor()};
  std::unique_ptr<HttpServer> server_;
  std::thread thread_;
};

std::string plain_request(const std::string& line, const std::string& more = "") {
  return line + " HTTP/1.1\r\nHost: a\r\n" + more + "\r\n";
}

struct Case {
  const char* says;
  std::string sent;
  int status;
  std::string has;  // in the answer's body
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.says; }

const Case kCases[] = {
    {"a GET", plain_request("GET /api"), 200, "GET /api\nclear\n[]"},
    {"a POST with a body", plain_request("POST /api", "Content-Length: 2\r\n") + "ab", 200,
     "POST /api\nclear\n[ab]"},
    {"a PUT", plain_request("PUT /x", "Content-Length: 1\r\n") + "a", 200, "PUT /x\n"},
    {"a PATCH", plain_request("PATCH /x", "Content-Length: 1\r\n") + "a", 200, "PATCH /x\n"},
    {"a DELETE without a body", plain_request("DELETE /x/y"), 200, "DELETE /x/y\n"},
    {"a query", plain_request("GET /a?x=1&y=a%20b+c&x=2&flag"), 200,
     "GET /a\n?x=1\n?y=a b c\n?x=2\n?flag=\n"},
    {"an empty query", plain_request("GET /a?"), 200, "GET /a\nclear"},
    {"an encoded path", plain_request("GET /a%2Fb%C3%A4/%7Ec"), 200, "GET /a/b\xc3\xa4/~c\n"},
    {"a plus in a path stays one", plain_request("GET /a+b"), 200, "GET /a+b\n"},
    {"a target in absolute form", plain_request("GET http://ca.example/a?b=c"), 200,
     "GET /a\n?b=c\n"},
    {"the headers that matter",
     plain_request("GET /a",
                   "Authorization: Bearer t\r\nAccept: a/b\r\nAccept: c/d\r\n"
                   "If-Match: \"1\"\r\nIf-None-Match: \"2\", \"3\"\r\n"
                   "Idempotency-Key: k\r\nContent-Type: application/json\r\n"),
     200,
     "authorization: Bearer t\nif-match: \"1\"\nif-none-match: \"2\", \"3\"\n"
     "idempotency-key: k\ncontent-type: application/json\naccept: a/b, c/d\n"},
    {"a chunked body",
     plain_request("POST /a", "Transfer-Encoding: chunked\r\n") + "2\r\nab\r\n0\r\n\r\n", 200,
     "[ab]"},

    {"an unknown method", plain_request("BREW /pot"), 501, "<This method is not known"},
    {"OPTIONS", plain_request("OPTIONS /api"), 405, "<This method is not offered"},
    {"OPTIONS of the server", plain_request("OPTIONS *"), 405, "not offered"},
    {"TRACE", plain_request("TRACE /api"), 405, "not offered"},
    {"no Host", "GET /a HTTP/1.1\r\n\r\n", 400, "<The request needs exactly one Host"},
    {"half an encoding", plain_request("GET /a%2"), 400, "<The address cannot be read"},
    {"an encoding of no digits", plain_request("GET /a%zz"), 400, "cannot be read"},
    {"a bad encoding in a query", plain_request("GET /a?b=%"), 400, "cannot be read"},
    {"an encoded NUL", plain_request("GET /a%00b"), 400, "control characters"},
    {"an encoded line end in a query", plain_request("GET /a?b=%0d%0aSet-Cookie"), 400,
     "control characters"},
    {"what is no UTF-8", plain_request("GET /a%ff"), 400, "UTF-8"},
    {"an overlong UTF-8 slash", plain_request("GET /a%c0%af"), 400, "UTF-8"},
    {"a fragment", plain_request("GET /a#b"), 400, ""},
    {"a path without a slash", plain_request("GET a"), 400, ""},
    {"two tokens", plain_request("GET /a", "Authorization: Bearer a\r\nAuthorization: b\r\n"), 400,
     "<The header Authorization is there more than once"},
    {"a compressed body",
     plain_request("POST /a", "Content-Encoding: gzip\r\nContent-Length: 1\r\n") + "a", 415,
     "compressed"},
    {"too large a body", plain_request("POST /a", "Content-Length: 2000000\r\n"), 413,
     "<The body is larger"},
    {"too long a head", plain_request("GET /a", "X: " + std::string(20'000, 'x') + "\r\n"), 431,
     "<The request line and headers"},
};

class WebRequests : public ::testing::TestWithParam<Case> {};

TEST_P(WebRequests, AreHandedOverOrRefused) {
  static const WebServed served;
  const std::string answer = served.ask(GetParam().sent);
  EXPECT_EQ(status_of(answer), GetParam().status) << answer;
  EXPECT_THAT(body_of(answer), HasSubstr(GetParam().has));
  for (const char* header :
       {"\r\nCache-Control: no-store\r\n", "\r\nX-Content-Type-Options: nosniff\r\n",
        "\r\nContent-Security-Policy: default-src 'self'", "\r\nReferrer-Policy: no-referrer\r\n"})
    EXPECT_THAT(answer, HasSubstr(header));
  EXPECT_THAT(answer, Not(HasSubstr("Strict-Transport-Security")));
  EXPECT_EQ(answer.contains("\r\nAllow: GET, HEAD, POST, PUT"), GetParam().status == 405);
}

INSTANTIATE_TEST_SUITE_P(All, WebRequests, ::testing::ValuesIn(kCases));

TEST(WebServer, KeepsTheConnectionAfterWhatTheWebItselfRefuses) {
  const WebServed served({}, [](const ports::WebRequest& r) {
    return ports::WebResponse{r.path == "/bad" ? 400 : 200, "text/plain", to_bytes(r.path), {}};
  });
  RawPeer peer = served.connect();
  EXPECT_EQ(status_of(peer.send(plain_request("GET /bad")).message()), 400);
  EXPECT_EQ(body_of(peer.send(plain_request("GET /good")).message()), "/good");
}

TEST(WebServer, AnswersHeadWithTheLengthAlone) {
  const WebServed served;
  const std::string answer = served.ask(plain_request("HEAD /a"));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 16\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
}

TEST(WebServer, LeavesTheBodyOutOfWhatItRefusesToHead) {
  const WebServed served;
  const std::string answer = served.ask(plain_request("HEAD /a%00"));
  EXPECT_EQ(status_of(answer), 400);
  EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
}

TEST(WebServer, SendsTheHeadersOfTheWebInPlaceOfItsOwn) {
  const WebServed served({}, [](const ports::WebRequest&) {
    return ports::WebResponse{
        204,
        "",
        {},
        {{"ETag", "\"7\""}, {"cache-control", "max-age=9"}, {"Location", "/a\r\nX: y"}}};
  });
  const std::string answer = served.ask(plain_request("DELETE /a"));
  EXPECT_EQ(status_of(answer), 204);
  EXPECT_THAT(answer, HasSubstr("\r\nETag: \"7\"\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\ncache-control: max-age=9\r\n"));
  EXPECT_THAT(answer, Not(HasSubstr("no-store")));
  EXPECT_THAT(answer, HasSubstr("\r\nLocation: /a??X: y\r\n"));  // one header stays one
  EXPECT_THAT(answer, Not(HasSubstr("Content-Length")));
}

TEST(WebServer, AsksForTheBodyOfWhoWaitsForConsent) {
  const WebServed served;
  RawPeer peer = served.connect();
  peer.send(plain_request("POST /a", "Expect: 100-continue\r\nContent-Length: 2\r\n"));
  EXPECT_EQ(status_of(peer.message()), 100);
  EXPECT_THAT(body_of(peer.send("ab").message()), EndsWith("[ab]"));
}

// ---- over TLS
const TlsAuthority& ours() {
  static const TlsAuthority authority("Our CA");
  return authority;
}

HttpOptions over_tls(TlsClients clients) {
  HttpOptions options;
  options.listen = {};
  options.listen_tls = {"127.0.0.1:0"};
  auto context = std::make_shared<const TlsContext>(
      TlsContext::for_server({ours().server(), clients, {ours().certificate()}}).value());
  options.tls = [context] { return context; };
  return options;
}

const std::string kLast = plain_request("GET /a", "Connection: close\r\n");

TEST(WebServerOverTls, HandsOverTheCertificateOfTheClient) {
  const WebServed served(over_tls(TlsClients::optional));
  const auto client = ours().client();
  const std::string answer = ask_over_tls(served.port(), ours().trusting(client), kLast);
  EXPECT_THAT(answer, HasSubstr("certificate " + to_hex(client.chain.front()) + "\n"));
  EXPECT_THAT(answer, HasSubstr("confidential\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nStrict-Transport-Security: max-age="));
}

TEST(WebServerOverTls, HandsOverNoneWhereNoneIsShown) {
  const WebServed served(over_tls(TlsClients::optional));
  const std::string answer = ask_over_tls(served.port(), ours().trusting(), kLast);
  EXPECT_THAT(answer, HasSubstr("GET /a\nconfidential\n"));
}

TEST(WebServerOverTls, HandsOverNoneOfAnotherCa) {
  const WebServed served(over_tls(TlsClients::optional));
  const TlsAuthority theirs("Their CA");
  EXPECT_EQ(ask_over_tls(served.port(), ours().trusting(theirs.client()), kLast), "");
}

// ---- its end
TEST(WebServer, LetsARequestInFlightBeAnsweredWhenItStops) {
  struct HoldingWeb final : ports::Web {
    void handle(ports::WebRequest /*request*/, Done<ports::WebResponse> done) override {
      held = std::move(done);
      asked.set_value();
    }
    ports::WebResponse refusal(int status, std::string_view /*sentence*/) const override {
      return {.status = status};
    }
    Done<ports::WebResponse> held;
    std::promise<void> asked;
  } web;
  boost::asio::io_context loop;
  auto guard = boost::asio::make_work_guard(loop);
  const auto server = HttpServer::open_web({.listen = {"127.0.0.1:0"}}, {{loop, web}}).value();
  std::thread thread([&] { loop.run(); });
  RawPeer peer = RawPeer::connect(server->local_port());
  peer.send(plain_request("GET /a"));
  web.asked.get_future().wait();
  std::promise<void> stopped;
  server->stop(Milliseconds{60'000}, [&] { stopped.set_value(); });
  boost::asio::post(loop,
                    [&] { web.held(ports::WebResponse{200, "text/plain", to_bytes("x"), {}}); });
  EXPECT_EQ(body_of(peer.message()), "x");
  EXPECT_TRUE(peer.at_end());
  stopped.get_future().wait();
  guard.reset();
  thread.join();
}

TEST(WebServer, TellsWhoWaitsTooLongToAskAgain) {
  std::vector<Done<ports::WebResponse>> kept;
  struct MuteWeb final : ports::Web {
    explicit MuteWeb(std::vector<Done<ports::WebResponse>>& in) : kept(in) {}
    void handle(ports::WebRequest /*request*/, Done<ports::WebResponse> done) override {
      kept.push_back(std::move(done));
    }
    ports::WebResponse refusal(int status, std::string_view sentence) const override {
      return {status, "text/plain", to_bytes(sentence), {}};
    }
    std::vector<Done<ports::WebResponse>>& kept;
  } web(kept);
  boost::asio::io_context loop;
  auto guard = boost::asio::make_work_guard(loop);
  const auto server =
      HttpServer::open_web({.listen = {"127.0.0.1:0"}, .answer_time = Milliseconds{50}},
                           {{loop, web}})
          .value();
  std::thread thread([&] { loop.run(); });
  RawPeer peer = RawPeer::connect(server->local_port());
  const std::string answer = peer.send(plain_request("GET /a")).message();
  EXPECT_EQ(status_of(answer), 503);
  EXPECT_THAT(answer, HasSubstr("\r\nRetry-After: 30\r\n"));
  EXPECT_EQ(body_of(answer),
            "The answer takes too long: look whether it was done before you ask again.");
  std::promise<void> stopped;
  server->stop(Milliseconds{0}, [&] { stopped.set_value(); });
  stopped.get_future().wait();
  guard.reset();
  thread.join();
}

}  // namespace
}  // namespace countersign::transport::http
