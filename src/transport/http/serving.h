// What the connections of one HttpServer share. Internal to transport/http.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <unordered_set>
#include <utility>
#include <vector>

#include "ports/responder.h"
#include "ports/web.h"
#include "transport/http/server.h"

namespace countersign::transport::http {

class Connection;

// The places for connections. Thread-safe.
class Seats {
 public:
  Seats(std::size_t total, std::size_t per_peer) : total_(total), per_peer_(per_peer) {}
  [[nodiscard]] bool take(const boost::asio::ip::address& peer);
  void give_back(const boost::asio::ip::address& peer);
  std::size_t taken() const;

 private:
  const std::size_t total_;
  const std::size_t per_peer_;
  mutable std::mutex mutex_;
  std::size_t taken_ = 0;
  std::map<boost::asio::ip::address, std::size_t> by_peer_;  // empty unless per_peer_ is set
};

enum class Wire { clear, tls };

// Touched by its own loop only.
struct Loop {
  boost::asio::io_context* context;
  ports::Responder* responder;                       // of a server for CMP; null in one for a Web
  ports::Web* web;                                   // the other way round
  std::unordered_set<Connection*> connections = {};  // each enters and leaves by itself
  bool stopping = false;
  std::function<void()> drained = {};  // set while stopping, called when the last one has left

  void leave(Connection* connection);
};

// Holds nothing that lives in a loop (no socket, no timer): whichever loop is destroyed last
// destroys it.
struct Serving {
  const HttpOptions options;
  const ports::Site* site;  // beside responders
  const AccessLog log;
  std::vector<Loop> loops;
  Seats seats{options.max_connections, options.max_connections_per_peer};
  std::vector<boost::asio::ip::tcp::endpoint> endpoints = {};
  // Of the first loop alone:
  std::vector<std::weak_ptr<boost::asio::ip::tcp::acceptor>> acceptors = {};
  std::size_t turn = 0;
};

// One taken place, and what keeps alive all that its connection uses.
class Seat {
 public:
  Seat(std::shared_ptr<Serving> serving, boost::asio::ip::address peer)
      : serving_(std::move(serving)), peer_(std::move(peer)) {}
  Seat(Seat&&) noexcept = default;
  Seat& operator=(Seat&&) = delete;
  ~Seat() {
    if (serving_) serving_->seats.give_back(peer_);
  }
  const Serving& serving() const noexcept { return *serving_; }

 private:
  std::shared_ptr<Serving> serving_;
  boost::asio::ip::address peer_;
};

std::string to_text(const boost::asio::ip::tcp::endpoint& endpoint);

}  // namespace countersign::transport::http
