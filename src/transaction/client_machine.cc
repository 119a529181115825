#include "transaction/client_machine.h"

#include <algorithm>

#include "crypto/digest.h"
#include "message/info_type.h"
#include "transaction/confirmation.h"

namespace countersign::transaction {
namespace {

using message::BodyType;
using message::PKIStatus;

ClientStep give_up(ClientTransaction t, Error error, message::PKIStatusInfo status = {},
                   std::vector<std::string> details = {}, bool refused = false) {
  t.phase = ClientPhase::ended;
  return {std::move(t),
          GaveUp{std::move(error), refused, std::move(status), std::move(details), false}};
}

ClientStep misfit(ClientTransaction t, std::string_view code, std::string sentence) {
  return give_up(std::move(t), Error{Failure::badRequest, code, std::move(sentence), {}});
}

ClientStep refused(ClientTransaction t, const message::PKIStatusInfo& status,
                   std::vector<std::string> details = {}) {
  std::string why;
  for (const auto& line : status.status_string) why += (why.empty() ? "" : "; ") + line;
  const auto bits =
      status.fail_info ? message::failures(*status.fail_info) : std::vector<Failure>{};
  Error error{bits.empty() ? Failure::badRequest : bits.front(),
              "client.refused",
              why.empty() ? "the server refused without a word" : why,
              {}};
  return give_up(std::move(t), std::move(error), status, std::move(details), true);
}

message::PKIMessage message_with(ClientTransaction& t, message::PKIBody body,
                                 const ClientFacts& facts) {
  message::PKIMessage m;
  m.header.pvno = t.pvno;
  m.header.transaction_id = t.id;
  // RFC 9483 §3.1 [MUST] a fresh senderNonce in every message
  t.last_nonce = facts.fresh_nonce;
  m.header.sender_nonce = t.last_nonce;
  if (!t.server_nonce.empty()) m.header.recip_nonce = t.server_nonce;
  // RFC 9483 §3.1 [SHOULD] in all but the first the sender of the message before
  if (t.responder) m.header.recipient = *t.responder;
  m.body = std::move(body);
  return m;
}

BodyType expected_response(BodyType request) {
  switch (request) {
    case BodyType::ir:
      return BodyType::ip;
    case BodyType::kur:
      return BodyType::kup;
    case BodyType::rr:
      return BodyType::rp;
    case BodyType::genm:
      return BodyType::genp;
    default:
      return BodyType::cp;
  }
}

RequestId first_request(const message::PKIBody& body) {
  if (const auto* list = std::get_if<crmf::CertReqMessages>(&body.content))
    if (!list->empty()) return list->front().cert_req.cert_req_id;
  return body.type == BodyType::p10cr ? kWholeMessage : RequestId{0};
}

ClientStep begin(ClientTransaction t, Begin event, const ClientFacts& facts, Time now) {
  t.id = facts.fresh_id;
  t.initial = event.body.type;
  t.pvno = event.pvno;
  t.request = first_request(event.body);
  t.give_up_at = now + event.patience;
  t.phase = ClientPhase::awaiting_response;
  auto m = message_with(t, std::move(event.body), facts);
  m.header.general_info = std::move(event.general_info);
  return {std::move(t), Send{std::move(m)}};
}

ClientStep wait(ClientTransaction t, Seconds check_after, std::string reason, Time now) {
  // RFC 9810 §5.3.22: checkAfter is a number of seconds; a peer's nonsense is cut to sense
  check_after = std::clamp(check_after, Seconds{1}, Seconds{86400});
  // RFC 9483 §4.4 [MUST] the senderNonce of the request that has to wait, not of the polls for it
  if (t.delayed_nonce.empty()) t.delayed_nonce = t.last_nonce;
  t.phase = ClientPhase::polling;
  t.poll_at = now + check_after;
  if (*t.poll_at > t.give_up_at) {
    Error error{Failure::systemUnavail,
                "client.still-waiting",
                "the server has not decided yet" + (reason.empty() ? "" : " (" + reason + ")") +
                    "; run the same command again later, or wait longer with --patience",
                {}};
    return {std::move(t), GaveUp{std::move(error), false, {}, {}}};
  }
  const Time when = *t.poll_at;
  return {std::move(t), WaitUntil{when, check_after, std::move(reason)}};
}

ClientStep send_poll(ClientTransaction t, const ClientFacts& facts) {
  t.phase = t.confirming ? ClientPhase::awaiting_pkiconf : ClientPhase::awaiting_response;
  t.poll_at.reset();
  const RequestId id = t.whole_message_waits ? kWholeMessage : t.request;
  auto m = message_with(t, {BodyType::pollReq, message::PollReqContent{{id}}}, facts);
  return {std::move(t), Send{std::move(m)}};
}

std::string joined(const message::PKIFreeText& lines) {
  std::string out;
  for (const auto& line : lines) out += (out.empty() ? "" : "; ") + line;
  return out;
}

ClientStep take_certificate(ClientTransaction t, message::PKIMessage& m,
                            const message::CertResponse& r,
                            const message::CertRepMessage& content) {
  const auto* certificate =
      r.certified_key_pair
          ? std::get_if<message::CMPCertificate>(&r.certified_key_pair->cert_or_enc_cert)
          : nullptr;
  if (certificate == nullptr)
    return misfit(std::move(t), "client.no-certificate",
                  "the server says accepted, but its answer holds no (unencrypted) certificate");
  Examine out{*certificate,
              r.status.status != PKIStatus::accepted,
              joined(r.status.status_string),
              content.ca_pubs,
              std::move(m.extra_certs),
              false,
              r.certified_key_pair->private_key};
  // RFC 9810 §5.1.1.1: no certConf follows where the server granted implicitConfirm
  out.implicitly_confirmed =
      message::find(m.header.general_info, message::it::implicitConfirm) != nullptr;
  t.implicit_granted = out.implicitly_confirmed;
  t.certificate = *certificate;
  t.phase = ClientPhase::examining;
  return {std::move(t), std::move(out)};
}

ClientStep take_certificates(ClientTransaction t, message::PKIMessage m, Time now) {
  const auto content = std::get<message::CertRepMessage>(m.body.content);
  const auto at = std::ranges::find_if(content.response, [&](const message::CertResponse& r) {
    // Servers differ on a p10cr's certReqId: -1 by the text, 0 in the field.
    return r.cert_req_id == t.request ||
           (t.initial == BodyType::p10cr && r.cert_req_id == RequestId{0});
  });
  if (at == content.response.end()) {
    const std::string ours = std::to_string(t.request.value);
    return misfit(std::move(t), "client.request-id",
                  "the answer has no entry for our certReqId " + ours);
  }
  t.request = at->cert_req_id;
  switch (at->status.status) {
    case PKIStatus::accepted:
    case PKIStatus::grantedWithMods:
      return take_certificate(std::move(t), m, *at, content);
    case PKIStatus::keyUpdateWarning:
      // RFC 9810 §5.2.3: the update was done already; here is another one, if there is
      if (t.initial == BodyType::kur && at->certified_key_pair)
        return take_certificate(std::move(t), m, *at, content);
      return refused(std::move(t), at->status);
    case PKIStatus::waiting:
      return wait(std::move(t), Seconds{1}, joined(at->status.status_string), now);
    default:
      return refused(std::move(t), at->status);
  }
}

ClientStep take_revocation(ClientTransaction t, const message::PKIMessage& m) {
  const auto& content = std::get<message::RevRepContent>(m.body.content);
  const auto& status = content.status.front();
  if (status.status == PKIStatus::rejection || status.status == PKIStatus::waiting)
    return refused(std::move(t), status);
  t.phase = ClientPhase::ended;
  return {std::move(t), Completed{joined(status.status_string)}};
}

ClientStep take_poll_rep(ClientTransaction t, const message::PKIMessage& m, Time now) {
  const auto& content = std::get<message::PollRepContent>(m.body.content);
  if (content.empty())
    return misfit(std::move(t), "client.poll-rep", "the server's pollRep is empty");
  const auto& entry = content.front();
  return wait(std::move(t), Seconds{std::clamp<std::int64_t>(entry.check_after, 1, 86400)},
              joined(entry.reason), now);
}

ClientStep take_error(ClientTransaction t, const message::PKIMessage& m, Time now) {
  const auto& content = std::get<message::ErrorMsgContent>(m.body.content);
  // RFC 9810 §5.3.22, RFC 9483 §4.4: an error of status waiting is no failure
  if (content.status.status == PKIStatus::waiting) {
    t.whole_message_waits = true;
    return wait(std::move(t), Seconds{1}, joined(content.status.status_string), now);
  }
  auto details = content.error_details;
  // RFC 9810 §7 [MUST] the header names the version that the server does support
  if (m.header.pvno != t.pvno)
    details.push_back("the server speaks version " + std::to_string(m.header.pvno) + " of CMP");
  auto step = refused(std::move(t), content.status, std::move(details));
  std::get<GaveUp>(step.action).by_error = true;
  return step;
}

// RFC 9810 §7 [MUST] the version of the request. Tolerated is 2: OpenSSL's server answers so
// whatever it was asked in, and a certConf with hashAlg may be of a higher version than its
// transaction.
bool version_fits(const ClientTransaction& t, const message::PKIMessage& m) {
  const auto* error = std::get_if<message::ErrorMsgContent>(&m.body.content);
  if (error != nullptr && error->status.status != PKIStatus::waiting) return true;
  return m.header.pvno == t.pvno || m.header.pvno == 2;
}

// RFC 9483 §3.5 [MUST] recipNonce is the senderNonce of our last message or, in the response that
// was delayed, of the request that it answers. A pollRep answers the pollReq.
bool answers_us(const ClientTransaction& t, const Nonce& recip_nonce, BodyType type) {
  if (recip_nonce == t.last_nonce) return true;
  return recip_nonce == t.delayed_nonce && !t.delayed_nonce.empty() && type != BodyType::pollRep;
}

std::optional<Error> check_fit(const ClientTransaction& t, const message::PKIMessage& m) {
  const message::PKIHeader& h = m.header;
  const auto bad = [](Failure f, std::string_view code, std::string text) {
    return Error{f, code, std::move(text), {}};
  };
  // RFC 9810 §5.1.1 [MUST] the transactionID of the request
  if (h.transaction_id != t.id)
    return bad(Failure::badDataFormat, "client.transaction-id",
               "the answer belongs to another transaction (transactionID differs)");
  if (h.recip_nonce && !answers_us(t, *h.recip_nonce, m.body.type))
    return bad(Failure::badRecipientNonce, "client.recip-nonce",
               "the answer is not to our message (recipNonce differs): a replay?");
  if (!h.recip_nonce)
    return bad(Failure::badRecipientNonce, "client.recip-nonce",
               "the answer does not say which message it answers (recipNonce is missing)");
  return std::nullopt;
}

ClientStep take_response(ClientTransaction t, message::PKIMessage m, Time now) {
  if (const auto error = check_fit(t, m)) return give_up(std::move(t), *error);
  if (!version_fits(t, m)) {
    const std::string asked = std::to_string(t.pvno);
    return give_up(std::move(t), Error{Failure::unsupportedVersion,
                                       "client.version",
                                       "the answer has pvno " + std::to_string(m.header.pvno) +
                                           ", the request had " + asked,
                                       {}});
  }
  t.server_nonce = m.header.sender_nonce.value_or(Nonce{});
  t.responder = m.header.sender;
  const BodyType type = m.body.type;
  if (type == BodyType::error) return take_error(std::move(t), m, now);
  if (t.phase == ClientPhase::awaiting_pkiconf) {
    if (type == BodyType::pollRep) return take_poll_rep(std::move(t), m, now);
    if (type != BodyType::pkiconf)
      return misfit(std::move(t), "client.unexpected",
                    "the server answered certConf by " + std::string(name(type)));
    t.phase = ClientPhase::ended;
    return {std::move(t), Completed{}};
  }
  if (t.phase != ClientPhase::awaiting_response)
    return misfit(std::move(t), "client.unasked", "the server sent what nobody asked for");
  if (type == BodyType::pollRep) return take_poll_rep(std::move(t), m, now);
  if (type != expected_response(t.initial)) {
    const std::string asked(name(t.initial));
    return misfit(std::move(t), "client.unexpected",
                  "the server answered " + asked + " by " + std::string(name(type)));
  }
  if (type == BodyType::rp) return take_revocation(std::move(t), m);
  if (type == BodyType::genp) {
    t.phase = ClientPhase::ended;
    return {std::move(t),
            InformationReceived{std::get<message::InfoMsgContent>(m.body.content).items}};
  }
  return take_certificates(std::move(t), std::move(m), now);
}

// certHash by the digest of the certificate's own signature; where that has none (ML-DSA, Ed448 in
// old peers) hashAlg SHA-256 and with it pvno 3. RFC 9810 §5.3.18.
std::optional<message::CertStatus> cert_status(ClientTransaction& t) {
  message::CertStatus status;
  status.cert_req_id = t.request;
  auto hash = certificate_hash(t.certificate, std::nullopt);
  if (!hash) {
    status.hash_alg = der::AlgorithmIdentifier{crypto::oid(crypto::Digest::sha256), {}};
    t.pvno = 3;
    hash = certificate_hash(t.certificate, status.hash_alg);
  }
  if (!hash) return std::nullopt;
  status.cert_hash = std::move(*hash);
  return status;
}

ClientStep confirm(ClientTransaction t, const Examined& examined, const ClientFacts& facts) {
  if (t.implicit_granted) {
    // RFC 9483 §4.1.1: once implicitly confirmed, a refusal is a local matter
    if (examined.rejected) return give_up(std::move(t), *examined.rejected);
    t.phase = ClientPhase::ended;
    return {std::move(t), Completed{}};
  }
  auto status = cert_status(t);
  if (!status)
    return misfit(std::move(t), "client.hash", "the certificate cannot be hashed for certConf");
  if (examined.rejected)
    status->status_info =
        message::rejection(examined.rejected->failure, examined.rejected->reply_text);
  t.phase = ClientPhase::awaiting_pkiconf;
  t.confirming = true;
  t.whole_message_waits = false;
  t.delayed_nonce = {};
  auto m = message_with(t, {BodyType::certConf, message::CertConfirmContent{*status}}, facts);
  return {std::move(t), Send{std::move(m)}};
}

}  // namespace

ClientStep step(ClientTransaction t, ClientEvent event, const ClientFacts& facts, Time now) {
  if (auto* b = std::get_if<Begin>(&event)) return begin(std::move(t), std::move(*b), facts, now);
  if (auto* r = std::get_if<ResponseArrived>(&event))
    return take_response(std::move(t), std::move(r->message), now);
  if (std::holds_alternative<WaitOver>(event)) return send_poll(std::move(t), facts);
  auto& examined = std::get<Examined>(event);
  if (t.phase != ClientPhase::examining)
    return misfit(std::move(t), "client.unasked", "there is no certificate to examine");
  return confirm(std::move(t), examined, facts);
}

}  // namespace countersign::transaction
