#include "protect/lightweight_check.h"

#include <algorithm>

#include "message/info_type.h"
#include "protect/protection_table.h"
#include "x509/certificate.h"

namespace countersign::protect {
namespace {

using message::BodyType;

constexpr auto kCommonName = der::Oid::of("2.5.4.3");
constexpr std::size_t kTransactionId = 16;

bool opens(BodyType type) noexcept {
  return type != BodyType::certConf && type != BodyType::pollReq;
}

// RFC 9483 §3.1 [MUST] 128 bits in the first message; §3.5 [MUST] present in all
Result<> check_transaction_id(const message::PKIMessage& m) {
  const auto& id = m.header.transaction_id;
  if (id && (id->octets.size() == kTransactionId || !opens(m.body.type))) return {};
  return fail(Failure::badDataFormat, "lightweight.transaction-id",
              "transactionID must be 16 random octets in the first message, and repeated in those "
              "that follow");
}

bool by_mac(const message::PKIHeader& header) {
  return header.protection_alg && proof_kind(*header.protection_alg) == message::ProofKind::mac;
}

// RFC 9483 §3.1 [MUST] by MAC: the name of the secret, as commonName of sender and as senderKID
Result<> check_mac_sender(const message::PKIHeader& header, const x509::Name& sender) {
  if (!header.sender_kid)
    return fail(Failure::badMessageCheck, "lightweight.sender-kid",
                "senderKID is missing; put the reference of the secret there");
  const auto names = x509::attributes(sender, kCommonName);
  if (names.size() == 1 && equal(view(names.front()), *header.sender_kid)) return {};
  return fail(Failure::badMessageCheck, "lightweight.sender",
              "sender must be a name with the reference of the secret as its commonName, the same "
              "as senderKID");
}

Result<> check_sender(const message::PKIMessage& m) {
  const auto sender = x509::directory_name(m.header.sender);
  if (!sender)
    return fail(Failure::badMessageCheck, "lightweight.sender",
                "sender must be a directoryName: the subject of the protection certificate");
  if (by_mac(m.header)) return check_mac_sender(m.header, *sender);
  // What the algorithm is not known of is refused for that.
  const auto& algorithm = m.header.protection_alg;
  if (algorithm && !proof_kind(*algorithm)) return {};
  // RFC 9483 §3.3 [MUST] extraCerts in the first request that is protected by signature
  if (opens(m.body.type) && m.extra_certs.empty())
    return fail(Failure::badMessageCheck, "lightweight.extra-certs",
                "extraCerts is missing; put the protection certificate there, followed by its "
                "chain");
  return {};
}

std::unexpected<Error> not_one(BodyType type) {
  return fail(Failure::badRequest, "lightweight.one",
              "put exactly one element into a " + std::string(message::name(type)));
}

// RFC 9483 §4.1.1 [MUST] one CertStatus, whose status is accepted or rejection
Result<> check_confirmation(const message::CertConfirmContent& list) {
  if (list.size() != 1) return not_one(BodyType::certConf);
  const auto& info = list.front().status_info;
  if (!info || info->status == message::PKIStatus::accepted ||
      info->status == message::PKIStatus::rejection)
    return {};
  return fail(Failure::badRequest, "lightweight.confirmation",
              "the status in certConf must be accepted or rejection");
}

Result<> check_body(const message::PKIBody& body) {
  switch (body.type) {
    case BodyType::ir:
    case BodyType::cr:
    case BodyType::kur:
    case BodyType::p10cr:
    case BodyType::rr:
    case BodyType::genm:
    case BodyType::nested:
      return {};
    case BodyType::certConf:
      return check_confirmation(std::get<message::CertConfirmContent>(body.content));
    case BodyType::pollReq:
      // RFC 9483 §4.4 [MUST] one entry
      if (std::get<message::PollReqContent>(body.content).size() != 1) return not_one(body.type);
      return {};
    default:
      // RFC 9483 §3.6.1 [SHALL NOT] error messages towards the CA; the rest is no operation of §4
      return fail(Failure::badRequest, "lightweight.body",
                  "a " + std::string(message::name(body.type)) +
                      " is no request of the lightweight profile");
  }
}

// RFC 9483 §3.5 [MUST] known values are of their form; §3.1 [MUST NOT] implicitConfirm beside
// confirmWaitTime
Result<> check_general_info(const message::PKIHeader& header) {
  if (message::find(header.general_info, message::it::implicitConfirm) != nullptr &&
      message::find(header.general_info, message::it::confirmWaitTime) != nullptr)
    return fail(Failure::badRequest, "lightweight.implicit-confirm",
                "leave confirmWaitTime out of generalInfo: it says when an explicit confirmation "
                "is due, and is the server's to send");
  for (const auto& item : header.general_info) {
    const auto* type = message::find_info_type(item.type);
    if (type != nullptr && !message::decode(item))
      return fail(Failure::badDataFormat, "lightweight.general-info",
                  "the value of " + std::string(type->name) + " in generalInfo is malformed");
  }
  return {};
}

bool is_self_issued(View der) {
  const auto certificate = x509::parse_certificate(der);
  return certificate && certificate->self_issued();
}

// RFC 9483 §3.3 [MUST] in a first message with its chain; a root may be left out
Result<> check_chain(const message::AuthenticatedMessage& message) {
  if (!opens(message->body.type)) return {};
  for (const Bytes& issuer : message.sender().path)
    if (!is_self_issued(issuer) &&
        std::ranges::find(message->extra_certs, issuer) == message->extra_certs.end())
      return fail(Failure::badMessageCheck, "lightweight.extra-certs",
                  "extraCerts lacks a certificate of the chain of the protection certificate; send "
                  "all of them but the root, each after the one that it certifies");
  return {};
}

}  // namespace

Result<> check_lightweight(const message::PKIMessage& message) {
  TRY(check_transaction_id(message));
  TRY(check_sender(message));
  TRY(check_general_info(message.header));
  return check_body(message.body);
}

Result<> check_lightweight_sender(const message::AuthenticatedMessage& message) {
  const auto& certificate = message.sender().certificate;
  if (!certificate) return {};
  // RFC 9483 §3.1 [MUST] the subjectKeyIdentifier of the protection certificate, if it has one
  const Bytes key_id = certificate->subject_key_identifier();
  const auto& sent = message->header.sender_kid;
  if (!key_id.empty() && (!sent || *sent != key_id))
    return fail(Failure::badMessageCheck, "lightweight.sender-kid",
                "senderKID must be the subjectKeyIdentifier of the protection certificate");
  // RFC 9483 §3.1 [MUST] the subject of the protection certificate
  const auto sender = x509::directory_name(message->header.sender);
  if (!sender || !x509::same_name(*sender, certificate->subject))
    return fail(Failure::badMessageCheck, "lightweight.sender",
                "sender must be the subject of the protection certificate");
  // RFC 9483 §3.3 [MUST] the protection certificate first
  if (!message->extra_certs.empty() && message->extra_certs.front() != certificate->der)
    return fail(Failure::badMessageCheck, "lightweight.extra-certs",
                "the first of extraCerts must be the protection certificate");
  return check_chain(message);
}

}  // namespace countersign::protect
