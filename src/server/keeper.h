// The housekeeping beside the requests: trust that an administrator changed is read anew, CRLs are
// reissued when something was revoked or before they lapse, kept replies and ended transactions go,
// the CMP signer is renewed. On a thread of its own, because the ledger's calls block.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <thread>

#include "ports/store.h"
#include "server/config.h"
#include "server/engine.h"
#include "x509/crl.h"

namespace countersign::server {

struct CrlRequest {
  std::vector<x509::RevokedEntry> revoked;
  std::uint64_t number = 1;
  Time this_update{};
  Time next_update{};
};

// A key of ours that signs a CRL of its own as long as its certificate lasts.
struct CrlIssuer {
  enum class Lists { what_it_issued, nothing } lists = Lists::nothing;
  std::string authority;   // empty: of the server's own CA
  bool one_issuer = true;  // it alone issued what its authority did: no certificate is looked into
  std::string stored;      // the name of the last one in the store
  std::string url;
  x509::Name name;
  std::function<Result<Bytes>(const CrlRequest&)> make;
};

class Keeper {
 public:
  struct Hands {  // what the keeper has done for it; empty: that is not its business
    // Puts the stored authorities into the engine where others are in use; true: it was so.
    std::function<Result<bool>()> take_over;
    // Trust is that of what was taken over.
    std::function<void()> taken_over;
    // Of all generations whose certificates last, the present issuing CA first; those of other CAs
    // of ours after them.
    std::function<std::vector<CrlIssuer>()> crl_issuers;
    // A fresh signer, already stored. Called when the present one nears its end.
    std::function<Result<std::shared_ptr<const CmpSigner>>(Time now)> renew_signer;
    // The same for the key generation authority; its first, too.
    std::function<Result<std::shared_ptr<const CmpSigner>>(Time now)> renew_kga;
    // The revocation lists of other CAs when they have changed; nullopt: they are as they were.
    std::function<Result<std::optional<std::vector<Bytes>>>()> changed_lists;
    // Opens the authorities that operators set beside our own.
    std::function<void(const enrol::Catalogue&)> use_authorities;
    // All CRLs, when they have changed.
    std::function<void(const std::vector<enrol::PublishedCrl>&)> use_crls;
    std::function<void(Time now)> keep_tls;  // the TLS port's certificate, at every turn
  };
  Keeper(Engine& engine, ports::Ledger& ledger, const Config& config, Hands hands);
  ~Keeper();

  // Once before serving: trust, CRLs. Then start() keeps them.
  Result<> prepare();
  void start();
  void wake();  // something was revoked

 private:
  void run(const std::stop_token& stop);
  void keep();
  void take_over();
  Result<> reload_trust();
  Result<> reload_catalogue();
  Result<ForeignTrust> foreign_trust(const std::vector<std::string>& sets);
  Result<> reload_lists();
  Result<> refresh_crls(bool revoked);
  // The last one while it lasts and lists the same, else a new one.
  Result<Bytes> next_crl(const CrlIssuer& issuer, const std::vector<x509::RevokedEntry>& list);
  void renew_signer();
  void renew_kga();
  bool lasts(const CmpSigner& signer, Time now) const;
  bool is_of_present_ca(const CmpSigner& signer) const;
  void complain(std::string_view what, const Error& error);

  Engine& engine_;
  ports::Ledger& ledger_;
  const Config& config_;
  Hands hands_;
  std::int64_t generation_ = -1;
  std::set<std::string> unsound_;  // what was said of the catalogue
  std::vector<Bytes> lists_;       // revocation lists of other CAs
  Time crls_due_{};                // when the first of them nears its end
  Time purged_at_{};
  std::atomic<bool> revoked_ = false;
  std::mutex mutex_;
  std::condition_variable_any turn_;
  std::jthread thread_;
};

}  // namespace countersign::server
