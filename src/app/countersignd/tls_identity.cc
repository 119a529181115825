#include "app/countersignd/tls_identity.h"

#include <algorithm>

#include "app/countersignd/config_file.h"
#include "crypto/path.h"
#include "transport/http/url.h"
#include "x509/certificate.h"

namespace countersign::app {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> misconfigured(std::string sentence) {
  return fail(Failure::systemFailure, "config.tls", std::move(sentence));
}

std::string key_name(const std::string& role, const x509::Certificate& certificate) {
  return "key." + role + '.' + x509::serial_text(certificate.serial);
}

std::string host_of(const std::string& endpoint) {
  std::string host = endpoint.substr(0, endpoint.rfind(':'));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return host;
}

// As they stand in a certificate, for comparison.
Result<std::vector<std::string>> in_order(const std::vector<std::string>& names) {
  std::vector<std::string> out;
  out.reserve(names.size());
  for (const auto& name : names)
    out.push_back(x509::to_text(TRY(x509::general_name_from_text(name))));
  std::ranges::sort(out);
  const auto repeated = std::ranges::unique(out);
  out.erase(repeated.begin(), repeated.end());
  return out;
}

// Of the CA that issues now, and what leads from older roots to its own.
std::vector<Bytes> issuing_chain(const server::Engine& engine) {
  return engine.publications.get()->issuing.front().chain;
}

std::vector<std::string> names_of(const server::Config& config) {
  return config.tls.names.empty() ? default_tls_names(config) : config.tls.names;
}

}  // namespace

std::vector<std::string> default_tls_names(const server::Config& config) {
  std::vector<std::string> names;
  const auto add = [&](const std::string& name) {
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  };
  if (const auto url = transport::http::parse_url(config.public_url)) add(url->host);
  const std::string host = host_of(config.tls.listen);
  const bool everywhere = host == "0.0.0.0" || host == "::";
  if (!everywhere) add(host);
  if (everywhere || host.starts_with("127.") || host == "::1")
    for (const char* local : {"localhost", "127.0.0.1", "::1"}) add(local);
  return names;
}

TlsIdentity::TlsIdentity(const server::Config& config, ports::Ledger& ledger,
                         server::Engine& engine, Issue issue, std::string role)
    : config_(config),
      ledger_(ledger),
      engine_(engine),
      issue_(std::move(issue)),
      role_(std::move(role)) {}

Result<> TlsIdentity::prepare(Time now) {
  const auto& tls = config_.tls;
  if (tls.certificate.empty() != tls.key.empty())
    return misconfigured("tls.certificate and tls.key belong together: name both files, or none");
  if (!from_files() && !issue_)
    return misconfigured(
        "a registration authority has no CA of its own that could certify its TLS port: name "
        "tls.certificate and tls.key");
  return make_context(now);
}

void TlsIdentity::keep(Time now) {
  if (sources() == seen_ && !renewal_is_due(now)) return;
  using Level = server::LogEvent::Level;
  const Time before = not_after_;
  if (const auto done = make_context(now); !done)
    engine_.log({Level::error,
                 "the TLS port keeps its certificate: " + done.error().reply_text,
                 {},
                 {},
                 std::string(done.error().code),
                 done.error().detail});
  else if (from_files() || before != not_after_)
    engine_.log({Level::info, "the TLS port has a new certificate", {}, {}, {}, {}});
}

TlsIdentity::Sources TlsIdentity::sources() const {
  Sources out;
  for (const auto* path : {&config_.tls.certificate, &config_.tls.key, &config_.tls.client_ca}) {
    std::error_code missing;
    out.files.emplace_back(fs::last_write_time(*path, missing), fs::file_size(*path, missing));
  }
  out.ca_certificates = engine_.publications.get()->ca_certificates;
  return out;
}

bool TlsIdentity::renewal_is_due(Time now) const {
  if (from_files() || now + config_.signer_renewal < not_after_) return false;
  // Nothing outlives the issuing CA.
  const auto ca = x509::parse_certificate(issuing_chain(engine_).front());
  return ca && not_after_ < ca->validity.not_after;
}

// What could not be read is not read again until it changes.
Result<> TlsIdentity::make_context(Time now) {
  seen_ = sources();
  crypto::TlsServerSpec spec{TRY(identity(now)), config_.tls.clients, {}};
  if (spec.clients != crypto::TlsClients::off) spec.client_anchors = TRY(client_anchors());
  auto context = TRY(crypto::TlsContext::for_server(spec));
  not_after_ = TRY(x509::parse_certificate(spec.identity.chain.front())).validity.not_after;
  context_.set(std::make_shared<const crypto::TlsContext>(std::move(context)));
  return {};
}

Result<crypto::TlsIdentity> TlsIdentity::identity(Time now) {
  return from_files() ? file_identity() : own_identity(now);
}

Result<crypto::TlsIdentity> TlsIdentity::file_identity() {
  const auto& tls = config_.tls;
  auto chain =
      TRY(x509::certificates_from_file(TRY(read_named_file("tls.certificate", tls.certificate))));
  const Secret pem(TRY(read_named_file("tls.key", tls.key)));
  return crypto::TlsIdentity{std::move(chain),
                             TRY(crypto::PrivateKey::from_pem(text(pem.expose()), Secret()))};
}

// The stored one while it lasts and fits, else a new one.
Result<crypto::TlsIdentity> TlsIdentity::own_identity(Time now) {
  std::vector<Bytes> chain = issuing_chain(engine_);
  const auto with = [&](const Bytes& leaf) {
    chain.insert(chain.begin(), leaf);
    return std::move(chain);
  };
  if (const auto stored = TRY(ledger_.value("certificate." + role_))) {
    const auto certificate = TRY(x509::parse_certificate(*stored));
    const auto key = TRY(ledger_.secret_value(key_name(role_, certificate)));
    if (key && fits(certificate, now))
      return crypto::TlsIdentity{with(*stored),
                                 TRY(crypto::PrivateKey::from_pem(text(key->expose()), Secret()))};
  }
  const auto fresh = TRY(issue_(names_of(config_), now));
  const auto certificate = TRY(x509::parse_certificate(fresh.certificate));
  // The key first: its certificate is found by it, so that both always belong together.
  TRY(ledger_.set_secret_value(key_name(role_, certificate), fresh.key));
  TRY(ledger_.set_value("certificate." + role_, fresh.certificate));
  return crypto::TlsIdentity{with(fresh.certificate),
                             TRY(crypto::PrivateKey::from_pem(text(fresh.key.expose()), Secret()))};
}

bool TlsIdentity::fits(const x509::Certificate& certificate, Time now) const {
  const auto issuing = x509::parse_certificate(issuing_chain(engine_).front());
  if (!issuing || certificate.issuer != issuing->subject) return false;
  const auto authority = crypto::TrustSet::make(std::vector<Bytes>{issuing->der});
  if (!authority || !crypto::validate_path({certificate.der, {}, *authority, now})) return false;
  const bool lasts = now + config_.signer_renewal < certificate.validity.not_after ||
                     certificate.validity.not_after == issuing->validity.not_after;
  std::vector<std::string> named;
  for (const auto& name : certificate.subject_alt_names()) named.push_back(x509::to_text(name));
  const auto wanted = in_order(names_of(config_));
  const auto present = in_order(named);
  return lasts && wanted && present && *wanted == *present;
}

Result<std::vector<Bytes>> TlsIdentity::client_anchors() const {
  const auto& file = config_.tls.client_ca;
  if (file.empty()) return engine_.publications.get()->ca_certificates;
  return x509::certificates_from_file(TRY(read_named_file("tls.client_ca", file)));
}

}  // namespace countersign::app
