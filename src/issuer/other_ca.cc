#include "issuer/other_ca.h"

#include "crypto/path.h"

namespace countersign::issuer {
namespace {

std::unexpected<Error> unfit(std::string why) {
  return fail(Failure::systemFailure, "issuer.upstream-certificate",
              "the CA behind this server issued a certificate that was not expected; it was "
              "rejected; tell the administrator of this server",
              std::move(why));
}

}  // namespace

Result<std::shared_ptr<const IssuedCheck>> IssuedCheck::make(const std::vector<Bytes>& chain,
                                                             Lists lists) {
  // RFC 5280 §6.1.4 (g): names of the last certificate are bound by all above it.
  bool each_whole = lists == Lists::some;
  for (const Bytes& der : std::span(chain).subspan(1)) {
    const auto above = TRY(x509::parse_certificate(der));
    each_whole |= x509::find(above.extensions, x509::oids::name_constraints) != nullptr;
  }
  auto issuing = TRY(x509::parse_certificate(chain.front()));
  auto alone = TRY(crypto::TrustSet::make(std::span(&chain.front(), 1)));
  return std::make_shared<const IssuedCheck>(std::move(issuing), std::move(alone), each_whole);
}

bool IssuedCheck::is_known(const crypto::TrustSet& anchors, Time now) const {
  const std::lock_guard lock(mutex_);
  return known_ && known_->anchors == anchors.generation() && now >= known_->not_before &&
         now <= known_->not_after;
}

// A path that ends with its leaf is found again with the next one.
Result<> IssuedCheck::check_path(const Bytes& certificate, const crypto::TrustSet& anchors,
                                 Time now) const {
  if (is_known(anchors, now) && crypto::validate_path({certificate, {}, alone_, now})) return {};
  const auto path = TRY(crypto::validate_path({certificate, {}, anchors, now}));
  if (each_whole_ || path.chain.size() < 2 || path.chain[1] != issuing_.der) return {};
  const std::lock_guard lock(mutex_);
  known_ = {anchors.generation(), path.not_before, path.not_after};
  return {};
}

Result<> IssuedCheck::check(const Bytes& certificate, View spki, const crypto::TrustSet& anchors,
                            Time now) const {
  const auto parsed = x509::parse_certificate(certificate);
  if (!parsed) return unfit(parsed.error().reply_text);
  if (!equal(parsed->spki, spki)) return unfit("it is for another key");
  if (!x509::same_name(parsed->issuer, issuing_.subject))
    return unfit("its issuer is " + x509::to_text(parsed->issuer) +
                 ", the file that `ca` names begins with " + x509::to_text(issuing_.subject) +
                 ": if the CA has a new one, put its certificate first, before the earlier one");
  if (const auto path = check_path(certificate, anchors, now); !path)
    return unfit(path.error().reply_text);
  return {};
}

Result<OtherCa> make_other_ca(const std::vector<Bytes>& certificates) {
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
  auto anchors = TRY(crypto::TrustSet::make(std::span(&certificates.back(), 1), certificates));
  auto issued = TRY(IssuedCheck::make(certificates));
  OtherCa out{std::move(issuing), certificates, certificates.back(), std::move(anchors),
              std::move(issued)};
  out.chain.pop_back();
  return out;
}

}  // namespace countersign::issuer
