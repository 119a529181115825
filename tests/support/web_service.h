// Somebody else's web service: HTTP/1.1 on loopback, on a port of its own choice, one request at a
// time, each on its connection. What it says is up to the test.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace countersign::test {

struct WebRequest {
  std::string line;     // "GET /devices?serial=SN-1 HTTP/1.1"
  std::string headers;  // all of them
  std::string body;
};
struct WebAnswer {
  std::string status = "200 OK";
  std::string body;
  std::string type = "application/json";
};

class WebService {
 public:
  using Handler = std::function<WebAnswer(const WebRequest&)>;  // on a thread of the service
  explicit WebService(Handler handler);
  ~WebService();
  WebService(const WebService&) = delete;
  WebService& operator=(const WebService&) = delete;

  std::string url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }
  std::vector<WebRequest> asked() const;

 private:
  void serve();

  Handler handler_;
  int socket_;
  int port_ = 0;
  mutable std::mutex mutex_;
  std::vector<WebRequest> asked_;
  std::thread thread_;
};

}  // namespace countersign::test
