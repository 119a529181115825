// Of `countersignd check`: CAs that others run, and what we are to them.

#include "app/countersignd/config_file.h"
#include "app/countersignd/findings.h"
#include "app/countersignd/remote_authority.h"
#include "app/countersignd/upstream_cas.h"
#include "issuer/other_ca.h"

namespace countersign::app {
namespace {

// What we sign with as the registration authority of others; until when it is good.
Result<Time> check_key_of(const enrol::Authority& authority, const std::string& prefix,
                          SigningKeys& keys) {
  auto key = TRY(
      keys.open({prefix + "key", authority.key, prefix + "key_password", authority.key_password}));
  auto chain = TRY(x509::certificates_from_file(
      TRY(read_named_file(prefix + "certificate", authority.certificate))));
  return TRY(make_signer(std::move(chain), std::move(key)))->certificate.validity.not_after;
}

// Those that its certificates lead to: the first issues, what others did may be over.
void check_authority_ca(Findings& out, const enrol::Authority& authority, const std::string& prefix,
                        Time now) {
  if (authority.ca.empty()) return;
  const auto octets = read_named_file(prefix + "ca", authority.ca);
  const auto chain =
      octets ? x509::certificates_from_file(*octets) : std::unexpected(octets.error());
  const auto issuing = chain ? until(chain->front()) : std::unexpected(chain.error());
  if (!issuing) return out.fault(prefix + "ca cannot be used: " + issuing.error().reply_text);
  check_expiry(out, prefix + "ca, the CA that issues", *issuing, now);
}

void check_authority_key(Findings& out, const enrol::Authority& authority,
                         const std::string& prefix, SigningKeys& keys, Time now) {
  if (authority.key.empty()) return;
  const auto checked = check_key_of(authority, prefix, keys);
  if (!checked) return out.fault(prefix + "key cannot be used: " + checked.error().reply_text);
  check_expiry(out, prefix + "certificate", *checked, now);
  if (crypto::is_token_uri(authority.key)) out.good(prefix + "key signs in its token");
}

// Those that it issues by beside those of the file, as far as it has been seen.
Result<> check_learnt(Findings& out, ports::Ledger& ledger, const enrol::Authority& authority,
                      const std::string& prefix, Time now) {
  const auto learnt = TRY(learnt_issuers(ledger, authority.name));
  if (learnt.empty()) return {};
  const auto octets = TRY(read_named_file(prefix + "ca", authority.ca));
  const auto leading =
      issuer::leading_to_root(TRY(x509::certificates_from_file(octets)), learnt, now);
  for (const Bytes& der : learnt) {
    const auto ca = TRY(x509::parse_certificate(der));
    const bool leads = std::ranges::find(leading, der) != leading.end();
    out.note(x509::to_text(ca.subject) + ", serial " + x509::serial_text(ca.serial) +
             ": a CA that is not in " + prefix + "ca, and was seen to issue; " +
             (!authority.follow ? "it does not count, since " + prefix + "follow is false"
              : leads           ? "it counts"
                                : "it does not count, since it leads to the root there no more"));
  }
  return {};
}

Result<> check_authority(Findings& out, ports::Ledger& ledger, const enrol::Authority& authority,
                         const std::string& prefix, SigningKeys& keys, Time now) {
  check_authority_ca(out, authority, prefix, now);
  check_authority_key(out, authority, prefix, keys, now);
  const auto listed = check_learnt(out, ledger, authority, prefix, now);
  if (!listed)
    out.note("what " + prefix + "ca leads to is not known: " + listed.error().reply_text);
  return {};
}

}  // namespace

Result<> check_authorities(Findings& out, ports::Ledger& ledger, const server::Config& config,
                           const enrol::Catalogue& catalogue, SigningKeys& keys, Time now) {
  if (!config.upstream.url.empty())
    TRY(check_authority(out, ledger, config.upstream, "upstream.", keys, now));
  for (const auto& [name, authority] : catalogue.authorities())
    TRY(check_authority(out, ledger, authority, "authority." + name + ".", keys, now));
  const auto cas = upstream_cas(ledger, config, catalogue);
  for (const auto& anchor : TRY(ledger.trust()))
    if (const auto what = of_upstream_anchor(anchor, cas, config); !what.empty()) out.warn(what);
  return {};
}

}  // namespace countersign::app
