#include "issuer/authority.h"

#include <algorithm>
#include <future>

#include "crypto/keys.h"
#include "crypto/sign.h"
#include "issuer/serial.h"
#include "issuer/software_signer.h"
#include "x509/attribute_type.h"

namespace countersign::issuer {
namespace {

using x509::KeyUsage;

constexpr std::size_t kLongestName = 64;  // RFC 5280 appendix A.1: ub-common-name
constexpr std::string_view kLongestSuffix = " Issuing CA";

std::unexpected<Error> refuse(std::string_view code, std::string sentence) {
  return fail(Failure::systemFailure, code, std::move(sentence));
}

Result<const crypto::KeySpec*> signing_spec(const std::string& algorithm) {
  if (const crypto::KeySpec* spec = crypto::key_spec(algorithm);
      spec != nullptr && crypto::can_sign(spec->kind))
    return spec;
  std::string known;
  for (const crypto::KeySpec& spec : crypto::kKeySpecs)
    if (crypto::can_sign(spec.kind)) (known += known.empty() ? "" : ", ") += spec.name;
  return refuse("issuer.algorithm", '"' + algorithm + "\" is no key algorithm; choose " + known);
}

Result<> check_spec(const AuthoritySpec& spec) {
  const std::size_t longest = kLongestName - kLongestSuffix.size();
  if (spec.name.empty() || spec.name.size() > longest || spec.organization.size() > kLongestName ||
      !der::valid_utf8(view(spec.name)) || !der::valid_utf8(view(spec.organization)))
    return refuse("issuer.name", "the authority needs a name of 1 to " + std::to_string(longest) +
                                     " octets of UTF-8, its organisation one of at most 64");
  const std::string& url = spec.public_url;
  if (!(url.starts_with("http://") || url.starts_with("https://")) || url.ends_with('/') ||
      !x509::is_ia5(url))
    return refuse("issuer.public-url", '"' + url +
                                           "\" is no public URL; write http://host:port "
                                           "without a slash at the end");
  return {};
}

void write_attribute(der::Writer& w, std::string_view type, std::string_view value) {
  w.set([&](der::Writer& rdn) {
    rdn.sequence([&](der::Writer& pair) {
      pair.oid(x509::attribute_type(type)->oid);
      pair.utf8(value);
    });
  });
}

x509::Name name_of(const AuthoritySpec& spec, std::string_view suffix) {
  der::Writer w;
  w.sequence([&](der::Writer& rdns) {
    if (!spec.organization.empty()) write_attribute(rdns, "O", spec.organization);
    write_attribute(rdns, "CN", spec.name + std::string(suffix));
  });
  return {std::move(w).take()};
}

// A certificate to be made, and who signs it.
struct Wish {
  x509::Name subject;
  View spki;
  x509::Validity validity;
  x509::Extensions extensions;  // without key identifiers
  x509::Name issuer;
  View issuer_spki;
};

Result<x509::CertificateFields> fields_of(Wish wish, const der::AlgorithmIdentifier& algorithm,
                                          Entropy& entropy) {
  x509::CertificateFields out;
  out.serial = TRY(new_serial(entropy));
  out.signature_algorithm = algorithm;
  out.issuer = std::move(wish.issuer);
  out.subject = std::move(wish.subject);
  out.validity = wish.validity;
  out.spki = copy(wish.spki);
  out.extensions = std::move(wish.extensions);
  out.extensions.push_back(x509::make_subject_key_identifier(crypto::key_identifier(wish.spki)));
  out.extensions.push_back(
      x509::make_authority_key_identifier(crypto::key_identifier(wish.issuer_spki)));
  return out;
}

Result<Bytes> make_certificate(Wish wish, const crypto::PrivateKey& signer, Entropy& entropy) {
  const auto algorithm = signer.default_signature_algorithm();
  const Bytes tbs = x509::encode_tbs(TRY(fields_of(std::move(wish), algorithm, entropy)));
  return x509::join_signed(tbs, algorithm, TRY(crypto::sign(signer, algorithm, tbs)));
}

// RFC 5280 §4.2.1.9 [MUST] basicConstraints, critical; §4.2.1.3 [MUST] keyUsage with keyCertSign.
x509::Extensions ca_extensions(std::optional<int> path_length) {
  return {x509::make_basic_constraints({true, path_length}),
          x509::make_key_usage(x509::usages({KeyUsage::keyCertSign, KeyUsage::cRLSign}))};
}

x509::Validity validity(Time now, Seconds backdate, Seconds length) {
  return {now - backdate, now + length};
}

// Waits for the signer, wherever it works.
Result<Bytes> sign_and_wait(const ports::Signer& signer, Bytes tbs) {
  auto promise = std::make_shared<std::promise<Result<Bytes>>>();
  auto signature = promise->get_future();
  signer.sign(std::move(tbs),
              [promise](Result<Bytes> result) { promise->set_value(std::move(result)); });
  return signature.get();
}

struct Role {
  std::string_view suffix;  // of its name
  std::string algorithm;
  std::vector<der::Oid> purposes;
};

// A key that signs for the authority, and its certificate by the issuing CA. RFC 9483 §1.5 [MUST]
// digitalSignature.
Result<NewSigner> make_signer(const AuthoritySpec& spec, const Role& role, View issuing_certificate,
                              const ports::Signer& issuing_signer, Time now, Entropy& entropy) {
  TRY(check_spec(spec));
  const auto key = crypto::PrivateKey::generate(*TRY(signing_spec(role.algorithm)));
  const x509::Certificate issuing = TRY(x509::parse_certificate(issuing_certificate));
  if (!equal(issuing.spki, issuing_signer.spki()))
    return refuse("issuer.key-mismatch", "the issuing key does not belong to its certificate");
  x509::Validity lifetime = validity(now, spec.backdate, spec.cmp_validity);
  lifetime.not_before = std::max(lifetime.not_before, issuing.validity.not_before);
  lifetime.not_after = std::min(lifetime.not_after, issuing.validity.not_after);
  if (lifetime.not_after <= now)
    return fail(Failure::systemUnavail, "issuer.expired",
                "the certificate of the CA expired on " + to_date(issuing.validity.not_after));
  const x509::Extensions extensions = {
      x509::make_key_usage(x509::usages({KeyUsage::digitalSignature})),
      x509::make_ext_key_usage(role.purposes),
      x509::make_crl_distribution_point(crl_url(spec.public_url)),
      x509::make_authority_info_access(issuing_certificate_url(spec.public_url), "")};
  const auto& algorithm = issuing_signer.algorithm();
  const Bytes tbs =
      x509::encode_tbs(TRY(fields_of({name_of(spec, role.suffix), key.public_key().spki(), lifetime,
                                      extensions, issuing.subject, issuing.spki},
                                     algorithm, entropy)));
  const Bytes signature = TRY(sign_and_wait(issuing_signer, tbs));
  return NewSigner{x509::join_signed(tbs, algorithm, signature), key.to_pem()};
}

}  // namespace

std::string crl_url(std::string_view public_url) {
  return std::string(public_url) + "/crl/issuing.crl";
}
std::string root_crl_url(std::string_view public_url) {
  return std::string(public_url) + "/crl/root.crl";
}
std::string issuing_certificate_url(std::string_view public_url) {
  return std::string(public_url) + "/ca/issuing.cer";
}
std::string root_certificate_url(std::string_view public_url) {
  return std::string(public_url) + "/ca/root.cer";
}

Result<NewAuthority> make_authority(const AuthoritySpec& spec, Time now, Entropy& entropy) {
  TRY(check_spec(spec));
  const auto root = crypto::PrivateKey::generate(*TRY(signing_spec(spec.root_algorithm)));
  const auto issuing = crypto::PrivateKey::generate(*TRY(signing_spec(spec.issuing_algorithm)));
  const View root_spki = root.public_key().spki();
  const x509::Name root_name = name_of(spec, " Root CA");

  NewAuthority out;
  const x509::Validity root_validity = validity(now, spec.backdate, spec.root_validity);
  out.root_certificate = TRY(make_certificate(
      {root_name, root_spki, root_validity, ca_extensions({}), root_name, root_spki}, root,
      entropy));

  x509::Validity issuing_validity = validity(now, spec.backdate, spec.issuing_validity);
  issuing_validity.not_after = std::min(issuing_validity.not_after, root_validity.not_after);
  x509::Extensions extensions = ca_extensions(0);
  extensions.push_back(x509::make_crl_distribution_point(root_crl_url(spec.public_url)));
  extensions.push_back(x509::make_authority_info_access(root_certificate_url(spec.public_url), ""));
  out.issuing_certificate =
      TRY(make_certificate({name_of(spec, " Issuing CA"), issuing.public_key().spki(),
                            issuing_validity, std::move(extensions), root_name, root_spki},
                           root, entropy));

  auto cmp = TRY(
      make_cmp_signer(spec, out.issuing_certificate, *make_software_signer(issuing), now, entropy));
  out.cmp_certificate = std::move(cmp.certificate);
  out.root_key = root.to_pem();
  out.issuing_key = issuing.to_pem();
  out.cmp_key = std::move(cmp.key);
  return out;
}

// RFC 9810 §4.5: cmcCA and cmcRA.
Result<NewSigner> make_cmp_signer(const AuthoritySpec& spec, View issuing_certificate,
                                  const ports::Signer& issuing_signer, Time now, Entropy& entropy) {
  return make_signer(spec,
                     {" CMP", spec.cmp_algorithm, {x509::oids::kp_cmc_ca, x509::oids::kp_cmc_ra}},
                     issuing_certificate, issuing_signer, now, entropy);
}

// RFC 9810 §4.5: cmKGA. Ed448 and SLH-DSA have digests of their own in CMS that few know (RFC 8419
// §3.1, RFC 9814 §4).
Result<NewSigner> make_kga_signer(const AuthoritySpec& spec, View issuing_certificate,
                                  const ports::Signer& issuing_signer, Time now, Entropy& entropy) {
  const bool unusual = spec.cmp_algorithm == "ed448" || spec.cmp_algorithm.starts_with("slh-dsa");
  const std::string algorithm = unusual ? "p384" : spec.cmp_algorithm;
  return make_signer(spec, {" KGA", algorithm, {x509::oids::kp_cm_kga}}, issuing_certificate,
                     issuing_signer, now, entropy);
}

}  // namespace countersign::issuer
