#include "server/keeper.h"

#include <algorithm>
#include <chrono>

#include "crypto/crl_check.h"
#include "crypto/digest.h"

namespace countersign::server {
namespace {

constexpr std::chrono::seconds kTick{1};
constexpr Seconds kPurgeEvery{60};

x509::RevokedEntry entry_of(const enrol::CertificateRecord& c) {
  x509::RevokedEntry out;
  out.serial = c.serial;
  out.revoked_at = c.revoked_at.value_or(c.issued_at);
  out.reason =
      c.status == enrol::CertificateStatus::held ? x509::CrlReason::certificateHold : c.reason;
  out.invalidity_date = c.invalidity_date;
  return out;
}

// Revoked the same certificates, for the same reasons? Both are in order of serial.
bool lists(const x509::Crl& crl, const std::vector<x509::RevokedEntry>& list) {
  return std::ranges::equal(crl.fields.revoked, list, [](const auto& a, const auto& b) {
    return equal(a.serial, b.serial) && a.reason == b.reason;
  });
}

std::uint64_t number_in(const x509::Crl& crl) {
  const auto* extension = x509::find(crl.fields.extensions, x509::oids::crl_number);
  if (extension == nullptr) return 0;
  der::Context context(extension->value);
  der::Reader in(extension->value, context);
  const auto number = in.small_integer();
  return number ? static_cast<std::uint64_t>(*number) : 0;
}

// What a CA revoked of its own: each has a list for what bears its name. RFC 5280 §5.
std::vector<x509::RevokedEntry> list_of(const CrlIssuer& issuer,
                                        const std::vector<enrol::CertificateRecord>& revoked) {
  std::vector<x509::RevokedEntry> out;
  if (issuer.lists == CrlIssuer::Lists::nothing) return out;
  for (const auto& c : revoked) {
    if (c.authority != issuer.authority) continue;  // in that one's list
    if (issuer.one_issuer) {
      out.push_back(entry_of(c));
      continue;
    }
    const auto certificate = x509::parse_certificate(c.der);
    if (certificate && x509::same_name(certificate->issuer, issuer.name))
      out.push_back(entry_of(c));
  }
  return out;
}

}  // namespace

Keeper::Keeper(Engine& engine, ports::Ledger& ledger, const Config& config, Hands hands)
    : engine_(engine), ledger_(ledger), config_(config), hands_(std::move(hands)) {}

Keeper::~Keeper() = default;

Result<> Keeper::prepare() {
  TRY(reload_trust());
  TRY(refresh_crls(false));
  renew_signer();
  renew_kga();
  return {};
}

void Keeper::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void Keeper::wake() {
  revoked_ = true;
  turn_.notify_all();
}

void Keeper::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::unique_lock lock(mutex_);
    turn_.wait_for(lock, stop, kTick, [this] { return revoked_.load(); });
    lock.unlock();
    if (!stop.stop_requested()) keep();
  }
}

void Keeper::keep() {
  take_over();
  if (auto done = reload_trust(); !done) complain("trust could not be read anew", done.error());
  if (hands_.taken_over) hands_.taken_over();
  if (auto done = refresh_crls(revoked_.exchange(false)); !done)
    complain("the CRL could not be reissued", done.error());
  renew_signer();
  renew_kga();
  const Time now = engine_.clock.now();
  if (hands_.keep_tls) hands_.keep_tls(now);
  if (now - purged_at_ < kPurgeEvery) return;
  purged_at_ = now;
  if (auto done = ledger_.purge(now); !done)
    complain("old rows could not be removed", done.error());
}

// Trust and CRLs are those of other keys then.
void Keeper::take_over() {
  if (!hands_.take_over) return;
  const auto other = hands_.take_over();
  if (!other) complain("the CA's new keys could not be taken over", other.error());
  if (!other || !*other) return;
  generation_ = -1;
  revoked_ = true;
}

// Those that cannot be read are not read again until they change.
Result<> Keeper::reload_lists() {
  if (!hands_.changed_lists) return {};
  auto changed = TRY(hands_.changed_lists());
  if (!changed) return {};
  lists_ = std::move(*changed);
  generation_ = -1;
  revoked_ = true;
  return {};
}

// What is unsound was so before this server was told of it (another configuration file): its
// endpoint is off, and says so.
Result<> Keeper::reload_catalogue() {
  auto built = enrol::build_catalogue(config_.cmp, TRY(ledger_.objects()));
  std::set<std::string> unsound;
  for (const auto& problem : built.problems)
    if (problem.weight == enrol::Problem::Weight::error)
      unsound.insert(problem.path + ": " + problem.what);
  for (const std::string& what : unsound)
    if (!unsound_.contains(what))
      engine_.log({LogEvent::Level::error, what, {}, {}, "config.unsound", {}});
  unsound_ = std::move(unsound);
  if (hands_.use_authorities) hands_.use_authorities(*built.catalogue);
  engine_.catalogue.set(std::move(built.catalogue));
  return {};
}

Result<ForeignTrust> Keeper::foreign_trust(const std::vector<std::string>& sets) {
  ForeignTrust out;
  const auto catalogue = engine_.catalogue.get();
  if (sets.empty()) out.records = TRY(ledger_.trust());
  for (const std::string& name : sets)
    if (const auto set = catalogue->trust_sets().find(name); set != catalogue->trust_sets().end())
      out.records.insert(out.records.end(), set->second.begin(), set->second.end());
  std::vector<Bytes> anchors;
  for (const auto& record : out.records) {
    anchors.push_back(record.der);
    if (record.is_ra) out.ra_fingerprints.push_back(record.fingerprint);
  }
  // RFC 9483 §3.5 [SHOULD] the status of the protection certificate: ours in the store, others here
  if (!anchors.empty())
    out.anchors = TRY(crypto::with_revocation_lists(TRY(crypto::TrustSet::make(anchors)), lists_));
  return out;
}

Result<> Keeper::reload_trust() {
  TRY(reload_lists());
  const auto generation = TRY(ledger_.generation());
  if (generation == generation_) return {};
  TRY(reload_catalogue());
  std::vector<Bytes> anchors, elsewhere;
  const auto add = [&](const Publications& publications) {
    std::ranges::copy(publications.ca_certificates, std::back_inserter(anchors));
    if (publications.where == IssuesWhere::here_alone) return;
    for (const auto& name : publications.issuer_names) elsewhere.push_back(name.der);
  };
  add(*engine_.publications.get());
  if (const auto others = engine_.authorities.get())
    for (const auto& [name, authority] : *others)
      if (authority.publications) add(*authority.publications);
  // Behind a registration authority a CA revokes what is good by the store here.
  Trust trust{TRY(crypto::with_revocation_lists(TRY(crypto::TrustSet::make(anchors)), lists_)),
              std::move(elsewhere),
              {}};
  for (const auto& [name, endpoint] : engine_.catalogue.get()->endpoints()) {
    const auto& sets = endpoint.profile.trust_sets;
    if (!trust.foreign.contains(sets)) trust.foreign.emplace(sets, TRY(foreign_trust(sets)));
  }
  engine_.trust.set(std::make_shared<const Trust>(std::move(trust)));
  engine_.paths.clear();
  // What another process (an officer's command) revoked shows in the CRL too.
  if (generation_ != -1) revoked_ = true;
  generation_ = generation;
  return {};
}

Result<Bytes> Keeper::next_crl(const CrlIssuer& issuer,
                               const std::vector<x509::RevokedEntry>& list) {
  const Time now = engine_.clock.now();
  std::uint64_t number = 1;
  if (const auto last = TRY(ledger_.value(issuer.stored))) {
    const auto crl = TRY(x509::parse_crl(*last));
    // RFC 5280 §5.2.3 [MUST] a number that only grows
    number = number_in(crl) + 1;
    const bool lasts = now + config_.crl_overlap < crl.fields.next_update;
    if (lasts && lists(crl, list)) return *last;
  }
  Bytes der = TRY(issuer.make(CrlRequest{list, number, now, now + config_.crl_validity}));
  TRY(ledger_.set_value(issuer.stored, der));
  return der;
}

Result<> Keeper::refresh_crls(bool revoked) {
  if (!hands_.crl_issuers) return {};
  const Time now = engine_.clock.now();
  if (!revoked && now < crls_due_) return {};
  const auto present = engine_.publications.get();
  const auto all = TRY(ledger_.revoked(now));
  Publications next = *present;
  next.crls.clear();
  Time due = Time::max();
  for (const CrlIssuer& issuer : hands_.crl_issuers()) {
    Bytes der = TRY(next_crl(issuer, list_of(issuer, all)));
    const auto crl = TRY(x509::parse_crl(der));
    due = std::min(due, crl.fields.next_update - config_.crl_overlap);
    next.crls.push_back({std::move(der), issuer.name, crl.fields.this_update, issuer.url});
  }
  crls_due_ = due;
  const auto same = [](const auto& a, const auto& b) { return a.der == b.der; };
  if (std::ranges::equal(next.crls, present->crls, same)) return {};
  if (hands_.use_crls) hands_.use_crls(next.crls);
  engine_.publications.set(std::make_shared<const Publications>(std::move(next)));
  return {};
}

bool Keeper::lasts(const CmpSigner& signer, Time now) const {
  return now + config_.signer_renewal < signer.certificate.validity.not_after;
}

// After a roll-over the next one is due at once: who holds the new certificates alone must find a
// path, and the old key is done with sooner.
bool Keeper::is_of_present_ca(const CmpSigner& signer) const {
  return x509::same_name(signer.certificate.issuer,
                         engine_.publications.get()->issuer_names.front());
}

// Made when it is first needed: an authority that makes no keys for others has none.
void Keeper::renew_kga() {
  if (!hands_.renew_kga || !engine_.catalogue.get()->makes_keys()) return;
  const Time now = engine_.clock.now();
  const auto present = engine_.kga.get();
  if (present != nullptr && lasts(*present, now) && is_of_present_ca(*present)) return;
  auto fresh = hands_.renew_kga(now);
  if (!fresh) {
    complain("the key generation authority could not be renewed", fresh.error());
    return;
  }
  // Nothing outlives the issuing CA.
  if (present != nullptr && is_of_present_ca(*present) &&
      (*fresh)->certificate.validity.not_after <= present->certificate.validity.not_after)
    return;
  engine_.kga.set(std::move(*fresh));
  engine_.log({LogEvent::Level::info,
               "the key generation authority has a new certificate",
               {},
               {},
               {},
               {}});
}

void Keeper::renew_signer() {
  if (!hands_.renew_signer) return;
  const Time now = engine_.clock.now();
  const auto present = engine_.signer.get();
  if (lasts(*present, now) && is_of_present_ca(*present)) return;
  auto fresh = hands_.renew_signer(now);
  if (!fresh) {
    complain("the CMP signer could not be renewed", fresh.error());
    return;
  }
  // What the issuing CA itself will not outlive cannot be renewed further.
  if (is_of_present_ca(*present) &&
      (*fresh)->certificate.validity.not_after <= present->certificate.validity.not_after)
    return;
  engine_.signer.set(std::move(*fresh));
  engine_.log({LogEvent::Level::info, "the CMP signer was renewed", {}, {}, {}, {}});
}

void Keeper::complain(std::string_view what, const Error& error) {
  engine_.log({LogEvent::Level::error,
               std::string(what) + ": " + error.reply_text,
               {},
               {},
               std::string(error.code),
               error.detail});
}

}  // namespace countersign::server
