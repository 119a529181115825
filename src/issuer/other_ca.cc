#include "issuer/other_ca.h"

#include <algorithm>

#include "crypto/path.h"

namespace countersign::issuer {
namespace {

std::unexpected<Error> unfit(std::string why) {
  return fail(Failure::systemFailure, "issuer.upstream-certificate",
              "the CA behind this server issued a certificate that was not expected; it was "
              "rejected; tell the administrator of this server",
              std::move(why));
}

// RFC 5280 §6.1.4 (g): names of the last certificate are bound by all above it.
bool binds_names(const Bytes& der) {
  const auto ca = x509::parse_certificate(der);
  return !ca || x509::find(ca->extensions, x509::oids::name_constraints) != nullptr;
}

}  // namespace

Result<std::shared_ptr<const IssuedCheck>> IssuedCheck::make(const std::vector<Bytes>& cas,
                                                             Lists lists) {
  std::vector<Issuing> issuing;
  issuing.reserve(cas.size());
  for (const Bytes& der : cas)
    issuing.push_back(
        {TRY(x509::parse_certificate(der)), TRY(crypto::TrustSet::make(std::span(&der, 1)))});
  return std::make_shared<const IssuedCheck>(std::move(issuing), lists == Lists::some);
}

// A path that ends with its leaf is found again with the next one.
std::optional<std::vector<Bytes>> IssuedCheck::by_known_path(const x509::Certificate& certificate,
                                                             const crypto::TrustSet& anchors,
                                                             Time now) const {
  for (const Issuing& ca : issuing_) {
    if (!x509::same_name(ca.certificate.subject, certificate.issuer)) continue;
    std::optional<std::vector<Bytes>> chain;
    {
      const std::lock_guard lock(mutex_);
      const auto& known = ca.known;
      if (known && known->anchors == anchors.generation() && now >= known->not_before &&
          now <= known->not_after)
        chain = known->chain;
    }
    if (chain && crypto::validate_path({certificate.der, {}, ca.alone, now})) return chain;
  }
  return std::nullopt;
}

Result<std::vector<Bytes>> IssuedCheck::by_whole_path(const Bytes& certificate,
                                                      const crypto::TrustSet& anchors, Time now,
                                                      std::span<const Bytes> between) const {
  const auto path =
      TRY(crypto::validate_path({certificate, {between.begin(), between.end()}, anchors, now}));
  if (path.chain.size() < 2) return std::vector<Bytes>{};
  std::vector<Bytes> chain(path.chain.begin() + 1, path.chain.end() - 1);
  const auto is_known = [&](const Bytes& der) {
    return std::ranges::any_of(issuing_,
                               [&](const Issuing& ca) { return ca.certificate.der == der; });
  };
  if (each_whole_ || !std::ranges::all_of(chain, is_known)) return chain;
  // The issuing CA as an anchor by itself binds names as well; what is above it would not.
  const std::span above = std::span(path.chain).subspan(2);
  if (std::ranges::any_of(above, binds_names)) return chain;
  const std::lock_guard lock(mutex_);
  for (Issuing& ca : issuing_)
    if (ca.certificate.der == path.chain[1])
      ca.known = {anchors.generation(), path.not_before, path.not_after, chain};
  return chain;
}

Result<std::vector<Bytes>> IssuedCheck::check(const Bytes& certificate, View spki,
                                              const crypto::TrustSet& anchors, Time now,
                                              std::span<const Bytes> between) const {
  const auto parsed = x509::parse_certificate(certificate);
  if (!parsed) return unfit(parsed.error().reply_text);
  if (!equal(parsed->spki, spki)) return unfit("it is for another key");
  if (auto chain = by_known_path(*parsed, anchors, now)) return *std::move(chain);
  auto chain = by_whole_path(certificate, anchors, now, between);
  if (chain) return chain;
  const bool known = std::ranges::any_of(issuing_, [&](const Issuing& ca) {
    return x509::same_name(ca.certificate.subject, parsed->issuer);
  });
  if (known) return unfit(chain.error().reply_text);
  return unfit("its issuer is " + x509::to_text(parsed->issuer) +
               ", whose certificate is not in the file that `ca` names, and none came with the "
               "answer that leads to the root there (" +
               chain.error().reply_text + "): put it into that file");
}

std::vector<Bytes> leading_to_root(const std::vector<Bytes>& certificates,
                                   const std::vector<Bytes>& learnt, Time now) {
  std::vector<Bytes> out;
  if (certificates.empty()) return out;
  std::vector<Bytes> between(certificates.begin(), certificates.end() - 1);
  std::ranges::copy(learnt, std::back_inserter(between));
  const auto root = crypto::TrustSet::make(std::span(&certificates.back(), 1), between);
  if (!root) return out;
  for (const Bytes& ca : learnt)
    if (crypto::validate_path({ca, {}, *root, now})) out.push_back(ca);
  return out;
}

Result<OtherCa> make_other_ca(const std::vector<Bytes>& certificates,
                              std::span<const Bytes> learnt) {
  const auto unfit_chain = [] {
    return fail(Failure::systemFailure, "issuer.upstream-chain",
                "the file that `ca` names must begin with the certificate of the CA that issues, "
                "and end with "
                "its root");
  };
  if (certificates.empty()) return unfit_chain();
  auto issuing = TRY(x509::parse_certificate(certificates.front()));
  const auto root = TRY(x509::parse_certificate(certificates.back()));
  if (!issuing.is_ca() || !root.self_issued()) return unfit_chain();
  std::vector<Bytes> all(certificates.begin(), certificates.end() - 1);
  for (const Bytes& der : learnt)
    if (std::ranges::find(certificates, der) == certificates.end()) all.push_back(der);
  std::vector<Bytes> chain = all;
  all.push_back(certificates.back());
  auto anchors = TRY(crypto::TrustSet::make(std::span(&certificates.back(), 1), all));
  auto issued = TRY(IssuedCheck::make(all));
  return OtherCa{std::move(issuing), std::move(chain), certificates.back(), std::move(anchors),
                 std::move(issued)};
}

}  // namespace countersign::issuer
