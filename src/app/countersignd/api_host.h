// The REST API of a running server: its listener, over TLS unless told otherwise, and who may use
// it. It listens from when there is an operator: before that nobody could log in.
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <memory>
#include <vector>

#include "app/countersignd/tls_identity.h"
#include "base/ports.h"
#include "console/api.h"
#include "issuer/manual/manual.h"
#include "server/loops.h"
#include "store/sqlite/sqlite_store.h"
#include "transport/http/server.h"

namespace countersign::app {

class ApiHost {
 public:
  struct World {  // outlives this
    store::sqlite::SqliteStore& store;
    server::Engine& engine;
    server::Loops& loops;
    Entropy& entropy;
    boost::asio::thread_pool& pool;
    issuer::ApprovalRules approvals;
    console::CaKeys ca_keys = {};
  };
  // `issue` as TlsIdentity.
  ApiHost(World world, const server::Config& config, TlsIdentity::Issue issue);

  // Called now and then: opens it when it is due, and follows the operators and the certificate.
  void keep(Time now);
  // Refuses new requests and finishes what was begun. The loops run still.
  void stop();

 private:
  Result<> open(Time now);
  server::Simulator simulator() const;
  decltype(console::Workplace::deliver) delivery() const;
  void follow_operators();
  void lock_out_revoked(console::Operators& operators);
  void log(server::LogEvent::Level level, const std::string& what, std::string_view code) const;

  World world_;
  const server::Config config_;  // its TLS port is the API's
  TlsIdentity tls_;
  server::Swappable<console::Operators> operators_;
  std::shared_ptr<const enrol::Catalogue> seen_;
  std::unique_ptr<console::Api> api_;
  std::vector<std::unique_ptr<console::ApiDoor>> doors_;
  std::unique_ptr<transport::http::HttpServer> http_;
  Time try_again_{};
};

}  // namespace countersign::app
