// What can be said of a message without looking anything up. RFC 9810 §5.1.1, RFC 9483 §3.1, §3.5.
#pragma once

#include <optional>
#include <string>

#include "message/message.h"
#include "protect/policy.h"

namespace countersign::protect {

inline constexpr std::size_t kShortestNonce = 16;
inline constexpr std::size_t kLongestNonce = 64;
inline constexpr std::size_t kLongestTransactionId = 64;
inline constexpr std::size_t kLongestKeyId = 256;

// In this order, the first fault counts: pvno, transactionID, senderNonce, recipNonce, senderKID,
// body not empty, protection present and named. Each Error says what to change.
//   unsupportedVersion  protect.unsupported-version
//   badDataFormat       protect.transaction-id-missing, protect.transaction-id-length,
//                       protect.key-id-length, protect.body-empty, protect.algorithm-missing,
//                       protect.protection-bits
//   badSenderNonce      protect.sender-nonce-missing, protect.sender-nonce-length
//   badRecipientNonce   protect.recip-nonce-length
//   badMessageCheck     protect.unprotected
Result<> check_header(const message::PKIMessage& message);
// The last of these alone.
Result<> check_protection(const message::PKIMessage& message);
// Of these, what a response has to have as well: pvno and senderNonce. What belongs to the
// transaction (the same pvno, transactionID, recipNonce) is for the client machine to see.
// Not asked of an error that ends the transaction: it is a failure in any case, and a server that
// could make nothing of the request has its reasons told, not its form criticised.
Result<> check_response_header(const message::PKIMessage& response);

// Of a MAC'd message, the reference that its secret is looked up under: senderKID, or the common
// name of sender where that is absent. nullopt: neither is there, or it is no printable UTF-8.
std::optional<std::string> reference_of(const message::PKIHeader& header);

// |messageTime - now| within the window; asked after the protection has been verified.
// Failure::badTime protect.time-window, Failure::missingTimeStamp protect.message-time-missing.
Result<> check_message_time(const message::PKIHeader& header, const Policy& policy, Time now);

}  // namespace countersign::protect
