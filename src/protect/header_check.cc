#include "protect/header_check.h"

#include <algorithm>

#include "x509/name.h"

namespace countersign::protect {
namespace {

using message::BodyType;

constexpr auto kCommonName = der::Oid::of("2.5.4.3");

std::string between(std::size_t least, std::size_t most) {
  return std::to_string(least) + " to " + std::to_string(most) + " octets";
}

// RFC 9810 §7 cmp2000(2) and cmp2021(3)
Result<> check_version(std::int64_t pvno) {
  if (pvno == 2 || pvno == 3) return {};
  return fail(Failure::unsupportedVersion, "protect.unsupported-version",
              "pvno " + std::to_string(pvno) + " is not supported; send 2 or 3");
}

// What may open a transaction, and announcements, which are no part of one.
bool may_lack_transaction_id(BodyType type) noexcept {
  switch (type) {
    case BodyType::ir:
    case BodyType::cr:
    case BodyType::p10cr:
    case BodyType::kur:
    case BodyType::krr:
    case BodyType::rr:
    case BodyType::ccr:
    case BodyType::genm:
    case BodyType::nested:
    case BodyType::ckuann:
    case BodyType::cann:
    case BodyType::rann:
    case BodyType::crlann:
      return true;
    default:
      return false;
  }
}

// RFC 9810 §5.1.1 [MUST] "Subsequent requests and responses MUST all set the transactionID"
Result<> check_transaction_id(const message::PKIMessage& message) {
  const auto& id = message.header.transaction_id;
  if (!id) {
    if (may_lack_transaction_id(message.body.type)) return {};
    return fail(Failure::badDataFormat, "protect.transaction-id-missing",
                "transactionID is missing; a " + std::string(message::name(message.body.type)) +
                    " repeats that of the first message");
  }
  if (!id->empty() && id->octets.size() <= kLongestTransactionId) return {};
  return fail(Failure::badDataFormat, "protect.transaction-id-length",
              "transactionID has " + std::to_string(id->octets.size()) + " octets; use " +
                  between(1, kLongestTransactionId) + ", best 16 random ones");
}

// RFC 9483 §3.1 [MUST] senderNonce of at least 128 bits in every message
Result<> check_nonces(const message::PKIHeader& header) {
  if (!header.sender_nonce)
    return fail(Failure::badSenderNonce, "protect.sender-nonce-missing",
                "senderNonce is missing; put 16 fresh random octets there");
  const std::size_t size = header.sender_nonce->octets.size();
  if (size < kShortestNonce || size > kLongestNonce)
    return fail(Failure::badSenderNonce, "protect.sender-nonce-length",
                "senderNonce has " + std::to_string(size) + " octets; use " +
                    between(kShortestNonce, kLongestNonce) + " of fresh random");
  if (header.recip_nonce && header.recip_nonce->octets.size() > kLongestNonce)
    return fail(Failure::badRecipientNonce, "protect.recip-nonce-length",
                "recipNonce is longer than any senderNonce of ours; copy the last one, or leave it "
                "out of a first message");
  return {};
}

Result<> check_key_id(const message::PKIHeader& header) {
  if (!header.sender_kid) return {};
  if (!header.sender_kid->empty() && header.sender_kid->size() <= kLongestKeyId) return {};
  return fail(Failure::badDataFormat, "protect.key-id-length",
              "senderKID has " + std::to_string(header.sender_kid->size()) + " octets; use " +
                  between(1, kLongestKeyId));
}

template <class List>
bool is_empty_list(const message::BodyContent& content) {
  const List* list = std::get_if<List>(&content);
  return list != nullptr && list->empty();
}

// Lists that are SIZE (1..MAX) or that ask for nothing when they are empty. certConf (everything is
// rejected) and genm (tell me all) may be empty.
Result<> check_body(const message::PKIBody& body) {
  const auto* nested = std::get_if<message::NestedMessageContent>(&body.content);
  const auto* answers = std::get_if<message::POPODecKeyRespContent>(&body.content);
  const bool empty = is_empty_list<crmf::CertReqMessages>(body.content) ||
                     is_empty_list<message::RevReqContent>(body.content) ||
                     is_empty_list<message::PollReqContent>(body.content) ||
                     (nested != nullptr && nested->messages.empty()) ||
                     (answers != nullptr && answers->integers.empty());
  if (!empty) return {};
  return fail(
      Failure::badDataFormat, "protect.body-empty",
      "the " + std::string(message::name(body.type)) + " has no element; put at least one into it");
}

}  // namespace

// RFC 9810 §5.1.1 [MUST] protectionAlg is there exactly when protection is
Result<> check_protection(const message::PKIMessage& message) {
  if (!message.protection)
    return fail(Failure::badMessageCheck, "protect.unprotected",
                "the message has no protection; add a MAC or a signature");
  if (!message.header.protection_alg)
    return fail(Failure::badMessageCheck, "protect.algorithm-missing",
                "protectionAlg is missing; name the algorithm of the protection");
  if (message.protection->unused != 0)
    return fail(Failure::badDataFormat, "protect.protection-bits",
                "the protection is not a whole number of octets; use a BIT STRING without unused "
                "bits");
  return {};
}

Result<> check_header(const message::PKIMessage& message) {
  TRY(check_version(message.header.pvno));
  TRY(check_transaction_id(message));
  TRY(check_nonces(message.header));
  TRY(check_key_id(message.header));
  TRY(check_body(message.body));
  return check_protection(message);
}

// RFC 9483 §3.5 [MUST] pvno 2 or 3 and a senderNonce of at least 128 bits, in every response. A
// pkiConf may lack it, as RFC 9810 §5.1.1 lets it: nothing answers that, and what it confirms is
// not lost.
Result<> check_response_header(const message::PKIMessage& response) {
  const auto* error = std::get_if<message::ErrorMsgContent>(&response.body.content);
  if (error != nullptr && error->status.status != message::PKIStatus::waiting) return {};
  auto checked = check_version(response.header.pvno);
  const bool last = response.body.type == BodyType::pkiconf && !response.header.sender_nonce;
  if (checked && !last) checked = check_nonces(response.header);
  if (!checked)
    checked.error().reply_text =
        "the header of the server's answer is wrong: " + checked.error().reply_text;
  return checked;
}

std::optional<std::string> reference_of(const message::PKIHeader& header) {
  std::string reference;
  if (header.sender_kid) {
    reference = text(*header.sender_kid);
  } else if (const auto name = x509::directory_name(header.sender)) {
    const std::vector<std::string> names = x509::attributes(*name, kCommonName);
    if (names.size() == 1) reference = names.front();
  }
  const bool printable =
      std::ranges::none_of(reference, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (reference.empty() || !printable || !der::valid_utf8(view(reference))) return std::nullopt;
  return reference;
}

Result<> check_message_time(const message::PKIHeader& header, const Policy& policy, Time now) {
  if (!header.message_time) {
    if (!policy.require_message_time) return {};
    return fail(Failure::missingTimeStamp, "protect.message-time-missing",
                "messageTime is missing; put the current time there, it is " + to_iso(now));
  }
  const Seconds apart = std::chrono::abs(*header.message_time - now);
  if (policy.time_window == Seconds{0} || apart <= policy.time_window) return {};
  return fail(Failure::badTime, "protect.time-window",
              "messageTime is " + to_iso(*header.message_time) + ", here it is " + to_iso(now) +
                  "; set the clock to within " + to_text(policy.time_window));
}

}  // namespace countersign::protect
