// A running server: the wiring of store, issuer, engine, loops and listener.
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <memory>
#include <string>
#include <vector>

#include "app/countersignd/authority_files.h"
#include "app/countersignd/commands.h"
#include "app/countersignd/registration_authority.h"
#include "issuer/local_ca.h"
#include "issuer/manual/manual.h"
#include "server/keeper.h"
#include "server/loops.h"
#include "server/responder.h"
#include "server/site.h"
#include "transport/http/server.h"

namespace countersign::app {

class Service {
 public:
  // Takes the data folder for itself. Requests are answered as soon as open() returns.
  static Result<std::unique_ptr<Service>> open(const Host& host, Data data, server::Config config);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  std::string endpoint() const { return http_->local_endpoint(); }
  const x509::Name& issuer_name() const { return engine_->issuer_name; }
  Data& data() { return data_; }
  // Refuses new requests, finishes what was begun, drains the store.
  void stop();

 private:
  Service(const Host& host, Data data, server::Config config);
  Result<> prepare();
  Result<> open_own_ca();
  Result<> open_registration_authority();
  Result<> make_engine(ports::Issuer& issuer, const x509::Name& issuer_name);
  Result<> listen();
  server::Keeper::Hands hands();
  ports::Issuer& behind_officers(ports::Issuer& issuer);
  issuer::RunElsewhere pool();

  Host host_;
  Data data_;
  server::Config config_;
  boost::asio::thread_pool slow_;  // algorithms that would hold up a loop
  std::shared_ptr<const ports::Signer> issuing_signer_, root_signer_;
  x509::Certificate issuing_, root_;
  std::unique_ptr<issuer::LocalCa> ca_;  // or
  std::unique_ptr<RegistrationAuthority> ra_;
  std::unique_ptr<issuer::ManualIssuer> officers_;  // before either; null: they decide nothing
  std::unique_ptr<server::Engine> engine_;
  std::unique_ptr<server::Site> site_;
  std::unique_ptr<server::Keeper> keeper_;
  std::unique_ptr<server::Loops> loops_;
  std::vector<std::unique_ptr<server::Responder>> responders_;
  std::unique_ptr<transport::http::HttpServer> http_;
  std::atomic<bool> stopping_ = false;
  bool stopped_ = false;
};

}  // namespace countersign::app
