// A web service on loopback for tests: HTTP, one request on a connection, one connection at a time.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace countersign::test {

class WebListener {
 public:
  // From the whole request to the whole answer. Called on a thread of its own.
  using Answer = std::function<std::string(const std::string& request)>;
  explicit WebListener(Answer answer);
  ~WebListener();
  WebListener(const WebListener&) = delete;
  WebListener& operator=(const WebListener&) = delete;

  std::string url(const std::string& path) const;
  // Requests so far, as they came.
  std::vector<std::string> asked();

 private:
  void serve();

  const Answer answer_;
  int socket_;
  int port_ = 0;
  std::mutex mutex_;
  std::vector<std::string> asked_;
  std::thread thread_;
};

}  // namespace countersign::test
