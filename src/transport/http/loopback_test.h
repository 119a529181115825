// Real sockets for the tests of transport/http: a server on two loops, and peers that write and
// read raw octets.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <cstring>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "transport/http/server.h"

namespace countersign::transport::http::testing {

// One TCP connection, or none. Reads give up after ten seconds.
class RawPeer {
 public:
  explicit RawPeer(int fd) : fd_(fd) { give_up_after(10); }
  RawPeer(RawPeer&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), seen_(std::move(other.seen_)) {}
  RawPeer& operator=(RawPeer&&) = delete;
  ~RawPeer() { close(); }

  static RawPeer connect(std::uint16_t port, int receive_buffer = 0) {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    if (receive_buffer > 0)
      ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
      throw std::runtime_error(std::string("connect: ") + std::strerror(errno));
    return RawPeer(fd);
  }

  RawPeer& send(std::string_view octets) {
    while (!octets.empty()) {
      const auto sent = ::send(fd_, octets.data(), octets.size(), MSG_NOSIGNAL);
      if (sent <= 0) break;  // the peer may have had enough
      octets.remove_prefix(static_cast<std::size_t>(sent));
    }
    return *this;
  }
  RawPeer& end_sending() {
    ::shutdown(fd_, SHUT_WR);
    return *this;
  }

  // A head and as much body as its Content-Length says; what came, if the connection ends.
  std::string message() {
    std::size_t whole = std::string::npos;
    while (whole > seen_.size()) {
      const auto head = seen_.find("\r\n\r\n");
      if (head != std::string::npos) whole = head + 4 + content_length(seen_.substr(0, head));
      if (whole > seen_.size() && !receive()) break;
    }
    whole = std::min(whole, seen_.size());
    std::string result = seen_.substr(0, whole);
    seen_.erase(0, whole);
    return result;
  }
  // Everything to the end of the connection.
  std::string rest() {
    while (receive()) {
    }
    return std::exchange(seen_, {});
  }
  bool at_end() { return seen_.empty() && !receive(); }

  int handle() const { return fd_; }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  void give_up_after(long seconds) const {
    const timeval limit{seconds, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }
  static std::size_t content_length(const std::string& head) {
    const auto at = head.find("Content-Length: ");
    return at == std::string::npos ? 0 : std::stoul(head.substr(at + 16));
  }
  bool receive() {
    std::array<char, 16384> buffer;
    const auto got = ::recv(fd_, buffer.data(), buffer.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
      throw std::runtime_error("nothing came within ten seconds");
    if (got <= 0) return false;
    seen_.append(buffer.data(), static_cast<std::size_t>(got));
    return true;
  }

  int fd_;
  std::string seen_;
};

// A port that is bound, and listens if told so.
class RawListener {
 public:
  enum class Listen { yes, no };
  explicit RawListener(Listen listen = Listen::yes) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    if (::bind(fd_, reinterpret_cast<const sockaddr*>(&at), size) != 0)
      throw std::runtime_error("bind");
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&at), &size);
    port_ = ntohs(at.sin_port);
    if (listen == Listen::yes) ::listen(fd_, 16);
  }
  ~RawListener() { ::close(fd_); }
  RawListener(const RawListener&) = delete;
  RawListener& operator=(const RawListener&) = delete;

  RawPeer accept() const { return RawPeer(::accept(fd_, nullptr, nullptr)); }
  std::uint16_t port() const { return port_; }
  std::string url(std::string_view path = "/.well-known/cmp") const {
    return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
  }

 private:
  int fd_;
  std::uint16_t port_ = 0;
};

// A server of one script: each function serves one accepted connection, in order.
class ScriptedServer {
 public:
  using Script = std::vector<std::function<void(RawPeer&)>>;
  explicit ScriptedServer(Script script)
      : thread_([this, script = std::move(script)] {
          for (const auto& serve : script) {
            RawPeer peer = listener_.accept();
            serve(peer);
          }
        }) {}
  ~ScriptedServer() { thread_.join(); }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  std::string url(std::string_view path = "/.well-known/cmp") const { return listener_.url(path); }
  std::uint16_t port() const { return listener_.port(); }

 private:
  RawListener listener_;
  std::thread thread_;
};

inline ports::Outbound cmp_reply(std::string_view body, int status = 200) {
  return {.status = status, .body = to_bytes(body), .plain_text = {}, .retry_after = {}};
}

// What it was sent, between brackets, with the operation of the path.
inline ports::Outbound echo(const ports::Inbound& in) {
  const std::string operation = in.endpoint.operation.empty() ? "" : in.endpoint.operation + ":";
  return cmp_reply("[" + operation + std::string(text(in.body)) + "]");
}

using Handler =
    std::function<void(boost::asio::io_context&, ports::Inbound, Done<ports::Outbound>)>;

struct FakeResponder final : ports::Responder {
  FakeResponder(boost::asio::io_context& on, Handler with) : loop(on), handler(std::move(with)) {}
  void handle(ports::Inbound in, Done<ports::Outbound> done) override {
    handler(loop, std::move(in), std::move(done));
  }
  boost::asio::io_context& loop;
  Handler handler;
};

struct FakeSite final : ports::Site {
  std::optional<ports::Endpoint> endpoint(std::string_view path) const override {
    if (path == "/.well-known/cmp" || path == "/both") return ports::Endpoint{"default", ""};
    if (path == "/.well-known/cmp/p/x/initialization")
      return ports::Endpoint{"x", "initialization"};
    return std::nullopt;
  }
  std::optional<ports::Document> document(std::string_view path) const override {
    if (path == "/ca.crl" || path == "/both")
      return ports::Document{"application/pkix-crl", to_bytes("CRL"), Seconds{60}};
    if (path == "/big") return ports::Document{"text/plain", Bytes(32 << 20, 'x'), Seconds{0}};
    return std::nullopt;
  }
};

struct Logged {
  std::string method, path;
  int status;
  std::string refusal;
};

// A server on 127.0.0.1, on two loops with a thread each.
class Served {
 public:
  explicit Served(HttpOptions options = {}, const Handler& handler = answer_echo)
      : responders_{FakeResponder(loops_[0], handler), FakeResponder(loops_[1], handler)} {
    if (options.listen == HttpOptions{}.listen) options.listen = {"127.0.0.1:0"};
    auto opened = HttpServer::open(std::move(options),
                                   {{loops_[0], responders_[0]}, {loops_[1], responders_[1]}},
                                   site_, [this](const AccessRecord& record) { note(record); });
    if (!opened) throw std::runtime_error(opened.error().reply_text);
    server_ = std::move(*opened);
    for (auto& loop : loops_) threads_.emplace_back([&loop] { loop.run(); });
  }
  ~Served() {
    stop(Milliseconds{0});
    for (auto& guard : guards_) guard.reset();
    for (auto& thread : threads_) thread.join();
  }
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;

  HttpServer& server() { return *server_; }
  std::uint16_t port() const { return server_->local_port(); }
  std::string url(std::string_view path = "/.well-known/cmp") const {
    return "http://" + server_->local_endpoint() + std::string(path);
  }
  RawPeer connect() const { return RawPeer::connect(port()); }

  std::future<void> begin_stop(Milliseconds deadline) {
    stopped_ = true;
    auto promise = std::make_shared<std::promise<void>>();
    server_->stop(deadline, [promise] { promise->set_value(); });
    return promise->get_future();
  }
  void stop(Milliseconds deadline) {
    if (!stopped_) begin_stop(deadline).wait();
  }

  std::vector<Logged> log() const {
    const std::lock_guard lock(mutex_);
    return log_;
  }
  // A request is logged after its answer is sent, so that its peer may come here first.
  std::vector<Logged> log_of(std::size_t requests) const {
    while (log().size() < requests) std::this_thread::sleep_for(Milliseconds{5});
    return log();
  }

 private:
  static void answer_echo(boost::asio::io_context& /*loop*/, const ports::Inbound& in,
                          Done<ports::Outbound> done) {
    done(echo(in));
  }
  void note(const AccessRecord& record) {
    const std::lock_guard lock(mutex_);
    log_.push_back({std::string(record.method), std::string(record.path), record.status,
                    std::string(record.refusal)});
  }

  using Guard = boost::asio::executor_work_guard<boost::asio::io_context::executor_type>;
  FakeSite site_;
  mutable std::mutex mutex_;
  std::vector<Logged> log_;
  std::array<boost::asio::io_context, 2> loops_;
  std::array<FakeResponder, 2> responders_;
  std::array<Guard, 2> guards_{Guard(loops_[0].get_executor()), Guard(loops_[1].get_executor())};
  std::unique_ptr<HttpServer> server_;
  std::vector<std::thread> threads_;
  bool stopped_ = false;
};

inline int status_of(const std::string& message) {
  return message.size() < 12 || !message.starts_with("HTTP/1.") ? 0
                                                                : std::stoi(message.substr(9, 3));
}
inline std::string body_of(const std::string& message) {
  const auto head = message.find("\r\n\r\n");
  return head == std::string::npos ? "" : message.substr(head + 4);
}
// A request line without its version, and what follows the headers that all have.
inline std::string request(std::string_view line, std::string_view rest) {
  return std::string(line) + " HTTP/1.1\r\nHost: a\r\nContent-Type: application/pkixcmp\r\n" +
         std::string(rest);
}
inline std::string post(std::string_view body, std::string_view path = "/.well-known/cmp",
                        std::string_view more_headers = "") {
  return request("POST " + std::string(path), std::string(more_headers) +
                                                  "Content-Length: " + std::to_string(body.size()) +
                                                  "\r\n\r\n" + std::string(body));
}

}  // namespace countersign::transport::http::testing
