#include "issuer/rollover.h"

#include <algorithm>

#include "issuer/making.h"
#include "issuer/software_signer.h"

namespace countersign::issuer {
namespace {

Result<> check(const CaKey& ca, Time now) {
  if (!equal(ca.certificate.spki, ca.signer.spki()))
    return fail(Failure::systemFailure, "issuer.key-mismatch",
                "the key of " + x509::to_text(ca.certificate.subject) +
                    " does not belong to its certificate");
  // RFC 9810 §4.4.1 [MUST] newWithNew begins before oldWithOld ends
  if (now >= ca.certificate.validity.not_after)
    return fail(Failure::systemUnavail, "issuer.expired",
                x509::to_text(ca.certificate.subject) + " expired on " +
                    to_date(ca.certificate.validity.not_after) +
                    ", and vouches for nobody any more; make a new CA with `countersignd init`");
  return {};
}

struct FreshKey {
  std::shared_ptr<const ports::Signer> signer;
  Secret pem;
};
Result<FreshKey> make_key(const std::string& algorithm, const CaKey& present) {
  const std::string name =
      algorithm.empty() ? TRY(algorithm_of(present.certificate.spki)) : algorithm;
  auto key = crypto::PrivateKey::generate(*TRY(signing_spec(name)));
  Secret pem = key.to_pem();
  return FreshKey{make_software_signer(std::move(key)), std::move(pem)};
}

Seconds length(const x509::Validity& v) { return v.not_after - v.not_before; }

// What a CA below this root, or a link to another root, says of where it comes from.
x509::Extensions below(const CaKey& root, std::string_view public_url,
                       std::optional<int> path_length) {
  x509::Extensions out = ca_extensions(path_length);
  out.push_back(x509::make_crl_distribution_point(root_crl_url(public_url, root.generation)));
  out.push_back(
      x509::make_authority_info_access(root_certificate_url(public_url, root.generation), ""));
  return out;
}

// The CN has at most 64 octets (RFC 5280 appendix A.1: ub-common-name).
x509::Name issuing_name(const AuthoritySpec& authority, const Generation& generation) {
  constexpr std::size_t kLongest = 64;
  const std::string number = " G" + std::to_string(generation.number);
  const bool fits =
      authority.name.size() + std::string_view(" Issuing CA").size() + number.size() <= kLongest;
  return name_of(authority, (fits ? " Issuing CA" : " CA") + number);
}

}  // namespace

Result<std::string> algorithm_of(View spki) {
  const auto key = TRY(crypto::PublicKey::from_spki(spki));
  for (const crypto::KeySpec& spec : crypto::kKeySpecs)
    if (spec.kind == key.kind() && (!crypto::is_rsa(spec.kind) || spec.bits == key.bits()))
      return std::string(spec.name);
  return std::string(crypto::name(key.kind()));
}

Result<NewRoot> make_next_root(const RolloverSpec& spec, const CaKey& present, Time now,
                               Entropy& entropy) {
  TRY(check(present, now));
  const x509::Certificate& old = present.certificate;
  auto [fresh, pem] = TRY(make_key(spec.algorithm, present));
  NewRoot out;
  out.key = std::move(pem);
  const Time begin = now - spec.backdate;
  const x509::Validity lifetime{begin, begin + length(old.validity)};
  out.certificate = TRY(make_certificate(
      {old.subject, fresh->spki(), lifetime, ca_extensions({}), old.subject}, *fresh, entropy));
  // RFC 9810 §4.4.1 [MUST] newWithOld begins with newWithNew and ends with oldWithOld at the latest
  const x509::Validity bridge{begin, std::min(lifetime.not_after, old.validity.not_after)};
  out.new_with_old = TRY(make_certificate(
      {old.subject, fresh->spki(), bridge, below(present, spec.public_url, {}), old.subject},
      present.signer, entropy));
  const x509::Certificate self = TRY(x509::parse_certificate(out.certificate));
  const CaKey following{self, *fresh, next(present.generation)};
  // RFC 9810 §4.4.1 [MUST] oldWithNew has the validity of oldWithOld
  out.old_with_new = TRY(make_certificate(
      {old.subject, old.spki, old.validity, below(following, spec.public_url, {}), old.subject},
      *fresh, entropy));
  return out;
}

Result<Bytes> certify_again(const x509::Certificate& issuing, const CaKey& root,
                            const RolloverSpec& spec, Time now, Entropy& entropy) {
  TRY(check(root, now));
  const x509::Validity& limits = root.certificate.validity;
  const x509::Validity lifetime{std::max(now - spec.backdate, limits.not_before),
                                std::min(issuing.validity.not_after, limits.not_after)};
  return make_certificate({issuing.subject, issuing.spki, lifetime, below(root, spec.public_url, 0),
                           root.certificate.subject},
                          root.signer, entropy);
}

Result<NewIssuing> make_first_issuing(const AuthoritySpec& authority, const CaKey& root, Time now,
                                      Entropy& entropy) {
  TRY(check_spec(authority));
  TRY(check(root, now));
  const auto key = crypto::PrivateKey::generate(*TRY(signing_spec(authority.issuing_algorithm)));
  const x509::Validity& limits = root.certificate.validity;
  x509::Validity lifetime = validity(now, authority.backdate, authority.issuing_validity);
  lifetime.not_before = std::max(lifetime.not_before, limits.not_before);
  lifetime.not_after = std::min(lifetime.not_after, limits.not_after);
  Bytes certificate =
      TRY(make_certificate({names_of(authority).issuing, key.public_key().spki(), lifetime,
                            below(root, authority.public_url, 0), root.certificate.subject},
                           root.signer, entropy));
  return NewIssuing{std::move(certificate), key.to_pem()};
}

Result<NewIssuing> make_next_issuing(const RolloverSpec& spec, const AuthoritySpec& authority,
                                     const CaKey& present, const CaKey& root, Time now,
                                     Entropy& entropy) {
  TRY(check(root, now));
  auto [fresh, pem] = TRY(make_key(spec.algorithm, present));
  const x509::Validity& limits = root.certificate.validity;
  const Time begin = std::max(now - spec.backdate, limits.not_before);
  const x509::Validity lifetime{
      begin, std::min(begin + length(present.certificate.validity), limits.not_after)};
  Bytes certificate =
      TRY(make_certificate({issuing_name(authority, next(present.generation)), fresh->spki(),
                            lifetime, below(root, spec.public_url, 0), root.certificate.subject},
                           root.signer, entropy));
  return NewIssuing{std::move(certificate), std::move(pem)};
}

}  // namespace countersign::issuer
