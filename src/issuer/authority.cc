#include "issuer/authority.h"

#include <algorithm>

#include "crypto/keys.h"
#include "issuer/making.h"
#include "issuer/software_signer.h"
#include "x509/attribute_type.h"

namespace countersign::issuer {
namespace {

using x509::KeyUsage;

std::unexpected<Error> refuse(std::string_view code, std::string sentence) {
  return fail(Failure::systemFailure, code, std::move(sentence));
}

// The first has a name without a number, since nobody knows that it will have a successor.
std::string suffix_of(const Generation& generation) {
  return generation.number == 1 ? "" : "-" + std::to_string(generation.number);
}

std::string url(std::string_view public_url, std::string_view folder, const std::string& ca,
                const std::string& file) {
  return std::string(public_url) + std::string(folder) + (ca.empty() ? "" : ca + "/") + file;
}

struct Role {
  std::string_view suffix;  // of its name
  std::string algorithm;
  std::vector<der::Oid> purposes;
  std::vector<x509::GeneralName> names = {};
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
  x509::Extensions extensions = {
      x509::make_key_usage(x509::usages({KeyUsage::digitalSignature})),
      x509::make_ext_key_usage(role.purposes),
      x509::make_crl_distribution_point(crl_url(spec.public_url, spec.issuing)),
      x509::make_authority_info_access(issuing_certificate_url(spec.public_url, spec.issuing), "")};
  if (!role.names.empty()) extensions.push_back(x509::make_subject_alt_name(role.names, false));
  Bytes certificate = TRY(make_certificate(
      {name_of(spec, role.suffix), key.public_key().spki(), lifetime, extensions, issuing.subject},
      issuing_signer, entropy));
  return NewSigner{std::move(certificate), key.to_pem()};
}

}  // namespace

std::string crl_url(std::string_view public_url, const Generation& generation) {
  return url(public_url, "/crl/", generation.ca, "issuing" + suffix_of(generation) + ".crl");
}
std::string root_crl_url(std::string_view public_url, const Generation& generation) {
  return url(public_url, "/crl/", generation.ca, "root" + suffix_of(generation) + ".crl");
}
std::string issuing_certificate_url(std::string_view public_url, const Generation& generation) {
  return url(public_url, "/ca/", generation.ca, "issuing" + suffix_of(generation) + ".cer");
}
std::string present_root_url(std::string_view public_url, const std::string& ca) {
  return url(public_url, "/ca/", ca, "root.cer");
}
std::string root_certificate_url(std::string_view public_url, const Generation& generation) {
  return url(public_url, "/ca/", generation.ca,
             "root-" + std::to_string(generation.number) + ".cer");
}

Generation next(const Generation& generation) { return {generation.number + 1, generation.ca}; }

AuthorityNames names_of(const AuthoritySpec& spec) {
  return {name_of(spec, " Root CA"), name_of(spec, " Issuing CA")};
}

Result<NewAuthority> make_authority(const AuthoritySpec& spec, Time now, Entropy& entropy) {
  TRY(check_spec(spec));
  const auto root = crypto::PrivateKey::generate(*TRY(signing_spec(spec.root_algorithm)));
  const auto issuing = crypto::PrivateKey::generate(*TRY(signing_spec(spec.issuing_algorithm)));
  const auto root_signer = make_software_signer(root);
  const auto [root_name, issuing_name] = names_of(spec);

  NewAuthority out;
  const x509::Validity root_validity = validity(now, spec.backdate, spec.root_validity);
  out.root_certificate = TRY(make_certificate(
      {root_name, root_signer->spki(), root_validity, ca_extensions({}), root_name}, *root_signer,
      entropy));

  x509::Validity issuing_validity = validity(now, spec.backdate, spec.issuing_validity);
  issuing_validity.not_after = std::min(issuing_validity.not_after, root_validity.not_after);
  x509::Extensions extensions = ca_extensions(0);
  const std::string& ca = spec.issuing.ca;
  extensions.push_back(x509::make_crl_distribution_point(root_crl_url(spec.public_url, {1, ca})));
  extensions.push_back(x509::make_authority_info_access(present_root_url(spec.public_url, ca), ""));
  out.issuing_certificate =
      TRY(make_certificate({issuing_name, issuing.public_key().spki(), issuing_validity,
                            std::move(extensions), root_name},
                           *root_signer, entropy));

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

// TLS 1.3 has no SLH-DSA, and few speak it with Ed448.
Result<NewSigner> make_tls_signer(const AuthoritySpec& spec, const std::vector<std::string>& names,
                                  View issuing_certificate, const ports::Signer& issuing_signer,
                                  Time now, Entropy& entropy) {
  const bool unusual = spec.cmp_algorithm == "ed448" || spec.cmp_algorithm.starts_with("slh-dsa");
  Role role{" TLS", unusual ? "p384" : spec.cmp_algorithm, {x509::oids::kp_server_auth}};
  for (const auto& name : names) role.names.push_back(TRY(x509::general_name_from_text(name)));
  return make_signer(spec, role, issuing_certificate, issuing_signer, now, entropy);
}

}  // namespace countersign::issuer
