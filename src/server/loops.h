// One event loop a thread, each kept running by a work guard until it is dropped.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <thread>
#include <vector>

namespace countersign::server {

class Loops {
 public:
  explicit Loops(std::size_t count);
  ~Loops();
  Loops(const Loops&) = delete;
  Loops& operator=(const Loops&) = delete;

  std::size_t size() const noexcept { return contexts_.size(); }
  boost::asio::io_context& at(std::size_t i) { return *contexts_.at(i); }
  void start();
  // Runs out what is under way, then joins. Whoever else may call into a loop (a store's thread, a
  // pool's) is to be joined between this and the end of Loops.
  void finish();

 private:
  using Guard = boost::asio::executor_work_guard<boost::asio::io_context::executor_type>;
  std::vector<std::unique_ptr<boost::asio::io_context>> contexts_;
  std::vector<Guard> guards_;
  std::vector<std::jthread> threads_;
};

}  // namespace countersign::server
