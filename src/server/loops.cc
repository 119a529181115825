#include "server/loops.h"

namespace countersign::server {

Loops::Loops(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    contexts_.push_back(std::make_unique<boost::asio::io_context>(1));
    guards_.emplace_back(boost::asio::make_work_guard(*contexts_.back()));
  }
}

Loops::~Loops() { finish(); }

void Loops::finish() {
  for (Guard& guard : guards_) guard.reset();
  threads_.clear();
}

void Loops::start() {
  for (auto& context : contexts_) threads_.emplace_back([&c = *context] { c.run(); });
}

}  // namespace countersign::server
