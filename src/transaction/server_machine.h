// The server's half of every transaction, as one total function:
//
//   step : (Transaction, Event, Facts, now) -> (Transaction', reply?, effects)
//
// It does no I/O, reads no clock, rolls no dice and never throws. What was looked up or verified
// beforehand comes in as Facts; what is to be done goes out as Effects, which are values. State is
// kept per request (asked -> answered -> delivered -> settled): one ip can hold a certificate and a
// `waiting`, one certConf can accept one certificate and reject another (RFC 9810 §5.3.22).
//
// Which body is accepted in which phase is a table: kActions in phase_table.h.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "message/authenticated.h"
#include "message/translation.h"
#include "message/variant.h"
#include "transaction/values.h"

namespace countersign::transaction {

// ---- state of one request (a CertReqMsg, a p10cr, a RevDetails, a whole genm)
struct Asked {  // expects the issuer's answer
  Seconds check_after{60};
  bool pending = false;  // the issuer said: later
  friend bool operator==(const Asked&, const Asked&) = default;
};
struct Answered {  // expects to be told to the client
  Answer answer;
};
struct Delivered {  // expects its certConf
  Bytes serial;
  Bytes certificate;  // restored from the store, not part of the encoded state
};
enum class Outcome : Byte { accepted, rejected, refused, lapsed, done };
struct Settled {
  Outcome outcome = Outcome::done;
};
using RequestState = std::variant<Asked, Answered, Delivered, Settled>;

struct Request {
  RequestId id;
  RequestState state;
  std::optional<Bytes> replaces;  // kur: serial of the certificate that this one replaces
  std::string modifications;      // grantedWithMods, in words
  std::string profile = {};       // certificate template that was granted
  // The private key that was made for the requester, as an EnvelopedData: until it is told.
  Bytes private_key = {};
  bool updated_before = false;     // kur: another certificate replaced the old one before
  std::vector<Bytes> tokens = {};  // digests: a use of each is reserved
  std::string authority = {};      // that is asked; empty: the server's own
  std::string device = {};         // serial number in the registry that it is for
  std::string subscriber = {};     // whose it will be; empty: nobody's in particular
};

// What a certConf said of a certificate, while its issuer has yet to hear of it.
struct Decided {
  Bytes serial;
  Outcome outcome = Outcome::accepted;
};

enum class Phase : Byte { fresh, waiting, confirming, ended };

struct Transaction {
  message::BodyType initial = message::BodyType::ir;
  std::int64_t pvno = 2;
  Nonce last_nonce;      // our senderNonce: what the next recipNonce must be
  Nonce original_nonce;  // the client's, of its first message
  // Of its first message, set by who opens the transaction: every certificate is stored under it,
  // so that the message never gets a second one, however late the issuer answered.
  RequestDigest origin;
  bool implicit_wanted = false;
  bool mac_protected = false;
  bool uses_credential = false;    // a use of its credential is reserved
  std::optional<Time> confirm_by;  // certConf is awaited until then
  std::optional<Time> give_up_at;  // waiting ends then
  std::vector<Request> requests;
  // The protection certificate of the first message: later ones may leave it out.
  std::optional<Bytes> signer_certificate;
  // The message whose reply holds a private key: that reply is forgotten at confirmation.
  std::optional<RequestDigest> key_reply = {};
  std::vector<Decided> decided = {};  // its sender polls for the pkiconf
};
// `fresh` before the first message; `confirming` wins over `waiting` when both are true of
// requests.
Phase phase(const Transaction& t) noexcept;
bool has_waiting(const Transaction& t) noexcept;

// ---- events
struct Received {
  const message::AuthenticatedMessage& message;
};
struct AnswerArrived {
  std::size_t index = 0;  // in Transaction::requests
  Answer answer;
  Bytes private_key = {};  // EnvelopedData, when the order wanted a central key
};
struct Elapsed {};
using Event = std::variant<Received, AnswerArrived, Elapsed>;

// ---- facts
enum class Unconfirmed { revoke, keep, alarm };
// What responses have in extraCerts, beside what their variant wants there.
enum class ExtraCerts {
  chain,           // of whoever signs, and of what is issued, without the roots
  chain_and_root,  // and the roots
  signer,          // the certificate of whoever signs, alone
  none,            // of those under a MAC: nothing
};
// In which responses the root goes along as caPubs.
enum class CaPubs {
  mac_only,  // in an ip whose request was protected by a shared secret
  never,
  always,  // with every certificate; of a lightweight endpoint: in every ip
};
struct Rules {  // of the endpoint; every field is a configuration key
  message::Variant variant = message::Variant::general;
  bool implicit_confirm = true;
  Seconds confirm_wait{300};
  Unconfirmed unconfirmed = Unconfirmed::revoke;
  bool kur_revoke_old = false;
  Seconds longest_wait{30LL * 86400};  // for an issuer's answer
  std::size_t most_requests = 100;     // in one message
  ExtraCerts extra_certs = ExtraCerts::chain;
  CaPubs ca_pubs = CaPubs::mac_only;
};
struct Facts {
  const Rules& rules;
  Nonce fresh_nonce;  // 16 random octets: our senderNonce
  // One per request of a first message, in order: what enrol's rules say.
  std::vector<std::expected<Order, Error>> verdicts;
  // The recipNonce is one that we derived for a pollRep.
  bool derived_nonce_fits = false;
  RequestDigest message = {};                          // that is answered
  message::Language language = message::Language::en;  // that its sender wants
};

// ---- what comes out
struct Ask {  // of the issuer; its answer comes back as AnswerArrived
  std::size_t index = 0;
  Order order;
};
struct Confirm {  // unconfirmed -> valid
  Bytes serial;
};
struct Withdraw {  // unconfirmed -> revoked
  Bytes serial;
  int reason = 0;
  std::string why;
};
struct Supersede {  // the old certificate of a confirmed key update
  Bytes serial;
};
struct Replace {  // a key update is confirmed: what became of the old certificate
  Bytes serial;
  Bytes by;
};
struct ForgetReply {  // a private key is sent again to nobody
  RequestDigest message;
};
struct ReserveUse {};
struct GiveUseBack {};
struct ReserveToken {
  Bytes digest;
};
struct GiveTokenBack {
  Bytes digest;
};
struct Note {  // an audit row; the responder adds who and when
  std::string event;
  Bytes serial;
  std::string code;
  std::string detail;
};
using Effect = std::variant<Ask, Confirm, Withdraw, Supersede, Replace, ForgetReply, ReserveUse,
                            GiveUseBack, ReserveToken, GiveTokenBack, Note>;

struct Reply {
  message::PKIBody body;
  std::vector<message::InfoTypeAndValue> general_info;
  std::vector<Bytes> extra_certs;  // chain of what was issued
  bool changes_state = true;       // false: made anew when asked again (genp, pollRep)
};

struct Step {
  Transaction next;
  std::optional<Reply> reply;
  std::vector<Effect> effects;
};

// An Error leaves the transaction as it was; the caller answers with an error message.
Result<Step> step(Transaction transaction, const Event& event, const Facts& facts, Time now);

// Instead of `step.next`, when the issuer elsewhere has not answered what `step` settles: the
// transaction before it, with what was decided; its sender is told to wait, and polls
// (RFC 9483 §4.4). `first`: its certConf, rather than a pollReq after it.
enum class Postponing { first, again };
Step postpone(Transaction before, const Step& step, Postponing which, const Facts& facts, Time now);

// When the machine wants to be woken with Elapsed; nullopt: never.
std::optional<Time> wake_at(const Transaction& t) noexcept;

}  // namespace countersign::transaction
