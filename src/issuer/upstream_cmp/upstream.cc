#include "issuer/upstream_cmp/upstream.h"

#include <algorithm>

#include "issuer/other_ca.h"
#include "protect/response_check.h"
#include "protect/signature.h"

namespace countersign::issuer {
namespace {

std::string names_of(const message::PKIStatusInfo& status) {
  std::string out;
  if (status.fail_info)
    for (const Failure failure : message::failures(*status.fail_info))
      out += (out.empty() ? "" : ", ") + std::string(name(failure));
  return out;
}

// RFC 9483 §5.2.2.1 [MUST] what we vouch for is signed.
bool by_secret(const Upstream& upstream, const message::PKIMessage& m) {
  return upstream.shared != nullptr && m.body.type != message::BodyType::nested;
}

}  // namespace

// RFC 9810 §5.1.3.1 [SHOULD] at least 10,000. One derivation for all that we send: the CA derives
// for each message.
Result<std::shared_ptr<const SharedWithCa>> share_with_ca(std::string reference, Secret secret,
                                                          protect::MacChoice choice,
                                                          Entropy& entropy) {
  constexpr std::int64_t kIterations = 10'000;
  const auto algorithm = TRY(protect::new_mac_algorithm(choice, kIterations, entropy));
  auto key = TRY(protect::derive_mac_key(algorithm, secret, false, {}));
  return std::make_shared<const SharedWithCa>(std::move(reference), std::move(secret),
                                              std::move(key));
}

Result<Upstream> make_upstream(std::vector<std::string> urls, std::vector<Bytes> ra_chain,
                               std::shared_ptr<const ports::Signer> signer,
                               const std::vector<Bytes>& ca) {
  if (ra_chain.empty() != (signer == nullptr) || ca.empty())
    return fail(Failure::systemFailure, "issuer.upstream-chain",
                "upstream.certificate and upstream.ca must each name a file with a certificate");
  RaPtr ra;
  if (signer != nullptr) {
    auto certificate = TRY(x509::parse_certificate(ra_chain.front()));
    if (!equal(certificate.spki, signer->spki()))
      return fail(Failure::systemFailure, "issuer.upstream-key",
                  "upstream.key is not the key of the first certificate in upstream.certificate");
    auto fingerprint = crypto::digest(crypto::Digest::sha256, certificate.der);
    ra = std::make_shared<const Ra>(std::move(certificate), std::move(ra_chain), std::move(signer),
                                    std::move(fingerprint));
  }
  auto known = TRY(make_other_ca(ca));
  return Upstream{.urls = std::move(urls),
                  .ra = std::move(ra),
                  .former = {},
                  .issuing = std::move(known.issuing),
                  .chain = std::move(known.chain),
                  .root = std::move(known.root),
                  .anchors = std::move(known.anchors),
                  .issued = std::move(known.issued)};
}

Result<> know_issuers(Upstream& upstream, const std::vector<Bytes>& ca,
                      std::span<const Bytes> learnt) {
  auto known = TRY(make_other_ca(ca, learnt));
  upstream.chain = std::move(known.chain);
  upstream.anchors = std::move(known.anchors);
  upstream.issued = std::move(known.issued);
  return {};
}

// RFC 9483 §4.2, §5.3.2
message::PKIBody revocation_for(const x509::Name& issuer,
                                const transaction::RevocationOrder& order) {
  message::RevDetails details;
  details.cert_details.issuer = issuer;
  details.cert_details.serial_number = order.serial;
  details.crl_entry_details = {x509::make_reason_code(order.reason)};
  return {message::BodyType::rr, message::RevReqContent{std::move(details)}};
}

// RFC 9483 §4.1.1 [MUST] certConf has the protection of the request: the same credential
RaPtr ra_of(const Upstream& upstream, View fingerprint, Time now) {
  for (const RaPtr& ra : upstream.former)
    if (equal(ra->fingerprint, fingerprint) && now <= ra->certificate.validity.not_after) return ra;
  return upstream.ra;
}

void address(const Upstream& upstream, const RaPtr& ra, message::PKIMessage& m, Time now) {
  if (by_secret(upstream, m)) {
    // RFC 9483 §3.1 [MUST] the reference: as common name of sender, and as senderKID
    m.header.sender = x509::directory_name(x509::common_name(upstream.shared->reference));
    m.header.sender_kid = to_bytes(upstream.shared->reference);
  } else if (ra != nullptr) {
    // RFC 9483 §3.1 [MUST] sender and senderKID are those of the protection certificate
    m.header.sender = x509::directory_name(ra->certificate.subject);
    if (auto id = ra->certificate.subject_key_identifier(); !id.empty())
      m.header.sender_kid = std::move(id);
    m.extra_certs = ra->chain;
  }
  // RFC 9483 §3.1 [SHOULD] first the CA that is asked, then whoever answered: no first message has
  // a recipNonce.
  if (!m.header.recip_nonce) m.header.recipient = x509::directory_name(upstream.issuing.subject);
  m.header.message_time = now;
}

void seal(const Upstream& upstream, const RaPtr& ra, message::PKIMessage message, Entropy& entropy,
          Done<Bytes> done) {
  if (by_secret(upstream, message)) {
    const auto sealed = protect::protect_with_mac(message, upstream.shared->key, entropy);
    if (!sealed) return done(std::unexpected(sealed.error()));
    return done(message::encode(message));
  }
  if (ra == nullptr)
    return done(fail(Failure::badRequest, "issuer.upstream-unsigned",
                     "this registration authority cannot pass on key updates, since it has no "
                     "certificate to vouch for them with; ask for a new certificate by cr, or "
                     "update at the CA itself"));
  Bytes tbs = protect::prepare_signature(message, ra->signer->algorithm());
  ra->signer->sign(std::move(tbs), [message = std::move(message), ra,
                                    done = std::move(done)](Result<Bytes> signature) mutable {
    if (!signature) return done(std::unexpected(std::move(signature).error()));
    protect::attach_signature(message, std::move(*signature));
    done(message::encode(message));
  });
}

ports::Target labelled(const Upstream& upstream, ports::Target target, std::string_view label) {
  if (upstream.labels == Labels::appended && !label.empty()) target.url.append("/").append(label);
  return target;
}

Result<> verify_answer(const Upstream& upstream, const message::PKIMessage& answer, Proof proof,
                       Time now) {
  protect::ResponderTrust trust;
  trust.anchors = &upstream.anchors;
  trust.known_certificates = std::move(proof.known);
  std::ranges::copy(upstream.signers, std::back_inserter(trust.known_certificates));
  std::ranges::copy(upstream.chain, std::back_inserter(trust.known_certificates));
  trust.known_certificates.push_back(upstream.root);
  // Whether a signed answer to a MAC'd request is good enough is for the requester to say.
  trust.accept_signed_for_mac = true;
  trust.paths = &upstream.seen->paths;
  trust.keys = &upstream.seen->keys;
  if (upstream.shared && proof.secret == &upstream.shared->secret)
    trust.request_key = &upstream.shared->key;
  TRY(protect::authenticate_response(answer, proof.secret, trust, {}, now));
  return {};
}

Error untrusted(const Error& why) {
  return {Failure::systemFailure, "issuer.upstream-answer",
          "the CA behind this server gave an answer that cannot be trusted; tell the "
          "administrator of this server",
          std::string(why.code) + ": " + why.reply_text};
}

Result<message::PKIMessage> open_answer(const Upstream& upstream, View octets,
                                        const std::vector<Bytes>& known, Time now) {
  auto answer = message::parse_message(octets);
  if (!answer) return std::unexpected(untrusted(answer.error()));
  const Secret* secret = upstream.shared ? &upstream.shared->secret : nullptr;
  const auto verified = verify_answer(upstream, *answer, {known, secret}, now);
  if (!verified) return std::unexpected(untrusted(verified.error()));
  return answer;
}

Result<std::vector<Bytes>> check_granted(const Upstream& upstream, const Bytes& certificate,
                                         View spki, std::span<const Bytes> extra_certs, Time now) {
  if (upstream.issuers == Issuers::listed_alone) extra_certs = {};
  return upstream.issued->check(certificate, spki, upstream.anchors, now, extra_certs);
}

std::vector<Bytes> unknown_of(const Upstream& upstream, std::span<const Bytes> chain) {
  std::vector<Bytes> out;
  for (const Bytes& der : chain)
    if (std::ranges::find(upstream.chain, der) == upstream.chain.end()) out.push_back(der);
  return out;
}

bool says(const transaction::GaveUp& end, Failure failure) {
  if (!end.status.fail_info) return false;
  const auto bits = message::failures(*end.status.fail_info);
  return std::ranges::find(bits, failure) != bits.end();
}

Error refusal_of(const transaction::GaveUp& end) {
  if (!end.refused && end.error.code == "client.still-waiting")
    return {Failure::systemUnavail, "issuer.upstream-silent",
            "the CA behind this server did not decide in time; begin a new transaction later",
            end.error.reply_text};
  if (!end.refused)
    return {Failure::systemFailure, "issuer.upstream-answer",
            "the CA behind this server gave an answer that does not fit; tell the administrator "
            "of this server",
            std::string(end.error.code) + ": " + end.error.reply_text};
  std::string detail = names_of(end.status);
  for (const auto& line : end.details) detail += (detail.empty() ? "" : "; ") + line;
  const bool of_us = says(end, Failure::certRevoked) || says(end, Failure::signerNotTrusted);
  if (end.by_error && of_us)
    return {Failure::systemFailure, "issuer.upstream-refuses-us",
            "the CA behind this server does not accept it as a registration authority; tell the "
            "administrator of this server",
            end.error.reply_text + " (" + detail + ")"};
  return {end.error.failure, "issuer.upstream-refused", end.error.reply_text, std::move(detail)};
}

}  // namespace countersign::issuer
