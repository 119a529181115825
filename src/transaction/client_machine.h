// The client's half of a transaction, the mirror of server_machine.h and as pure:
//
//   step : (ClientTransaction, event, facts, now) -> (ClientTransaction', what to do)
//
// The caller protects and sends what Send says, checks and stores what Examine hands it, and comes
// back. Whatever is confirmed was on disk before: certConf is only made after Examined.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "transaction/values.h"

namespace countersign::transaction {

enum class ClientPhase : Byte {
  start,
  awaiting_response,  // ip, cp, kup, rp, genp, or a wait
  polling,            // between pollReqs
  examining,          // the caller looks at the certificate
  awaiting_pkiconf,
  ended,
};

struct ClientTransaction {
  ClientPhase phase = ClientPhase::start;
  TransactionId id;
  message::BodyType initial = message::BodyType::ir;
  std::int64_t pvno = 2;
  RequestId request;    // of the one certificate asked for
  Nonce delayed_nonce;  // of our request whose answer is polled for; empty: none is
  Nonce last_nonce;     // our latest senderNonce
  Nonce server_nonce;   // its latest senderNonce
  std::optional<x509::GeneralName> responder;  // sender of its latest message
  Bytes certificate;                           // under examination
  bool implicit_granted = false;
  bool whole_message_waits = false;  // polls name -1
  bool confirming = false;           // certConf was sent: what is polled for is pkiconf
  std::optional<Time> poll_at;
  Time give_up_at{};
};

// ---- events
struct Begin {
  message::PKIBody body;
  std::vector<message::InfoTypeAndValue> general_info;
  std::int64_t pvno = 2;
  Seconds patience{3600};  // for all polling together
};
struct ResponseArrived {  // its protection was checked
  message::PKIMessage message;
};
struct Examined {
  std::optional<Error> rejected;  // why the certificate is not wanted; nullopt: kept, on disk
};
struct WaitOver {};
using ClientEvent = std::variant<Begin, ResponseArrived, Examined, WaitOver>;

struct ClientFacts {
  TransactionId fresh_id;  // 16 random octets, for Begin
  Nonce fresh_nonce;       // 16 random octets
};

// ---- what to do
// Header fields are set but for sender, messageTime and protection, and recipient in the first.
struct Send {
  message::PKIMessage message;
};
struct WaitUntil {
  Time when{};
  Seconds check_after{0};
  std::string reason;
};
struct Examine {
  Bytes certificate;
  bool with_mods = false;
  std::string remarks;  // the server's statusString
  std::vector<Bytes> ca_pubs;
  std::vector<Bytes> extra_certs;
  bool implicitly_confirmed = false;                   // no certConf follows
  std::optional<crmf::EncryptedKey> private_key = {};  // that the server made for us
};
struct Completed {  // certificate kept, revocation done
  std::string remarks;
};
struct InformationReceived {  // genp
  std::vector<message::InfoTypeAndValue> items;
};
struct GaveUp {          // after "client.still-waiting" the transaction can be polled on, later
  Error error;           // what this side says
  bool refused = false;  // the server said no
  message::PKIStatusInfo status;
  std::vector<std::string> details;  // errorDetails
  bool by_error =
      false;  // an error message: it may be about our message, not about what it asks for
};
using ClientAction = std::variant<Send, WaitUntil, Examine, Completed, InformationReceived, GaveUp>;

struct ClientStep {
  ClientTransaction next;
  ClientAction action;
};
ClientStep step(ClientTransaction transaction, ClientEvent event, const ClientFacts& facts,
                Time now);

}  // namespace countersign::transaction
