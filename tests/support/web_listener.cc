#include "support/web_listener.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

namespace countersign::test {
namespace {

// Is all of the body there that its header announces?
bool is_whole(const std::string& request) {
  const auto end = request.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  constexpr std::string_view kLength = "Content-Length: ";
  const auto at = request.find(kLength);
  if (at == std::string::npos || at > end) return true;
  return request.size() >= end + 4 + std::stoul(request.substr(at + kLength.size()));
}

std::string read_request(int connection) {
  std::string out;
  char chunk[4096];
  while (!is_whole(out)) {
    const auto got = ::read(connection, chunk, sizeof chunk);
    if (got <= 0) break;
    out.append(chunk, static_cast<std::size_t>(got));
  }
  return out;
}

}  // namespace

WebListener::WebListener(Answer answer)
    : answer_(std::move(answer)), socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(socket_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(socket_, 8) != 0 ||
      ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error("no socket");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

WebListener::~WebListener() {
  ::shutdown(socket_, SHUT_RDWR);
  thread_.join();
  ::close(socket_);
}

std::string WebListener::url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(port_) + path;
}

std::vector<std::string> WebListener::asked() {
  const std::lock_guard lock(mutex_);
  return asked_;
}

void WebListener::serve() {
  for (int one = ::accept(socket_, nullptr, nullptr); one >= 0;
       one = ::accept(socket_, nullptr, nullptr)) {
    const std::string request = read_request(one);
    const std::string reply = answer_(request);
    {
      const std::lock_guard lock(mutex_);
      asked_.push_back(request);
    }
    (void)!::write(one, reply.data(), reply.size());
    ::close(one);
  }
}

}  // namespace countersign::test
