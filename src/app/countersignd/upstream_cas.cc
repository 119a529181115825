#include "app/countersignd/upstream_cas.h"

#include <algorithm>

#include "app/countersignd/config_file.h"
#include "x509/certificate.h"

namespace countersign::app {

std::string learnt_issuers_value(const std::string& authority) { return "issuers." + authority; }

Result<std::vector<Bytes>> learnt_issuers(ports::Ledger& ledger, const std::string& authority) {
  const auto pem = TRY(ledger.value(learnt_issuers_value(authority)));
  return pem ? x509::certificates_from_file(*pem) : std::vector<Bytes>{};
}

std::vector<Bytes> upstream_cas(ports::Ledger& ledger, const server::Config& config,
                                const enrol::Catalogue& catalogue) {
  std::vector<Bytes> out;
  const auto add = [&](const enrol::Authority& authority) {
    const auto octets = read_named_file("ca", authority.ca);
    const auto file = octets ? x509::certificates_from_file(*octets) : std::vector<Bytes>{};
    if (file) std::ranges::copy(*file, std::back_inserter(out));
    if (const auto learnt = learnt_issuers(ledger, authority.name))
      std::ranges::copy(*learnt, std::back_inserter(out));
  };
  if (!config.upstream.url.empty()) add(config.upstream);
  for (const auto& [name, authority] : catalogue.authorities()) add(authority);
  return out;
}

std::string of_upstream_anchor(const enrol::TrustRecord& anchor, const std::vector<Bytes>& cas,
                               const server::Config& config) {
  if (!anchor.set.empty() || std::ranges::find(cas, anchor.der) == cas.end()) return {};
  const auto parsed = x509::parse_certificate(anchor.der);
  const std::string who = "the anchor " + (parsed ? x509::to_text(parsed->subject) : "") +
                          " is a CA that this server gets certificates from";
  const std::string remove = "countersignd trust remove " + to_hex(anchor.fingerprint);
  if (anchor.is_ra || anchor.names != "self")
    return who + ", so everybody whom it certified may ask here for " +
           (anchor.names == "self" ? "their own names" : "names: " + anchor.names) +
           (anchor.is_ra ? ", as a registration authority" : "") +
           "; unless that is meant: " + remove;
  if (!config.revocation_lists.empty()) return {};
  return who +
         ": what it revoked still counts here for an ir or cr, until trust.revocation_lists names "
         "its revocation lists";
}

}  // namespace countersign::app
