// A running server: the wiring of store, issuer, engine, loops and listener.
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/countersignd/api_host.h"
#include "app/countersignd/approval_notices.h"
#include "app/countersignd/authority_files.h"
#include "app/countersignd/commands.h"
#include "app/countersignd/crl_files.h"
#include "app/countersignd/device_webhook.h"
#include "app/countersignd/named_cas.h"
#include "app/countersignd/own_ca.h"
#include "app/countersignd/profile_signers.h"
#include "app/countersignd/remote_authorities.h"
#include "app/countersignd/tls_identity.h"
#include "issuer/manual/manual.h"
#include "issuer/present_ca.h"
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

  // Where it listens: "http://127.0.0.1:8829", "https://…".
  std::vector<std::string> urls() const;
  x509::Name issuer_name() const { return engine_->publications.get()->issuer_names.front(); }
  Data& data() { return data_; }
  // Refuses new requests, finishes what was begun, drains the store.
  void stop();

 private:
  Service(const Host& host, Data data, server::Config config);
  Result<> prepare();
  Result<> open_own_ca();
  Result<> open_registration_authority();
  // Puts the authority that is stored in the place of the one in use, if that is another.
  Result<bool> take_over();
  Result<bool> take_over_own();
  NamedCas::World named_world();
  Result<> put_in_place(OwnCa ca);
  Result<> make_engine(ports::Issuer& issuer);
  Result<> open_tls();
  Result<> open_webhook();
  Result<> open_notices();
  void use_objects(const enrol::Catalogue& catalogue);
  TlsIdentity::Issue tls_issuer();
  console::CaKeys own_ca_keys();
  void keep_tls(Time now);
  Result<std::optional<std::vector<Bytes>>> changed_lists();
  Result<> check_approvals() const;
  Result<> listen();
  transport::http::HttpOptions http_options();
  server::Keeper::Hands hands();
  issuer::ApprovalRules approval_rules();
  ports::Issuer& behind_officers(ports::Issuer& issuer);
  issuer::RunElsewhere pool();

  Host host_;
  Data data_;
  server::Config config_;
  CrlFiles lists_{config_.revocation_lists};
  boost::asio::thread_pool slow_;  // algorithms that would hold up a loop
  SigningKeys keys_{config_.pkcs11, pool()};
  std::shared_ptr<const ports::Signer> issuing_signer_;  // of the present issuing CA
  x509::Certificate issuing_;
  issuer::PresentCa issuer_;
  std::unique_ptr<issuer::ByAuthority> by_authority_;  // the server's own, and others
  std::optional<OwnCa> ca_;                            // the keeper's, once it runs; or
  std::unique_ptr<NamedCas> named_;                    // beside it; null: a registration authority
  std::unique_ptr<RemoteAuthorities> remote_;
  bool others_are_new_ = false;                     // the keeper's: not all has followed yet
  CmpAuthority* ra_ = nullptr;                      // of those the server's own, if it is no CA
  std::unique_ptr<issuer::ManualIssuer> officers_;  // before either
  std::unique_ptr<server::Engine> engine_;
  std::unique_ptr<ProfileSigners> profile_signers_;  // the keeper's, once it runs
  std::unique_ptr<ApprovalNotices> notices_;         // null: nobody is told
  std::unique_ptr<TlsIdentity> tls_;                 // null: no TLS
  std::unique_ptr<DeviceWebhook> webhook_;           // null: nobody is asked
  std::unique_ptr<server::Site> site_;
  std::unique_ptr<server::Keeper> keeper_;
  std::unique_ptr<server::Loops> loops_;
  std::vector<std::unique_ptr<server::Responder>> responders_;
  std::unique_ptr<transport::http::HttpServer> http_;
  std::mutex api_mutex_;  // of the keeper, and of who stops
  std::unique_ptr<ApiHost> api_;
  std::atomic<bool> stopping_ = false;
  bool stopped_ = false;
};

}  // namespace countersign::app
