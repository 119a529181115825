#include "protect/response_check.h"

#include "crypto/path.h"
#include "protect/header_check.h"
#include "protect/mac_key.h"
#include "protect/protection_table.h"
#include "protect/signer.h"

namespace countersign::protect {
namespace {

Result<> check_mac(const message::PKIMessage& response, const Secret* secret,
                   const MacKey* request_key, const Policy& policy) {
  if (secret == nullptr || secret->empty())
    return fail(Failure::wrongIntegrity, "protect.wrong-kind",
                "the answer has a MAC, the request had none; the server must sign its answer");
  const auto& algorithm = *response.header.protection_alg;
  const bool same = request_key != nullptr && request_key->algorithm == algorithm;
  if (same && mac_matches(*request_key, response)) return {};
  const MacKey key = TRY(derive_mac_key(algorithm, *secret, true, policy));
  if (mac_matches(key, response)) return {};
  return fail(Failure::badMessageCheck, "protect.mac-mismatch",
              "the MAC of the answer does not verify; check that both sides have the same secret");
}

Candidates candidates(const message::PKIMessage& response, const ResponderTrust& trust) {
  if (trust.pinned_certificate) return {{}, {View(*trust.pinned_certificate)}};
  return {views(response.extra_certs), views(trust.known_certificates)};
}

Result<> check_validity(const x509::Certificate& certificate, Time now) {
  if (certificate.validity.not_before <= now && now <= certificate.validity.not_after) return {};
  return fail(Failure::signerNotTrusted, "protect.responder-expired",
              "the pinned certificate is valid from " + to_iso(certificate.validity.not_before) +
                  " to " + to_iso(certificate.validity.not_after) + "; pin the current one");
}

Result<> check_path(const x509::Certificate& certificate, const message::PKIMessage& response,
                    const ResponderTrust& trust, Time now) {
  if (trust.anchors == nullptr)
    return fail(Failure::signerNotTrusted, "protect.signer-untrusted",
                "the answer is signed, and no trust anchor is set; name the CA's certificate");
  std::vector<View> between = views(response.extra_certs);
  for (const Bytes& known : trust.known_certificates) between.emplace_back(known);
  const crypto::PathRequest path{certificate.der, between, *trust.anchors, now,
                                 crypto::Purpose::cmp_signature};
  if (trust.paths != nullptr)
    TRY(trust.paths->validate(path));
  else
    TRY(crypto::validate_path(path));
  return {};
}

// RFC 9810 §4.5 id-kp-cmcCA, id-kp-cmcRA; under the same anchors stand many that may not answer
// for the CA. Whom the caller expects by name (check_expected_sender) is entitled too.
Result<> check_entitled(const x509::Certificate& certificate, const ResponderTrust& trust) {
  if (trust.expected_sender && x509::same_name(*trust.expected_sender, certificate.subject))
    return {};
  if (certificate.is_ca() || certificate.has_purpose(x509::oids::kp_cmc_ca) ||
      certificate.has_purpose(x509::oids::kp_cmc_ra))
    return {};
  return fail(
      Failure::signerNotTrusted, "protect.responder-not-entitled",
      "the signer of the answer is no CA and has neither cmcCA nor cmcRA as extended key "
      "usage; if it is the right one, pin its certificate or name it as the expected sender",
      x509::to_text(certificate.subject));
}

Result<x509::Certificate> check_signature(const message::PKIMessage& response,
                                          const ResponderTrust& trust, Time now) {
  auto signer = find_signer(response.header, candidates(response, trust));
  if (!signer)
    return fail(
        Failure::badMessageCheck, "protect.certificate-missing",
        trust.pinned_certificate
            ? "the answer is not signed with the pinned certificate; pin the right one"
            : "no certificate fits senderKID and sender of the answer; the server must send "
              "its protection certificate in extraCerts");
  x509::Certificate& certificate = signer->certificate;
  auto key = trust.keys != nullptr ? trust.keys->get(certificate.spki)
                                   : crypto::PublicKey::from_spki(certificate.spki);
  if (!key) {
    key.error().failure = Failure::badAlg;
    return std::unexpected(std::move(key).error());
  }
  TRY(verify_signature(response, *key));
  TRY(check_key_usage(certificate));
  if (trust.pinned_certificate) {
    TRY(check_validity(certificate, now));
    return std::move(certificate);
  }
  TRY(check_path(certificate, response, trust, now));
  TRY(check_entitled(certificate, trust));
  return std::move(certificate);
}

Result<> check_expected_sender(const message::PKIHeader& header,
                               const std::optional<x509::Name>& expected) {
  if (!expected) return {};
  const auto sender = x509::directory_name(header.sender);
  if (sender && x509::same_name(*sender, *expected)) return {};
  return fail(Failure::badMessageCheck, "protect.responder-unexpected",
              "the answer is from " + x509::to_text(header.sender) + ", expected was " +
                  x509::to_text(*expected) + "; correct the expected sender, or the server");
}

}  // namespace

Result<ResponderIdentity> authenticate_response(const message::PKIMessage& response,
                                                const Secret* secret, const ResponderTrust& trust,
                                                const Policy& policy, Time now) {
  TRY(check_protection(response));
  const auto kind = proof_kind(*response.header.protection_alg);
  if (!kind)
    return fail(Failure::badAlg, "protect.algorithm-not-supported",
                "protectionAlg " + response.header.protection_alg->algorithm.dotted() +
                    " of the answer is not supported; set another at the server");
  ResponderIdentity identity{*kind, std::nullopt};
  if (*kind == message::ProofKind::mac) {
    TRY(check_mac(response, secret, trust.request_key, policy));
  } else {
    // RFC 9483 §3.2 [MUST] the same kind of protection in both directions
    if (secret != nullptr && !trust.accept_signed_for_mac)
      return fail(
          Failure::wrongIntegrity, "protect.wrong-kind",
          "the answer is signed, the request had a MAC; name the CA's certificate as trusted "
          "if that is meant");
    identity.certificate = TRY(check_signature(response, trust, now));
  }
  TRY(check_response_header(response));
  TRY(check_message_time(response.header, policy, now));
  if (identity.certificate) TRY(check_sender(*identity.certificate, response.header));
  TRY(check_expected_sender(response.header, trust.expected_sender));
  return identity;
}

}  // namespace countersign::protect
