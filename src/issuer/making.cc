#include "issuer/making.h"

#include <future>

#include "issuer/serial.h"
#include "x509/attribute_type.h"

namespace countersign::issuer {
namespace {

using x509::KeyUsage;

constexpr std::size_t kLongestName = 64;  // RFC 5280 appendix A.1: ub-common-name
constexpr std::string_view kLongestSuffix = " Issuing CA";

std::unexpected<Error> refuse(std::string_view code, std::string sentence) {
  return fail(Failure::systemFailure, code, std::move(sentence));
}

void write_attribute(der::Writer& w, std::string_view type, std::string_view value) {
  w.set([&](der::Writer& rdn) {
    rdn.sequence([&](der::Writer& pair) {
      pair.oid(x509::attribute_type(type)->oid);
      pair.utf8(value);
    });
  });
}

Result<Bytes> sign_and_wait(const ports::Signer& signer, Bytes tbs) {
  auto promise = std::make_shared<std::promise<Result<Bytes>>>();
  auto signature = promise->get_future();
  signer.sign(std::move(tbs),
              [promise](Result<Bytes> result) { promise->set_value(std::move(result)); });
  return signature.get();
}

}  // namespace

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

Result<const crypto::KeySpec*> signing_spec(const std::string& algorithm) {
  if (const crypto::KeySpec* spec = crypto::key_spec(algorithm);
      spec != nullptr && crypto::can_sign(spec->kind))
    return spec;
  std::string known;
  for (const crypto::KeySpec& spec : crypto::kKeySpecs)
    if (crypto::can_sign(spec.kind)) (known += known.empty() ? "" : ", ") += spec.name;
  return fail(Failure::systemFailure, "issuer.algorithm",
              '"' + algorithm + "\" is no key algorithm; choose " + known);
}

x509::Name name_of(const AuthoritySpec& spec, std::string_view suffix) {
  der::Writer w;
  w.sequence([&](der::Writer& rdns) {
    if (!spec.organization.empty()) write_attribute(rdns, "O", spec.organization);
    write_attribute(rdns, "CN", spec.name + std::string(suffix));
  });
  return {std::move(w).take()};
}

// RFC 5280 §4.2.1.9 [MUST] basicConstraints, critical; §4.2.1.3 [MUST] keyUsage with keyCertSign.
x509::Extensions ca_extensions(std::optional<int> path_length) {
  return {x509::make_basic_constraints({true, path_length}),
          x509::make_key_usage(x509::usages({KeyUsage::keyCertSign, KeyUsage::cRLSign}))};
}

x509::Validity validity(Time now, Seconds backdate, Seconds length) {
  return {now - backdate, now + length};
}

Result<Bytes> make_certificate(Wish wish, const ports::Signer& signer, Entropy& entropy) {
  x509::CertificateFields fields;
  fields.serial = TRY(new_serial(entropy));
  fields.signature_algorithm = signer.algorithm();
  fields.issuer = std::move(wish.issuer);
  fields.subject = std::move(wish.subject);
  fields.validity = wish.validity;
  fields.spki = copy(wish.spki);
  fields.extensions = std::move(wish.extensions);
  fields.extensions.push_back(x509::make_subject_key_identifier(crypto::key_identifier(wish.spki)));
  fields.extensions.push_back(
      x509::make_authority_key_identifier(crypto::key_identifier(signer.spki())));
  Bytes tbs = x509::encode_tbs(fields);
  const Bytes signature = TRY(sign_and_wait(signer, tbs));
  return x509::join_signed(tbs, signer.algorithm(), signature);
}

}  // namespace countersign::issuer
