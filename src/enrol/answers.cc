// What the fields of a CMP profile about its answers may say together.
#include "crypto/token_uri.h"
#include "enrol/cmp_profile.h"

namespace countersign::enrol {
namespace {

using message::Variant;
using transaction::ExtraCerts;

constexpr auto kSignature = static_cast<std::size_t>(protect::ProtectionKind::signature);

std::string_view fault_of_extra_certs(const CmpProfile& p) {
  const ExtraCerts wanted = p.rules.extra_certs;
  const bool leaves_out = wanted == ExtraCerts::signer || wanted == ExtraCerts::none;
  // RFC 9483 §3.3 [MUST] the chain of who signs, and in ip, cp and kup that of the new certificate
  if (leaves_out && p.rules.variant == Variant::lightweight)
    return "must be \"chain\" or \"chain_and_root\" at a lightweight endpoint: RFC 9483 §3.3 wants "
           "the chains of the signer and of the new certificate in extraCerts";
  if (leaves_out && p.rules.variant == Variant::base_station)
    return "must be \"chain\" or \"chain_and_root\" with the variant 3gpp: TS 33.310 §9.5.4.3 "
           "wants the chain and the root in extraCerts";
  const bool signs = p.protection.accepted.test(kSignature) ||
                     p.response_protection == ResponseProtection::signature;
  // RFC 9483 §3.3 [MUST] the protection certificate: by what else would a signature be checked?
  if (wanted == ExtraCerts::none && signs)
    return "may be \"none\" only where all answers are under a MAC: take \"signature\" out of "
           "accept, and leave response_protection at \"as_request\"; or say \"signer\"";
  return {};
}

AnswerFault fault(std::string_view field, std::string_view what) {
  return {field, std::string(what)};
}

std::optional<AnswerFault> fault_of_signer(const SignerFiles& s) {
  if (s.certificate.empty() != s.key.empty())
    return fault(s.key.empty() ? "signer_key" : "signer_certificate",
                 "is not set: signer_certificate and signer_key belong together");
  if (!s.pkcs12.empty() && !s.certificate.empty())
    return fault("signer_pkcs12",
                 "is set beside signer_certificate and signer_key; empty one or the others");
  if (s.empty() && !s.password.empty())
    return fault("signer_password", "is set, but neither signer_key nor signer_pkcs12 is");
  if (const auto uri = crypto::check_key_place(s.key); !uri)
    return fault("signer_key", uri.error().reply_text);
  return std::nullopt;
}

}  // namespace

std::vector<AnswerFault> faults_of_answers(const CmpProfile& profile) {
  std::vector<AnswerFault> out;
  if (const auto what = fault_of_extra_certs(profile); !what.empty())
    out.push_back(fault("extra_certs", what));
  if (auto of_signer = fault_of_signer(profile.signer)) out.push_back(*std::move(of_signer));
  return out;
}

}  // namespace countersign::enrol
