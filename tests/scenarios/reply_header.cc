#include "scenarios/reply_header.h"

#include "message/info_type.h"
#include "protect/protect.h"
#include "x509/certificate.h"

namespace countersign::test {
namespace {

using message::BodyType;
using message::PKIMessage;

constexpr std::size_t kNonce = 16;

// RFC 9483 §3.1: what was copied, and what is fresh
std::string wrong_with_ids(const PKIMessage& sent, const PKIMessage& reply) {
  const auto& h = reply.header;
  if (h.recipient != sent.header.sender) return "recipient is not the sender of the request";
  if (sent.header.transaction_id && h.transaction_id != sent.header.transaction_id)
    return "another transactionID";
  if (h.recip_nonce != sent.header.sender_nonce) return "recipNonce is not the senderNonce";
  if (!h.sender_nonce || h.sender_nonce->octets.size() < kNonce) return "a short senderNonce";
  if (h.sender_nonce == sent.header.sender_nonce) return "senderNonce is that of the request";
  return h.message_time ? "" : "no messageTime";
}

std::string wrong_with_info(const PKIMessage& reply) {
  const auto& info = reply.header.general_info;
  const bool implicit = message::find(info, message::it::implicitConfirm) != nullptr;
  const bool wait = message::find(info, message::it::confirmWaitTime) != nullptr;
  if (implicit && wait) return "implicitConfirm beside confirmWaitTime";
  const auto type = reply.body.type;
  const bool grants = type == BodyType::ip || type == BodyType::cp || type == BodyType::kup;
  return (implicit || wait) && !grants ? "a confirmation for nothing" : "";
}

// By signature: the certificate first, sender its subject, senderKID its key identifier.
std::string wrong_with_signer(const PKIMessage& reply) {
  if (reply.extra_certs.empty()) return "extraCerts lacks the protection certificate";
  const auto certificate = x509::parse_certificate(reply.extra_certs.front());
  if (!certificate) return "the first of extraCerts is no certificate";
  if (reply.header.sender != x509::directory_name(certificate->subject))
    return "sender is not the subject of the first of extraCerts";
  return reply.header.sender_kid == certificate->subject_key_identifier()
             ? ""
             : "senderKID is not the subjectKeyIdentifier of the first of extraCerts";
}

std::string wrong_with_secret(const PKIMessage& sent, const PKIMessage& reply,
                              message::Variant variant) {
  if (reply.header.sender_kid != sent.header.sender_kid) return "senderKID is not the reference";
  if (variant == message::Variant::general) return "";
  const auto named = x509::common_name(std::string(text(*reply.header.sender_kid)));
  return reply.header.sender == x509::directory_name(named)
             ? ""
             : "sender is not the name of the reference";
}

}  // namespace

std::string wrong_with(const PKIMessage& sent, const PKIMessage& reply, message::Variant variant) {
  if (auto wrong = wrong_with_ids(sent, reply); !wrong.empty()) return wrong;
  if (auto wrong = wrong_with_info(reply); !wrong.empty()) return wrong;
  const auto& algorithm = reply.header.protection_alg;
  if (!algorithm) return reply.body.type == BodyType::error ? "" : "unprotected";
  if (protect::proof_kind(*algorithm) == message::ProofKind::mac)
    return wrong_with_secret(sent, reply, variant);
  return wrong_with_signer(reply);
}

}  // namespace countersign::test
