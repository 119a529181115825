#include "app/countersignd/named_ca.h"

#include "app/countersignd/authority_files.h"

namespace countersign::app {
namespace {

// Issuers are told apart by their names, in certificates and in requests for revocation: no key of
// any CA of ours, whenever it was in use, has this one's.
Result<> check_names(ports::Ledger& ledger, const issuer::AuthoritySpec& spec, enrol::RootOf root) {
  const auto wanted = issuer::names_of(spec);
  auto names = TRY(load_authority_names(ledger));
  names.emplace_back();
  const auto taken = [&](const x509::Certificate& c) {
    return x509::same_name(c.subject, wanted.issuing) ||
           (root == enrol::RootOf::own && x509::same_name(c.subject, wanted.root));
  };
  for (const std::string& name : names) {
    const Authority other = TRY(load_authority(ledger, name));
    if (std::ranges::any_of(other.issuing, taken, &IssuingGeneration::certificate) ||
        taken(other.roots.front().certificate))
      return fail(Failure::systemFailure, "app.ca-name",
                  "another CA of this server is called " + x509::to_text(wanted.issuing) +
                      ", or was: set ca_name to a name that no other has");
  }
  return {};
}

Result<issuer::AuthoritySpec> spec_of(const OwnCa::Host& host, const enrol::Authority& authority) {
  issuer::AuthoritySpec spec = TRY(load_spec(host.ledger));
  spec.name = authority.ca_name.empty() ? spec.name + " " + host.ca : authority.ca_name;
  if (spec.name.size() > enrol::kLongestCaName)
    return fail(Failure::systemFailure, "app.ca-name",
                "\"" + spec.name + "\" has more than " + std::to_string(enrol::kLongestCaName) +
                    " octets: set ca_name to a shorter name");
  if (!authority.organization.empty()) spec.organization = authority.organization;
  spec.root_algorithm = spec.issuing_algorithm = spec.cmp_algorithm = authority.algorithm;
  spec.public_url = host.public_url;
  spec.issuing = {1, host.ca};
  spec.issuing_validity = authority.lives;
  spec.root_validity = std::max(spec.root_validity, 2 * authority.lives);
  return spec;
}

struct Made {
  FirstKeys first;
  Bytes issuing_certificate;
  Secret issuing_key;
  issuer::NewSigner cmp;
};

Result<Made> under_own_root(const OwnCa::Host& host, const issuer::AuthoritySpec& spec, Time now) {
  auto made = TRY(issuer::make_authority(spec, now, host.entropy));
  Made out{{{spec.issuing, spec.issuing}, {}, {}},
           std::move(made.issuing_certificate),
           std::move(made.issuing_key),
           {std::move(made.cmp_certificate), std::move(made.cmp_key)}};
  out.first.values.emplace_back("certificate.root", std::move(made.root_certificate));
  out.first.secrets.emplace_back("key.root", std::move(made.root_key));
  return out;
}

Result<Made> under_shared_root(const OwnCa::Host& host, const issuer::AuthoritySpec& spec,
                               Time now) {
  const Authority own = TRY(load_authority(host.ledger));
  const RootGeneration& root = own.roots.front();
  const auto signer =
      TRY(load_signer(host.ledger, stored_name("key.root", root.generation), host.run));
  auto made = TRY(issuer::make_first_issuing(spec, {root.certificate, *signer, root.generation},
                                             now, host.entropy));
  const auto issuing = TRY(issuer::open_software_signer(made.key));
  auto cmp = TRY(issuer::make_cmp_signer(spec, made.certificate, *issuing, now, host.entropy));
  return Made{{{root.generation, spec.issuing}, {}, {}},
              std::move(made.certificate),
              std::move(made.key),
              std::move(cmp)};
}

}  // namespace

Result<> make_named_ca(const OwnCa::Host& host, const enrol::Authority& authority, Time now) {
  const auto spec = TRY(spec_of(host, authority));
  TRY(check_names(host.ledger, spec, authority.root));
  auto [first, issuing, issuing_key, cmp] =
      TRY(authority.root == enrol::RootOf::own ? under_own_root(host, spec, now)
                                               : under_shared_root(host, spec, now));
  const auto certificate = TRY(x509::parse_certificate(issuing));
  const auto serial = x509::serial_text(TRY(x509::parse_certificate(cmp.certificate)).serial);
  first.values.emplace_back("certificate.issuing", std::move(issuing));
  first.values.emplace_back("certificate.cmp", std::move(cmp.certificate));
  first.values.emplace_back("authority", to_bytes(spec_json(spec)));
  first.secrets.emplace_back("key.issuing", std::move(issuing_key));
  first.secrets.emplace_back("key.cmp." + serial, std::move(cmp.key));
  return save_first(host.ledger, first, certificate, now);
}

void NamedCa::InPlace::set(const OwnCa& ca) {
  ca_.set(ca.issuer());
  ends_ = ca.issuing_certificate().validity.not_after;
}

ports::Health NamedCa::InPlace::health() const {
  ports::Health out;
  const Time ends = ends_;
  if (clock_.now() < ends) return out;
  out.state = ports::Health::State::unusable;
  out.trouble = "its certificate expired on " + to_date(ends) +
                "; give it a new key: countersignd ca rollover --issuing --authority " + name_;
  return out;
}

Result<std::shared_ptr<NamedCa>> NamedCa::open(OwnCa::Host host, const Clock& clock) {
  std::shared_ptr<NamedCa> out(new NamedCa(std::move(host), clock));
  TRY(out->load());
  return out;
}

Result<> NamedCa::load() {
  ca_ = TRY(OwnCa::open(host_, clock_.now()));
  issuer_.set(*ca_);
  signer_ = TRY(load_cmp(host_.ledger, ca_->publications(), host_.run, host_.ca));
  kga_ = TRY(load_kga(host_.ledger, ca_->publications(), host_.run, host_.ca));
  return {};
}

std::shared_ptr<const server::Publications> NamedCa::publications() const {
  auto out = std::make_shared<server::Publications>(ca_->publications());
  out->crls = crls_;
  return out;
}

void NamedCa::use_crls(const std::vector<enrol::PublishedCrl>& crls) {
  crls_.clear();
  const auto is_of = [](const x509::Name& name) {
    return [&name](const enrol::PublishedCrl& crl) { return x509::same_name(crl.issuer, name); };
  };
  const auto& known = ca_->publications();
  for (const auto& name : known.issuer_names)
    std::ranges::copy_if(crls, std::back_inserter(crls_), is_of(name));
  if (const auto root = x509::parse_certificate(known.root_certificate))
    std::ranges::copy_if(crls, std::back_inserter(crls_), is_of(root->subject));
}

std::vector<server::CrlIssuer> NamedCa::crl_issuers() const {
  return ca_->crl_issuers(clock_.now());
}

// Nothing outlives its issuing CA: what ends with it cannot be renewed further.
bool NamedCa::is_due(const std::shared_ptr<const server::CmpSigner>& signer,
                     Seconds renewal) const {
  const auto& issuing = ca_->issuing_certificate();
  if (clock_.now() >= issuing.validity.not_after) return false;
  if (signer == nullptr || !x509::same_name(signer->certificate.issuer, issuing.subject))
    return true;
  const Time ends = signer->certificate.validity.not_after;
  return clock_.now() + renewal >= ends && ends < issuing.validity.not_after;
}

Result<issuer::AuthoritySpec> NamedCa::spec() const {
  auto spec = TRY(load_spec(host_.ledger, host_.ca));
  spec.public_url = host_.public_url;
  return spec;
}

Result<bool> NamedCa::keep(const Wants& wants) {
  const Time now = clock_.now();
  const auto& ca = *ca_;
  const bool replaced = TRY(load_generations(host_.ledger, host_.ca)) != ca.generations();
  if (!replaced && is_due(signer_, wants.renewal)) {
    const auto fresh = TRY(issuer::make_cmp_signer(TRY(spec()), ca.issuing_certificate().der,
                                                   *ca.issuing_signer(), now, host_.entropy));
    TRY(save_cmp_signer(host_.ledger, fresh, host_.ca));
  } else if (!replaced && wants.makes_keys && is_due(kga_, wants.renewal)) {
    const auto fresh = TRY(issuer::make_kga_signer(TRY(spec()), ca.issuing_certificate().der,
                                                   *ca.issuing_signer(), now, host_.entropy));
    TRY(save_kga(host_.ledger, fresh, host_.ca));
  } else if (!replaced) {
    return false;
  }
  TRY(load());
  return true;
}

}  // namespace countersign::app
