#include "issuer/other_ca.h"

#include "crypto/path.h"

namespace countersign::issuer {
namespace {

std::unexpected<Error> unfit(std::string why) {
  return fail(Failure::systemFailure, "issuer.upstream-certificate",
              "the CA behind this server sent another certificate than was asked for; it was "
              "rejected",
              std::move(why));
}

}  // namespace

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
  OtherCa out{std::move(issuing), certificates, certificates.back(), std::move(anchors)};
  out.chain.pop_back();
  return out;
}

Result<> check_issued(const x509::Certificate& issuing, const crypto::TrustSet& anchors,
                      const Bytes& certificate, View spki, Time now) {
  const auto parsed = x509::parse_certificate(certificate);
  if (!parsed) return unfit(parsed.error().reply_text);
  if (!equal(parsed->spki, spki)) return unfit("it is for another key");
  if (!x509::same_name(parsed->issuer, issuing.subject))
    return unfit("its issuer is " + x509::to_text(parsed->issuer) +
                 ", the file that `ca` names begins with " + x509::to_text(issuing.subject));
  const auto path = crypto::validate_path({certificate, {}, anchors, now});
  if (!path) return unfit(path.error().reply_text);
  return {};
}

}  // namespace countersign::issuer
