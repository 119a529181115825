// The one place that knows the whole path of a request. One Responder per loop, over one Engine.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "ports/responder.h"
#include "server/engine.h"
#include "server/reply.h"

namespace countersign::server {

class Responder final : public ports::Responder {
 public:
  Responder(Engine& engine, boost::asio::io_context& loop) : engine_(engine), loop_(loop) {}

  void handle(ports::Inbound in, Done<ports::Outbound> done) override;

  boost::asio::awaitable<ports::Outbound> respond(ports::Inbound in);

 private:
  struct Request;
  boost::asio::awaitable<Result<Bytes>> answer(Request& request);
  boost::asio::awaitable<Result<Bytes>> answer_once(Request& request);
  Nonce fresh_nonce();
  void log_refusal(const Request& request, const Error& error);

  Engine& engine_;
  boost::asio::io_context& loop_;
};

}  // namespace countersign::server
