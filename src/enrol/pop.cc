#include "enrol/pop.h"

#include "crypto/sign.h"
#include "enrol/requested_key.h"

namespace countersign::enrol {
namespace {

using crmf::POPOSigningKey;
using crmf::POPOSigningKeyInput;

std::unexpected<Error> bad_pop(std::string_view code, std::string sentence,
                               std::string detail = {}) {
  return fail(Failure::badPOP, code, std::move(sentence), std::move(detail));
}

Result<> check_signature(const crypto::PublicKey& key, const der::AlgorithmIdentifier& algorithm,
                         View tbs, View signature) {
  TRY(key.check_strength());  // before an oversized key costs time
  if (!crypto::can_sign(key.kind()))
    return bad_pop("pop.algorithm", "a key of the kind " + std::string(crypto::name(key.kind())) +
                                        " cannot sign; send a key that can");
  const auto good = crypto::verify(key, algorithm, tbs, signature);
  if (good) return {};
  // SHA-1, parameters that do not belong, an algorithm of another kind of key.
  if (good.error().failure == Failure::badAlg)
    return bad_pop(
        "pop.algorithm",
        "the algorithm of the proof of possession is not accepted: " + good.error().reply_text,
        std::string(good.error().code));
  return bad_pop("pop.signature",
                 "the proof of possession was not made with the key to be certified; sign "
                 "certReq with its private key",
                 std::string(good.error().code));
}

Result<View> whole_octets(const der::BitString& bits) {
  if (bits.unused != 0)
    return bad_pop("pop.signature",
                   "the signature of the proof of possession is no whole number "
                   "of octets");
  return View(bits.octets);
}

// RFC 4211 §4.1: an authenticated identity that has been established for the subject.
Result<> check_sender(const x509::GeneralName& claimed, const message::Sender& sender) {
  const auto name = x509::directory_name(claimed);
  if (sender.certificate) {
    if (name && x509::same_name(*name, sender.certificate->subject)) return {};
    return bad_pop("pop.sender-differs",
                   "poposkInput.authInfo.sender is " + x509::to_text(claimed) +
                       ", the message is signed by " + x509::to_text(sender.certificate->subject) +
                       "; name the signer");
  }
  if (name) {
    const auto cns = x509::attributes(*name, der::Oid::of("2.5.4.3"));
    if (cns.size() == 1 && cns[0] == sender.reference) return {};
  }
  return bad_pop("pop.sender-differs",
                 "poposkInput.authInfo.sender is not the identity that the shared secret proves; "
                 "send publicKeyMAC, or CN=<your reference>");
}

// RFC 4211 §4.1: the MAC is computed over the DER-encoded public key.
Result<> check_public_key_mac(const crmf::PKMACValue& mac, View public_key, const Secret* secret,
                              const protect::Policy& policy) {
  if (secret == nullptr)
    return bad_pop("pop.mac",
                   "publicKeyMAC needs a shared secret, and this message is signed; "
                   "send authInfo.sender");
  // The lower floor of iterations: whoever sees this message has the MAC already.
  // RFC 9045 §3: PasswordBasedMac or PBMAC1.
  if (protect::is_direct(mac.alg_id))
    return bad_pop("pop.mac", "publicKeyMAC needs PasswordBasedMac or PBMAC1 as its algorithm");
  const auto key = protect::derive_mac_key(mac.alg_id, *secret, true, policy);
  if (!key)
    return bad_pop("pop.mac",
                   "the algorithm of publicKeyMAC is not accepted: " + key.error().reply_text,
                   std::string(key.error().code));
  const Bytes expected = protect::compute_mac(*key, public_key);
  if (mac.value.unused != 0 || !equal_in_constant_time(expected, mac.value.octets))
    return bad_pop("pop.mac",
                   "publicKeyMAC does not match; compute it over the DER of publicKey "
                   "with the shared secret of this message");
  return {};
}

struct Input {
  const crmf::CertTemplate& asked;
  View public_key;
  const message::Sender& sender;
  const Secret* secret;
  const protect::Policy& policy;
};

Result<> check_input(const POPOSigningKeyInput& input, const Input& in) {
  // RFC 4211 §4.1 [MUST] exactly the value in the certificate template.
  if (!equal(input.public_key, in.public_key))
    return bad_pop("pop.key-differs",
                   "poposkInput.publicKey differs from certTemplate.publicKey; send the same");
  if (const auto* claimed = std::get_if<x509::GeneralName>(&input.auth_info))
    return check_sender(*claimed, in.sender);
  return check_public_key_mac(std::get<crmf::PKMACValue>(input.auth_info), input.public_key,
                              in.secret, in.policy);
}

// RFC 9810 §5.2.8.2 [MUST] poposkInput is left out when the template has subject and publicKey, and
// the signature is over certReq; otherwise it is there and the signature is over it.
Result<> check_signing_key(const crmf::CertReqMsg& request, const POPOSigningKey& pop,
                           const Input& in) {
  const bool has_subject = in.asked.subject.has_value();
  if (pop.popo_sk_input && has_subject)
    return bad_pop("pop.input-present",
                   "poposkInput is present though certTemplate has subject and publicKey; leave "
                   "it out and sign certReq");
  if (!pop.popo_sk_input && !has_subject)
    return bad_pop("pop.input-missing",
                   "certTemplate has no subject; put one in (NULL-DN if the name is in "
                   "subjectAltName only), or send poposkInput and sign it");
  const View signature = TRY(whole_octets(pop.signature));
  const auto key = TRY(crypto::PublicKey::from_spki(in.public_key));
  if (pop.popo_sk_input) {
    TRY(check_signature(key, pop.algorithm_identifier, crmf::encode(*pop.popo_sk_input),
                        signature));
    return check_input(*pop.popo_sk_input, in);
  }
  if (request.cert_req_der.empty())
    return check_signature(key, pop.algorithm_identifier, crmf::encode(request.cert_req),
                           signature);
  return check_signature(key, pop.algorithm_identifier, request.cert_req_der, signature);
}

// RFC 9810 §5.2.8.1 [MUST NOT] an end entity uses raVerified.
Result<> check_ra_verified(const message::Sender& sender) {
  if (sender.may_act_as_ra) return {};
  return fail(Failure::notAuthorized, "pop.ra-verified",
              "raVerified is for registration authorities (key purpose cmcRA); sign certReq with "
              "the key to be certified");
}

}  // namespace

Result<> check_pop(const crmf::CertReqMsg& request, const message::Sender& sender,
                   const Secret* secret, const protect::Policy& policy) {
  const crmf::CertTemplate& asked = request.cert_req.cert_template;
  const View public_key = TRY(requested_key(asked));
  if (!request.popo)
    return bad_pop("pop.missing", "popo is missing; sign certReq with the key to be certified");
  if (std::holds_alternative<crmf::RaVerified>(*request.popo)) return check_ra_verified(sender);
  if (const auto* pop = std::get_if<POPOSigningKey>(&*request.popo))
    return check_signing_key(request, *pop, {asked, public_key, sender, secret, policy});
  const bool encipherment = std::holds_alternative<crmf::KeyEncipherment>(*request.popo);
  return bad_pop("pop.method",
                 "popo " + std::string(encipherment ? "keyEncipherment" : "keyAgreement") +
                     " is not accepted here; accepted is a signature by the key to be certified, "
                     "and raVerified from registration authorities");
}

// RFC 2986 §4.2: the signature is over certificationRequestInfo, by the subject's private key.
Result<> check_pop(const x509::CertificationRequest& request) {
  const auto key = TRY(crypto::PublicKey::from_spki(request.spki));
  return check_signature(key, request.signature_algorithm, request.info, request.signature);
}

}  // namespace countersign::enrol
