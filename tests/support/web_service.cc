#include "support/web_service.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

namespace countersign::test {
namespace {

constexpr std::string_view kEnd = "\r\n\r\n", kLength = "Content-Length: ";

std::size_t length_in(const std::string& headers) {
  const auto at = headers.find(kLength);
  if (at == std::string::npos) return 0;
  return std::strtoul(headers.c_str() + at + kLength.size(), nullptr, 10);
}

WebRequest read_request(int socket) {
  std::string all;
  const auto more = [&] {
    char chunk[4096];
    const auto got = ::read(socket, chunk, sizeof chunk);
    if (got > 0) all.append(chunk, static_cast<std::size_t>(got));
    return got > 0;
  };
  while (!all.contains(kEnd) && more()) continue;
  WebRequest out;
  const auto end = all.find(kEnd);
  if (end == std::string::npos) return out;
  const auto line = all.find("\r\n");
  out.line = all.substr(0, line);
  out.headers = all.substr(line + 2, end - line - 2);
  const std::size_t whole = end + kEnd.size() + length_in(out.headers);
  while (all.size() < whole && more()) continue;
  out.body = all.substr(end + kEnd.size());
  return out;
}

void write_all(int socket, std::string_view octets) {
  while (!octets.empty()) {
    const auto sent = ::send(socket, octets.data(), octets.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    octets.remove_prefix(static_cast<std::size_t>(sent));
  }
}

}  // namespace

WebService::WebService(Handler handler)
    : handler_(std::move(handler)), socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const at = reinterpret_cast<sockaddr*>(&address);
  if (::bind(socket_, at, size) != 0 || ::listen(socket_, 8) != 0 ||
      ::getsockname(socket_, at, &size) != 0)
    throw std::runtime_error("no socket");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

WebService::~WebService() {
  ::shutdown(socket_, SHUT_RDWR);
  thread_.join();
  ::close(socket_);
}

std::vector<WebRequest> WebService::asked() const {
  const std::lock_guard lock(mutex_);
  return asked_;
}

void WebService::serve() {
  for (int one = ::accept(socket_, nullptr, nullptr); one >= 0;
       one = ::accept(socket_, nullptr, nullptr)) {
    const WebRequest request = read_request(one);
    {
      const std::lock_guard lock(mutex_);
      asked_.push_back(request);
    }
    const WebAnswer answer = handler_(request);
    write_all(one, "HTTP/1.1 " + answer.status + "\r\nConnection: close\r\nContent-Type: " +
                       answer.type + "\r\nContent-Length: " + std::to_string(answer.body.size()) +
                       "\r\n\r\n" + answer.body);
    ::close(one);
  }
}

}  // namespace countersign::test
