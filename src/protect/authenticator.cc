#include "protect/authenticator.h"

#include <algorithm>
#include <array>
#include <memory>

#include "crypto/digest.h"
#include "protect/header_check.h"
#include "protect/mac_parameters.h"
#include "protect/protection_table.h"
#include "protect/signer.h"

namespace countersign::protect {
namespace {

using PathResult = Result<std::shared_ptr<const crypto::Path>>;

// What stands in for the secret of a reference that does not exist.
Secret dummy_secret() { return Secret(Bytes(32)); }

// One text for all, whatever is the case; it depends on what was sent alone.
std::unexpected<Error> mac_mismatch(const der::AlgorithmIdentifier& algorithm, std::string detail) {
  return fail(Failure::badMessageCheck, "protect.mac-mismatch",
              std::string("the MAC does not verify; check the reference in senderKID and the "
                          "shared secret") +
                  (is_direct(algorithm) ? ", or use PBMAC1: without key derivation only secrets "
                                          "that the server made are taken"
                                        : ""),
              std::move(detail));
}

// One of the secrets that a MAC may be by.
struct PossibleSecret {
  const Secret* secret = nullptr;
  bool made_by_us = true;
  bool is_there() const { return secret != nullptr && !secret->empty(); }
};

// Always two, so that a MAC which is by none of them costs the same whatever is known.
std::array<PossibleSecret, 2> possible_secrets(const std::optional<KnownSecret>& known,
                                               const std::string& reference) {
  if (!known || known->reference != reference) return {};
  return {PossibleSecret{known->secret, known->made_by_us},
          PossibleSecret{known->former, known->former_made_by_us}};
}

// A direct MAC lets a chosen secret be guessed without work: with one, and with one that
// derive_direct would refuse, it is as if the reference were unknown.
bool may_be_key(const PossibleSecret& one, const der::AlgorithmIdentifier& algorithm) {
  if (!one.is_there() || !is_direct(algorithm)) return one.is_there();
  const std::size_t size = one.secret->size();
  return one.made_by_us && size >= kShortestDirectSecret && size <= crypto::Kmac::kLongestKey;
}

// For the log: why no secret fits.
std::string why_none_fits(const std::array<PossibleSecret, 2>& secrets,
                          const der::AlgorithmIdentifier& algorithm) {
  const auto usable = [&](const PossibleSecret& one) { return may_be_key(one, algorithm); };
  if (std::ranges::any_of(secrets, usable)) return "wrong MAC under ";
  if (std::ranges::any_of(secrets, &PossibleSecret::is_there))
    return "a direct MAC under the chosen or short secret of ";
  return "no usable secret under ";
}

// Nothing is looked up for this.
Result<> check_accepted(ProtectionKind kind, const Policy& policy) {
  if (policy.accepted.test(static_cast<std::size_t>(kind))) return {};
  std::string names;
  auto same_proof = false;
  for (std::size_t i = 0; i < kProtectionKinds.size(); ++i) {
    if (!policy.accepted.test(i)) continue;
    (names += names.empty() ? "" : ", ") += kProtectionKinds[i];
    same_proof |= (kind == ProtectionKind::signature) == (i == 0);
  }
  // RFC 9810 §5.2.3: a MAC where a signature is needed, or the reverse, is wrongIntegrity.
  return fail(same_proof ? Failure::badAlg : Failure::wrongIntegrity, "protect.kind-not-accepted",
              "protection by " + std::string(kProtectionKinds[static_cast<std::size_t>(kind)]) +
                  " is not accepted here; use " + names);
}

std::unexpected<Error> certificate_missing(std::string detail) {
  return fail(
      Failure::badMessageCheck, "protect.certificate-missing",
      "no certificate at hand fits senderKID and sender and verifies the signature; send the "
      "protection certificate first in extraCerts, its subjectKeyIdentifier as senderKID and its "
      "subject as sender",
      std::move(detail));
}

Candidates candidates(const message::PKIMessage& message, const Evidence& evidence) {
  Candidates all{views(message.extra_certs), {}};
  if (evidence.transaction_certificate) all.known.emplace_back(*evidence.transaction_certificate);
  for (const KnownCertificate& own : evidence.own) all.known.emplace_back(own.der);
  return all;
}

const KnownCertificate* find_own(const Evidence& evidence, const Bytes& der) {
  const auto found = std::ranges::find(evidence.own, der, &KnownCertificate::der);
  return found == evidence.own.end() ? nullptr : &*found;
}

Result<> check_state(CertificateState state) {
  if (state == CertificateState::valid || state == CertificateState::unconfirmed) return {};
  if (state == CertificateState::held)
    return fail(Failure::signerNotTrusted, "protect.signer-held",
                "the protection certificate is on hold; ask for its release, or use another");
  // RFC 9810 §5.2.3 certRevoked: to whoever has its key this is no secret.
  return fail(Failure::certRevoked, "protect.signer-revoked",
              "the protection certificate is revoked; enrol anew with another credential");
}

// RFC 9810 §4.5 id-kp-cmcRA counts in a certificate of our own CA, or of one that the configuration
// names as an issuer of RAs; a certificate that it names itself needs none.
bool acts_as_ra(const message::Sender& sender, const x509::Certificate& certificate,
                const Evidence& evidence) {
  const auto named = [&](const Bytes& der) {
    return std::ranges::find(evidence.ra_fingerprints, crypto::sha256(der)) !=
           evidence.ra_fingerprints.end();
  };
  if (sender.unconfirmed) return false;
  if (named(certificate.der)) return true;
  return certificate.has_purpose(x509::oids::kp_cmc_ra) &&
         (sender.issued_by_us || named(sender.path.back()));
}

std::unexpected<Error> untrusted(std::string detail) {
  return fail(
      Failure::signerNotTrusted, "protect.signer-untrusted",
      "the protection certificate leads to no trust anchor; use one that was issued here, or "
      "send its whole chain in extraCerts",
      std::move(detail));
}

// Of a CA that issues elsewhere, too.
PathResult named_elsewhere(PathResult path) {
  if (path) return path;
  return fail(Failure::signerNotTrusted, "protect.signer-elsewhere",
              "the protection certificate is of the CA behind this registration authority, but was "
              "not issued through this server; use one that was, or a shared secret, or have the "
              "operator name that CA as an anchor (countersignd trust add)");
}

}  // namespace

Result<Authentication> Authenticator::authenticate(message::PKIMessage message,
                                                   const Evidence& evidence, Time now) const {
  TRY(check_protection(message));
  if (message.extra_certs.size() > policy_.max_extra_certs)
    return fail(Failure::badDataFormat, "protect.too-many-certificates",
                "extraCerts holds " + std::to_string(message.extra_certs.size()) +
                    " certificates; send the protection certificate and its chain, at most " +
                    std::to_string(policy_.max_extra_certs));
  const auto kind = protection_kind(*message.header.protection_alg);
  if (!kind)
    return fail(Failure::badAlg, "protect.algorithm-not-supported",
                "protectionAlg " + message.header.protection_alg->algorithm.dotted() +
                    " is not supported; use PBMAC1, PasswordBasedMac, HMAC, KMAC or a signature");
  TRY(check_accepted(*kind, policy_));
  if (*kind == ProtectionKind::signature)
    return authenticate_signature(std::move(message), evidence, now);
  return authenticate_mac(std::move(message), evidence, now);
}

Result<Authentication> Authenticator::authenticate_mac(message::PKIMessage message,
                                                       const Evidence& evidence, Time now) const {
  const auto reference = evidence.reference ? evidence.reference : reference_of(message.header);
  if (!reference)
    return fail(Failure::badMessageCheck, "protect.reference-missing",
                "nothing names the shared secret; put its reference into senderKID, as UTF-8 text");
  const auto secrets = possible_secrets(evidence.secret, *reference);
  const auto& algorithm = *message.header.protection_alg;
  const Secret dummy = dummy_secret();
  const bool made_floor = policy_.min_iterations_made <= policy_.min_iterations_chosen;
  for (const PossibleSecret& one : secrets) {
    const bool usable = may_be_key(one, algorithm);
    DerivedBefore before{derived_};
    MacKey key = TRY(usable ? derive_mac_key(algorithm, *one.secret, made_floor, policy_, &before)
                            : derive_mac_key(algorithm, dummy, made_floor, policy_));
    if (!mac_matches(key, message) || !usable) continue;
    if (before.fresh) derived_.keep(*std::move(before.fresh));
    if (!is_direct(algorithm)) TRY(check_iterations(key.iterations, one.made_by_us, policy_));
    TRY(check_message_time(message.header, policy_, now));
    message::Sender sender;
    sender.proof = message::ProofKind::mac;
    sender.identity = "secret:" + *reference;
    sender.reference = *reference;
    sender.may_act_as_ra = evidence.secret->acts_as_ra;
    return Authentication{message::AuthenticatedMessage(message::AuthenticationPasskey(),
                                                        std::move(message), std::move(sender)),
                          std::move(key), &one == &secrets.back()};
  }
  return mac_mismatch(algorithm, why_none_fits(secrets, algorithm) + "reference " + *reference);
}

Result<Authentication> Authenticator::authenticate_signature(message::PKIMessage message,
                                                             const Evidence& evidence,
                                                             Time now) const {
  x509::Certificate signer = TRY(verified_signer(message, evidence));
  message::Sender sender = TRY(trusted_sender(std::move(signer), message, evidence, now));
  TRY(check_message_time(message.header, policy_, now));
  TRY(check_sender(*sender.certificate, message.header));
  return Authentication{message::AuthenticatedMessage(message::AuthenticationPasskey(),
                                                      std::move(message), std::move(sender)),
                        std::nullopt, false};
}

Result<x509::Certificate> Authenticator::verified_signer(const message::PKIMessage& message,
                                                         const Evidence& evidence) const {
  auto signer = find_signer(message.header, candidates(message, evidence));
  if (!signer) return certificate_missing("no certificate fits");
  auto key = keys_.get(signer->certificate.spki);
  auto verified = key ? verify_signature(message, *key) : Result<>(std::unexpected(key.error()));
  if (verified) return std::move(signer->certificate);
  if (!signer->sent) return certificate_missing("a known one: " + verified.error().detail);
  if (!key) verified.error().failure = Failure::badAlg;
  // RFC 9483 §3.5: a certificate that the protection cannot be by is not its signer's.
  if (verified.error().code == "crypto.algorithm-mismatch")
    verified.error().failure = Failure::badMessageCheck;
  return std::unexpected(std::move(verified).error());
}

// A certificate of ours leads to our CA; another one leads to an anchor, and not to our CA unless
// that issues elsewhere, too.
PathResult Authenticator::trusted_path(const x509::Certificate& certificate,
                                       const message::PKIMessage& message, const Evidence& evidence,
                                       Time now) const {
  std::vector<View> between = views(evidence.known_intermediates);
  for (const Bytes& extra : message.extra_certs) between.emplace_back(extra);
  const auto path_to = [&](const crypto::TrustSet* trust) -> PathResult {
    if (trust == nullptr) return untrusted("no trust anchors are configured");
    return paths_.validate({certificate.der, between, *trust, now, crypto::Purpose::cmp_signature});
  };
  if (find_own(evidence, certificate.der) != nullptr) return path_to(evidence.own_authority);
  const bool names_us = evidence.own_authority != nullptr &&
                        evidence.own_authority->has_anchor_named(certificate.issuer.der);
  if (names_us && path_to(evidence.own_authority)) {
    const auto& elsewhere = evidence.issue_elsewhere;
    // RFC 9483 §3.3 [MUST] it is the first in extraCerts. Only that one was surely looked up:
    // another may be ours, and revoked.
    const bool first =
        !message.extra_certs.empty() && message.extra_certs.front() == certificate.der;
    if (first && std::ranges::find(elsewhere, certificate.issuer.der) != elsewhere.end())
      return named_elsewhere(path_to(evidence.anchors));
    return fail(
        Failure::signerNotTrusted, "protect.signer-unknown",
        "the protection certificate names our CA as its issuer, but was not issued through this "
        "server; use one that was, or a shared secret");
  }
  PathResult foreign = path_to(evidence.anchors);
  // Why a path to our CA does not hold says more than that there is none to an anchor.
  const bool says_little = !foreign && (foreign.error().code == "protect.signer-untrusted" ||
                                        foreign.error().code == "crypto.path-no-anchor");
  return says_little && evidence.own_authority != nullptr ? path_to(evidence.own_authority)
                                                          : foreign;
}

Result<message::Sender> Authenticator::trusted_sender(x509::Certificate certificate,
                                                      const message::PKIMessage& message,
                                                      const Evidence& evidence, Time now) const {
  TRY(check_key_usage(certificate));
  const KnownCertificate* own = find_own(evidence, certificate.der);
  if (own != nullptr) TRY(check_state(own->state));
  const auto path = TRY(trusted_path(certificate, message, evidence, now));
  const Bytes fingerprint = crypto::sha256(certificate.der);
  message::Sender sender;
  sender.proof = message::ProofKind::signature;
  sender.identity = "certificate:" + to_hex(fingerprint);
  sender.path = path->chain;
  sender.issued_by_us = own != nullptr;
  sender.unconfirmed = own != nullptr && own->state == CertificateState::unconfirmed;
  sender.may_act_as_ra = acts_as_ra(sender, certificate, evidence);
  sender.certificate = std::move(certificate);
  return sender;
}

}  // namespace countersign::protect
