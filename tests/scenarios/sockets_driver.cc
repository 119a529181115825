#include <boost/asio/executor_work_guard.hpp>
#include <optional>
#include <stdexcept>

#include "scenarios/engine_host.h"
#include "transport/http/client.h"
#include "transport/http/server.h"

namespace countersign::test {
namespace {

constexpr std::string_view kPath = "/.well-known/cmp";

// RFC 9811 §3.3: one profile, with and without an operation label.
struct OneProfile final : ports::Site {
  std::optional<ports::Endpoint> endpoint(std::string_view path) const override {
    if (path == kPath) return ports::Endpoint{"default", ""};
    if (path.starts_with(kPath) && path[kPath.size()] == '/')
      return ports::Endpoint{"default", std::string(path.substr(kPath.size() + 1))};
    return std::nullopt;
  }
  std::optional<ports::Document> document(std::string_view) const override { return std::nullopt; }
};

// HTTP client and server on one loop over loopback, port chosen by the system.
class SocketsDriver final : public StoredDriver {
 public:
  SocketsDriver(const ServerSetting& setting, const std::vector<CredentialSpec>& credentials)
      : StoredDriver(setting, credentials) {
    opened();
  }
  ~SocketsDriver() override { closing(); }

  Bytes exchange(const std::string& operation, const Bytes& request) override {
    std::string url = "http://" + server_->local_endpoint() + std::string(kPath);
    if (!operation.empty()) url += "/" + operation;
    std::optional<Result<Bytes>> reply;
    client_->exchange({url, ""}, request, Seconds{10},
                      [&reply](Result<Bytes> done) { reply = std::move(done); });
    run_until([&] { return reply.has_value(); });
    if (!*reply) throw std::runtime_error(std::string(reply->error().code));
    return std::move(**reply);
  }

 private:
  void opened() override {
    using namespace transport::http;
    HttpOptions options;
    options.listen = {"127.0.0.1:0"};
    server_ = HttpServer::open(options, {{host().loop(), host().responder()}}, site_).value();
    client_ = std::make_unique<HttpClient>(host().loop());
  }

  void closing() override {
    client_.reset();
    bool stopped = false;
    server_->stop(std::chrono::seconds(1), [&] { stopped = true; });
    run_until([&] { return stopped; });
    server_.reset();
  }

  template <class Condition>
  void run_until(Condition condition) {
    const auto guard = boost::asio::make_work_guard(host().loop());
    host().loop().restart();
    while (!condition()) host().loop().run_one();
  }

  OneProfile site_;
  std::unique_ptr<transport::http::HttpServer> server_;
  std::unique_ptr<transport::http::HttpClient> client_;
};

}  // namespace

std::unique_ptr<Driver> sockets_driver(const ServerSetting& setting,
                                       const std::vector<CredentialSpec>& credentials) {
  return std::make_unique<SocketsDriver>(setting, credentials);
}

}  // namespace countersign::test
