// The one place that knows the whole path of a request. One Responder per loop, over one Engine.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "ports/responder.h"
#include "server/engine.h"
#include "server/evidence.h"
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
  struct Looked {  // borrowed: what was looked up for a message
    const ports::Snapshot& found;
    std::vector<OpenTransaction>& transactions;
    const enrol::TrustRecord* anchor;  // that a foreign signer's path ends in; null: none
    const RequestDigest& digest;
  };
  boost::asio::awaitable<Result<Bytes>> decide(Request& request,
                                               const message::AuthenticatedMessage& message,
                                               const Looked& looked);
  boost::asio::awaitable<Bytes> refuse(const Request& request, const Error& error);
  // relay.cc
  boost::asio::awaitable<Result<Bytes>> relay_untouched(Request& request,
                                                        const message::PKIMessage& m);
  boost::asio::awaitable<Result<Bytes>> relay_vouched(Request& request,
                                                      const message::AuthenticatedMessage& message,
                                                      const Route& route, const Secret* secret);
  boost::asio::awaitable<Result<Bytes>> keep_relayed(const Request& request, Bytes reply,
                                                     const RequestDigest& digest,
                                                     const std::string& sender, const Route& route);
  // nested.cc
  boost::asio::awaitable<Result<Bytes>> answer_nested(Request& request, message::PKIMessage outer);
  boost::asio::awaitable<Result<Bytes>> answer_inner(const Request& outer,
                                                     const message::PKIMessage& message,
                                                     std::string approved_by);
  boost::asio::awaitable<Result<Bytes>> answer_batch(
      const Request& outer, const std::vector<message::PKIMessage>& messages);
  boost::asio::awaitable<Result<>> look_up_by_body(Request& request, const message::PKIMessage& m,
                                                   ports::Snapshot& found);
  boost::asio::awaitable<Result<message::AuthenticatedMessage>> authenticate(
      Request& request, message::PKIMessage m, const protect::Evidence& known);
  transaction::Facts facts_of(const Request& request, const message::AuthenticatedMessage& message,
                              const Looked& looked, const Route& route, bool known);
  boost::asio::awaitable<Result<Bytes>> seal(Request& request, transaction::Reply answer);
  boost::asio::awaitable<void> record_refusal(const Request& request, const Error& error);
  void log_refusals(const Request& request, const transaction::Facts& facts) const;
  static void salvage(Request& request);
  Nonce fresh_nonce();

  Engine& engine_;
  boost::asio::io_context& loop_;
};

}  // namespace countersign::server
