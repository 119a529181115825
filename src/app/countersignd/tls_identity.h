// What the server shows on its TLS port: the certificate of files, or one of its own CA's; and
// whose certificates clients may show. Looked at anew every second while the server runs.
//
// Errors: "config.tls", "app.file", those of crypto/tls_context.h and of the issuer.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "crypto/tls_context.h"
#include "issuer/authority.h"
#include "ports/store.h"
#include "server/config.h"
#include "server/engine.h"

namespace countersign::app {

class TlsIdentity {
 public:
  // A fresh certificate for these names, by the CA that issues now.
  using Issue =
      std::function<Result<issuer::NewSigner>(const std::vector<std::string>& names, Time now)>;
  // `issue` is empty where there is no CA of our own. Everything outlives this.
  // `role` is part of the names in the store that its own certificate has.
  TlsIdentity(const server::Config& config, ports::Ledger& ledger, server::Engine& engine,
              Issue issue, std::string role = "tls");

  // Once before serving; then keep() follows what changes, and complains in the log.
  Result<> prepare(Time now);
  void keep(Time now);
  // For new connections; by any thread.
  std::shared_ptr<const crypto::TlsContext> context() const { return context_.get(); }

 private:
  // What a context was made of, to notice when that changes.
  struct Sources {
    std::vector<std::pair<std::filesystem::file_time_type, std::uintmax_t>> files;
    std::vector<Bytes> ca_certificates;
    bool operator==(const Sources&) const = default;
  };
  bool from_files() const { return !config_.tls.certificate.empty(); }
  Sources sources() const;
  bool renewal_is_due(Time now) const;
  Result<> make_context(Time now);
  Result<crypto::TlsIdentity> identity(Time now);
  Result<crypto::TlsIdentity> file_identity();
  Result<crypto::TlsIdentity> own_identity(Time now);
  bool fits(const x509::Certificate& certificate, Time now) const;
  Result<std::vector<Bytes>> client_anchors() const;

  const server::Config& config_;
  ports::Ledger& ledger_;
  server::Engine& engine_;
  Issue issue_;
  const std::string role_;
  Sources seen_;
  Time not_after_{};
  server::Swappable<crypto::TlsContext> context_;
};

// The names in our own certificate where tls.names is empty: "dns:…", "ip:…".
std::vector<std::string> default_tls_names(const server::Config& config);

}  // namespace countersign::app
