// The server as a registration authority: what is in the place of our own CA when upstream.url is
// set. Owns the loop, with a thread of its own, on which the upstream CA is talked to.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <thread>

#include "app/countersignd/commands.h"
#include "issuer/software_signer.h"
#include "issuer/upstream_cmp/forwarder.h"
#include "issuer/upstream_cmp/upstream_cmp.h"
#include "server/config.h"
#include "server/engine.h"
#include "transport/http/client.h"

namespace countersign::app {

class RegistrationAuthority {
 public:
  // Errors: "app.file", "config.upstream", those of issuer/upstream_cmp/upstream.h.
  static Result<std::unique_ptr<RegistrationAuthority>> open(const server::Config& config,
                                                             ports::Store& store, const Host& host,
                                                             const issuer::RunElsewhere& run);
  ~RegistrationAuthority();
  RegistrationAuthority(const RegistrationAuthority&) = delete;
  RegistrationAuthority& operator=(const RegistrationAuthority&) = delete;

  ports::Issuer& issuer() { return *issuer_; }
  ports::Relay& relay() { return *relay_; }
  const x509::Certificate& issuing() const { return issuer_->upstream().issuing; }
  std::shared_ptr<const server::CmpSigner> signer() const;
  std::shared_ptr<const server::Publications> publications() const;

  // "crypto.crl-format".
  Result<> use_lists(std::span<const Bytes> lists) { return issuer_->use_lists(lists); }

  // Late answers go to the engine on that loop. Both outlive the thread.
  void start(server::Engine& engine, boost::asio::io_context& loop);
  // What is under way stops, and goes on after the next start. The store may still call in.
  void stop();

 private:
  RegistrationAuthority();
  issuer::UpstreamWorld world(ports::Store& store, const Host& host);
  void after(std::chrono::milliseconds delay, std::move_only_function<void()> then);
  void tick();

  std::unique_ptr<issuer::UpstreamCmp> issuer_;  // what is under way tells it when it goes
  std::unique_ptr<issuer::Forwarder> relay_;
  std::unique_ptr<boost::asio::io_context> loop_;
  std::unique_ptr<transport::http::HttpClient> http_;
  server::Engine* engine_ = nullptr;
  boost::asio::io_context* server_loop_ = nullptr;
  std::jthread thread_;
};

}  // namespace countersign::app
