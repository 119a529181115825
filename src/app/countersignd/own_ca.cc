#include "app/countersignd/own_ca.h"

#include <future>

#include "app/countersignd/authority_files.h"
#include "issuer/local_ca.h"

namespace countersign::app {
namespace {

// A ledger's thread may wait for a signer; a loop never does this.
Result<Bytes> crl_now(const server::CrlRequest& request, const x509::Certificate& issuer,
                      const ports::Signer& signer) {
  std::promise<Result<Bytes>> made;
  auto done = made.get_future();
  issuer::make_crl({request.revoked, request.number, request.this_update, request.next_update},
                   issuer, signer, [&](Result<Bytes> crl) { made.set_value(std::move(crl)); });
  return done.get();
}

// The present one is opened whatever its age: whoever uses it says that it has expired.
bool in_use(const x509::Certificate& certificate, std::size_t place, Time now) {
  return place == 0 || now < certificate.validity.not_after;
}

// Everything that helps to build a path, from whichever root: RFC 9810 §4.4.2, RFC 9483 §4.3.1.
std::vector<Bytes> ca_certificates(const Authority& authority, Time now) {
  std::vector<Bytes> out;
  for (std::size_t i = 0; i < authority.issuing.size(); ++i)
    if (in_use(authority.issuing[i].certificate, i, now))
      out.push_back(authority.issuing[i].certificate.der);
  for (auto& link : links_at(authority, now)) out.push_back(std::move(link));
  for (std::size_t i = 1; i < authority.roots.size(); ++i) {
    if (!in_use(authority.roots[i].certificate, i, now)) continue;
    out.push_back(authority.roots[i - 1].old_with_new);
    out.push_back(authority.roots[i].certificate.der);
  }
  out.push_back(authority.roots.front().certificate.der);
  return out;
}

std::vector<enrol::RootUpdate> root_updates(const Authority& authority) {
  std::vector<enrol::RootUpdate> out;
  for (std::size_t i = authority.roots.size() - 1; i > 0; --i) {
    const RootGeneration& next = authority.roots[i - 1];
    out.push_back({authority.roots[i].certificate.der,
                   {next.certificate.der, next.new_with_old, next.old_with_new}});
  }
  return out;
}

server::Publications publish(const Authority& authority, Time now) {
  server::Publications out;
  out.ca_certificates = ca_certificates(authority, now);
  out.root_certificate = authority.roots.front().certificate.der;
  out.root_updates = root_updates(authority);
  for (const auto& [generation, certificate] : authority.issuing) {
    std::vector<Bytes> chain = links_at(authority, now);
    chain.insert(chain.begin(), certificate.der);
    out.issuer_names.push_back(certificate.subject);
    out.issuing.push_back({certificate.subject, std::move(chain)});
    out.documents.emplace(issuer::issuing_certificate_url({}, generation), certificate.der);
  }
  for (const RootGeneration& root : authority.roots)
    out.documents.emplace(issuer::root_certificate_url({}, root.generation), root.certificate.der);
  out.documents.emplace(issuer::present_root_url({}, authority.name()), out.root_certificate);
  return out;
}

}  // namespace

Result<OwnCa> OwnCa::open(const Host& host, Time now) {
  const Authority authority = TRY(load_authority(host.ledger, host.ca));
  OwnCa out;
  out.public_url_ = host.public_url;
  out.shares_root_ = authority.shares_root();
  // Under a name that was somebody else's, others may have issued before it.
  out.one_issuer_ = authority.issuing.size() == 1 && host.ca.empty();
  out.generations_ = {authority.roots.front().generation, authority.issuing.front().generation};
  const auto open_key = [&](std::string_view what, const issuer::Generation& generation,
                            const x509::Certificate& certificate) -> Result<Key> {
    return Key{generation, certificate,
               TRY(load_signer(host.ledger, stored_name(what, generation), host.run))};
  };
  for (std::size_t i = 0; i < authority.issuing.size(); ++i)
    if (const auto& ca = authority.issuing[i]; in_use(ca.certificate, i, now))
      out.issuing_.push_back(TRY(open_key("key.issuing", ca.generation, ca.certificate)));
  for (std::size_t i = 0; i < authority.roots.size() && !out.shares_root_; ++i)
    if (const auto& root = authority.roots[i]; in_use(root.certificate, i, now))
      out.roots_.push_back(TRY(open_key("key.root", root.generation, root.certificate)));
  const Key& present = out.issuing_.front();
  out.issuer_ =
      TRY(issuer::LocalCa::create({present.certificate.der, authority.roots.front().certificate.der,
                                   host.public_url, present.generation, links_at(authority, now)},
                                  present.signer, host.entropy));
  out.publications_ = publish(authority, now);
  return out;
}

server::CrlIssuer OwnCa::crl_issuer(const Key& key, server::CrlIssuer::Lists lists) const {
  const bool issuing = lists == server::CrlIssuer::Lists::what_it_issued;
  return {lists,
          key.generation.ca,
          one_issuer_,
          stored_name(issuing ? "crl.issuing" : "crl.root", key.generation),
          issuing ? issuer::crl_url(public_url_, key.generation)
                  : issuer::root_crl_url(public_url_, key.generation),
          key.certificate.subject,
          [key](const server::CrlRequest& request) {
            return crl_now(request, key.certificate, *key.signer);
          }};
}

std::vector<server::CrlIssuer> OwnCa::crl_issuers(Time now) const {
  using Lists = server::CrlIssuer::Lists;
  std::vector<server::CrlIssuer> out;
  for (std::size_t i = 0; i < issuing_.size(); ++i)
    if (in_use(issuing_[i].certificate, i, now))
      out.push_back(crl_issuer(issuing_[i], Lists::what_it_issued));
  for (std::size_t i = 0; i < roots_.size(); ++i)
    if (in_use(roots_[i].certificate, i, now)) out.push_back(crl_issuer(roots_[i], Lists::nothing));
  return out;
}

}  // namespace countersign::app
