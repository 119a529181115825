// The API over real sockets: the listener, the door, a pool of threads and the store.
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include "console/place_test.h"
#include "support/tls_authority.h"
#include "transport/http/loopback_test.h"
#include "transport/http/tls_caller_test.h"

namespace countersign::console {
namespace {

using console::testing::Place;
using crypto::TlsClients;
using crypto::TlsContext;
using ::testing::HasSubstr;
using transport::http::HttpServer;
using transport::http::testing::body_of;
using transport::http::testing::RawPeer;
using transport::http::testing::status_of;

class Socket : public ::testing::Test {
 protected:
  Socket() {
    ApiParts parts{.at = {.ledger = *place_.store,
                          .store = *place_.store,
                          .clock = place_.clock,
                          .entropy = place_.entropy,
                          .standard = place_.standard},
                   .operators = [this] { return place_.operators; },
                   .run_elsewhere =
                       [this](std::move_only_function<void()> work) {
                         boost::asio::post(pool_, std::move(work));
                       },
                   .log = {}};
    api_ = std::make_unique<Api>(std::move(parts));
    for (auto& loop : loops_) doors_.push_back(std::make_unique<ApiDoor>(*api_, loop));
    transport::http::HttpOptions options;
    options.listen = {"127.0.0.1:0"};
    options.listen_tls = {"127.0.0.1:0"};
    auto context = std::make_shared<const TlsContext>(
        TlsContext::for_server(
            {authority_.server(), TlsClients::optional, {authority_.certificate()}})
            .value());
    options.tls = [context] { return context; };
    server_ =
        HttpServer::open_web(std::move(options), {{loops_[0], *doors_[0]}, {loops_[1], *doors_[1]}})
            .value();
    for (auto& loop : loops_) threads_.emplace_back([&loop] { loop.run(); });
  }
  ~Socket() override {
    std::promise<void> stopped;
    server_->stop(std::chrono::milliseconds{5'000}, [&] { stopped.set_value(); });
    stopped.get_future().wait();
    for (auto& guard : guards_) guard.reset();
    for (auto& thread : threads_) thread.join();
    pool_.join();
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  RawPeer connect() const { return RawPeer::connect(server_->local_port()); }
  static std::string request(const std::string& line, const std::string& role,
                             const std::string& body = "") {
    return line + " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer token-of-" + role +
           "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
  }

  std::string ask_over_tls(const TlsContext& context) const {
    return transport::http::testing::ask_over_tls(
        server_->local_port(1), context,
        "GET /api/v1/me HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  }

  const test::TlsAuthority authority_{"Our CA"};
  Place place_;

 private:
  using Guard = boost::asio::executor_work_guard<boost::asio::io_context::executor_type>;
  boost::asio::thread_pool pool_{2};
  std::unique_ptr<Api> api_;
  std::array<boost::asio::io_context, 2> loops_;
  std::array<Guard, 2> guards_{Guard(loops_[0].get_executor()), Guard(loops_[1].get_executor())};
  std::vector<std::unique_ptr<ApiDoor>> doors_;
  std::unique_ptr<HttpServer> server_;
  std::vector<std::thread> threads_;
};

TEST_F(Socket, MakesAndShowsACredentialOnOneConnection) {
  RawPeer peer = connect();
  const std::string made =
      peer.send(request("POST /api/v1/credentials", "ra_officer", R"({"reference":"plant 7/a"})"))
          .message();
  EXPECT_EQ(status_of(made), 201) << made;
  EXPECT_THAT(made, HasSubstr("\r\nLocation: /api/v1/credentials/plant%207%2Fa\r\n"));
  EXPECT_THAT(made, HasSubstr("\r\nCache-Control: no-store\r\n"));
  const std::string shown =
      peer.send(request("GET /api/v1/credentials/plant%207%2Fa", "auditor")).message();
  EXPECT_EQ(status_of(shown), 200) << shown;
  EXPECT_THAT(body_of(shown), HasSubstr(R"("reference":"plant 7/a")"));
  const std::string gone =
      peer.send(request("DELETE /api/v1/credentials/plant%207%2Fa", "ra_officer")).message();
  EXPECT_EQ(status_of(gone), 204) << gone;
  const std::string missing =
      peer.send(request("GET /api/v1/credentials/plant%207%2Fa", "auditor")).message();
  EXPECT_EQ(status_of(missing), 404) << missing;
}

TEST_F(Socket, TellsProblemsOfTheListenerInTheSameForm) {
  const std::string answer = connect().send("GET /api/v1/me HTTP/1.1\r\n\r\n").rest();
  EXPECT_EQ(status_of(answer), 400);
  EXPECT_THAT(answer, HasSubstr("\r\nContent-Type: application/problem+json\r\n"));
  EXPECT_THAT(body_of(answer), HasSubstr(R"("code":"console.http")"));
}

TEST_F(Socket, KeepsTheConnectionThroughRefusals) {
  RawPeer peer = connect();
  EXPECT_EQ(status_of(peer.send(request("GET /api/v1/me", "stranger")).message()), 401);
  EXPECT_EQ(status_of(peer.send(request("GET /api/v1/audit", "read_only")).message()), 403);
  EXPECT_EQ(status_of(peer.send(request("POST /api/v1/tokens", "ra_officer", "{")).message()), 400);
  EXPECT_EQ(status_of(peer.send(request("GET /api/v1/me", "read_only")).message()), 200);
}

TEST_F(Socket, KnowsAnOperatorByTheCertificateOfTheConnection) {
  const auto known = authority_.client();
  Operators operators = console::testing::usual_operators();
  operators[2].certificate_fingerprint = crypto::sha256(known.chain.front());
  place_.operators = std::make_shared<const Operators>(std::move(operators));
  const std::string told = ask_over_tls(authority_.trusting(known));
  EXPECT_EQ(status_of(told), 200) << told;
  EXPECT_EQ(body_of(told), R"({"name":"the-auditor","roles":["auditor"]})");
  EXPECT_EQ(status_of(ask_over_tls(authority_.trusting(authority_.client()))), 401);
  EXPECT_EQ(status_of(ask_over_tls(authority_.trusting())), 401);
}

TEST_F(Socket, ServesManyAtTheSameTime) {
  constexpr int kPeers = 12;
  std::vector<std::thread> peers;
  peers.reserve(kPeers);
  std::atomic<int> made = 0;
  for (int i = 0; i < kPeers; ++i)
    peers.emplace_back([&, i] {
      RawPeer peer = connect();
      for (int j = 0; j < 5; ++j) {
        const std::string body =
            R"({"reference":")" + std::to_string(i) + "-" + std::to_string(j) + "\"}";
        const auto told =
            peer.send(request("POST /api/v1/credentials", "administrator", body)).message();
        if (status_of(told) == 201) ++made;
      }
    });
  for (auto& peer : peers) peer.join();
  EXPECT_EQ(made, kPeers * 5);
  EXPECT_EQ(place_.store->credentials()->size(), static_cast<std::size_t>(kPeers) * 5);
  EXPECT_TRUE(place_.store->verify_audit());
}

}  // namespace
}  // namespace countersign::console
