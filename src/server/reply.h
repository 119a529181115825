// From what the machine wants said, or from an Error, to a protected message. The one place that
// turns an Error into a PKIStatusInfo.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>

#include "protect/protect.h"
#include "server/engine.h"

namespace countersign::server {

// How a reply is protected: in the kind of the request (RFC 9483 §3.2 [MUST]).
struct ReplyContext {
  const message::PKIHeader* request = nullptr;  // may be salvaged from what did not parse
  const protect::MacKey* mac_key = nullptr;     // the sender proved itself by a MAC
  bool authenticated = false;
  const enrol::CmpProfile* profile;  // of the endpoint
};

// Header of an answer: names turned round, transactionID and senderNonce copied. RFC 9483 §5.1.
message::PKIMessage answer_to(const Engine& engine, const ReplyContext& context, Nonce fresh_nonce,
                              Time now);

// Protects and encodes. To an authenticated sender in its own kind; to any other with our signature
// or not at all, by configuration, and never with a MAC: that would be an oracle for the secret.
boost::asio::awaitable<Result<Bytes>> seal_reply(const Engine& engine, const ReplyContext& context,
                                                 message::PKIMessage reply);

// An error message, protected and encoded. Cannot fail: what cannot be signed goes unprotected.
boost::asio::awaitable<Bytes> error_reply(const Engine& engine, const ReplyContext& context,
                                          const Error& error, Nonce fresh_nonce, Time now);

// Nonces of pollReps are derived, so that the next pollReq can be checked though nothing was
// stored: 8 random octets and a PRF over them and the transactionID.
Nonce derive_poll_nonce(const Secret& poll_key, const TransactionId& id, View eight_random);
bool is_derived_poll_nonce(const Secret& poll_key, const TransactionId& id, const Nonce& nonce);

}  // namespace countersign::server
