// TLS as the options want it: --tls-trust, --tls-cert, --tls-key.
#include "app/countersign/wishes.h"
#include "client/failure.h"
#include "client/files.h"
#include "client/identity.h"

namespace countersign::app {
namespace {

Result<crypto::TlsIdentity> identity_of(const Options& options) {
  TRY(need(options, {{"--tls-cert", options.tls_cert}, {"--tls-key", options.tls_key}}));
  Secret passphrase;
  if (options.tls_key_pass) passphrase = TRY(secret_from(*options.tls_key_pass));
  auto key = TRY(client::load_key(*options.tls_key, passphrase));
  const auto chain =
      TRY(client::recode(x509::certificates_from_file(TRY(client::read_file(*options.tls_cert))),
                         "client.file-certificate", *options.tls_cert));
  return crypto::TlsIdentity{chain, std::move(key)};
}

}  // namespace

Result<std::optional<crypto::TlsContext>> tls_of(const Options& options,
                                                 const ports::Target& target) {
  crypto::TlsClientSpec spec;
  const bool own = options.tls_cert || options.tls_key || options.tls_key_pass;
  if (!target.url.starts_with("https:")) {
    if (own || options.tls_trust)
      return client::wrong_usage("--tls-… is for servers whose URL begins with https://");
    return std::optional<crypto::TlsContext>{};
  }
  if (options.tls_trust) {
    spec.system = crypto::SystemAnchors::left_out;
    spec.anchors = TRY(client::load_anchor_list(*options.tls_trust));
  } else {
    spec.anchors = TRY(trusted_roots(options));
  }
  if (own) spec.identity = TRY(identity_of(options));
  return std::optional(TRY(crypto::TlsContext::for_client(spec)));
}

}  // namespace countersign::app
