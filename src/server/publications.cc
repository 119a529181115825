#include "server/publications.h"

#include <algorithm>

#include "crypto/path.h"
#include "x509/crl.h"

namespace countersign::server {

namespace {

// Of one name, where a CA got a new key and kept it: the key identifiers tell them apart.
bool is_key_of(const Bytes& issuer, const x509::Certificate& certificate) {
  const auto* named = x509::find(certificate.extensions, x509::oids::authority_key_identifier);
  const auto id = named != nullptr ? x509::read_authority_key_identifier(named->value)
                                   : der::Parsed<std::optional<Bytes>>(std::nullopt);
  const auto ca = x509::parse_certificate(issuer);
  return ca && id && *id && equal(**id, ca->subject_key_identifier());
}

}  // namespace

const std::vector<Bytes>& Publications::chain_of(View certificate) const {
  const auto parsed = x509::parse_certificate(certificate);
  if (!parsed) return issuing.front().chain;
  std::vector<const IssuingCa*> named;
  for (const IssuingCa& ca : issuing)
    if (x509::same_name(ca.name, parsed->issuer)) named.push_back(&ca);
  if (named.empty()) return issuing.front().chain;
  if (named.size() == 1) return named.front()->chain;
  const auto at = std::ranges::find_if(
      named, [&](const IssuingCa* ca) { return is_key_of(ca->chain.front(), *parsed); });
  return at == named.end() ? named.front()->chain : (*at)->chain;
}

namespace {

// Itself, and what leads from there to the root; itself alone where nothing does (any more).
std::vector<Bytes> chain_from(const Bytes& ca, const crypto::TrustSet& root, Time now) {
  const auto path = crypto::validate_path({ca, {}, root, now});
  if (!path || path->chain.size() < 2) return {ca};
  return {path->chain.begin(), path->chain.end() - 1};
}

}  // namespace

Publications publications_of(const x509::Certificate& issuing, const std::vector<Bytes>& cas,
                             const Bytes& root, Time now) {
  Publications out;
  out.ca_certificates = cas;
  out.ca_certificates.push_back(root);
  out.root_certificate = root;
  out.issuer_names = {issuing.subject};
  const auto anchor = crypto::TrustSet::make(std::span(&root, 1), cas);
  const auto chain = [&](const Bytes& ca) {
    return anchor ? chain_from(ca, *anchor, now) : std::vector<Bytes>{ca};
  };
  out.issuing = {{issuing.subject, chain(issuing.der)}};
  // Behind the one that issues there may be others that do, or did before it: what they issued
  // lives on.
  for (const Bytes& der : cas) {
    const auto other = x509::parse_certificate(der);
    if (!other || other->der == issuing.der) continue;
    out.issuer_names.push_back(other->subject);
    out.issuing.push_back({other->subject, chain(der)});
  }
  out.documents = {{"/ca/issuing.cer", issuing.der}, {"/ca/root.cer", root}};
  return out;
}

void use_lists(Publications& publications, std::span<const Bytes> lists) {
  // CAs that followed one another may share a name.
  std::vector<x509::Name> names;
  const auto add = [&](const x509::Name& name) {
    if (std::ranges::none_of(names, [&](const auto& n) { return x509::same_name(n, name); }))
      names.push_back(name);
  };
  for (const x509::Name& name : publications.issuer_names) add(name);
  if (const auto root = x509::parse_certificate(publications.root_certificate)) add(root->subject);
  publications.crls.clear();
  for (const x509::Name& name : names)
    for (const Bytes& der : lists)
      if (const auto crl = x509::parse_crl(der); crl && x509::same_name(crl->fields.issuer, name))
        publications.crls.push_back({der, name, crl->fields.this_update, {}});
  auto& crls = publications.crls;
  if (!crls.empty() && !x509::same_name(crls.front().issuer, names.front()))
    crls.insert(crls.begin(), enrol::PublishedCrl{{}, names.front(), {}, {}});
}

}  // namespace countersign::server
