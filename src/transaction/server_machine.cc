#include "transaction/server_machine.h"

#include <algorithm>

#include "message/info_type.h"
#include "transaction/confirmation.h"
#include "transaction/ending.h"
#include "transaction/phase_table.h"
#include "transaction/replies.h"

namespace countersign::transaction {
namespace {

using message::BodyType;

template <class State>
bool any_in(const Transaction& t) noexcept {
  return std::ranges::any_of(
      t.requests, [](const Request& r) { return std::holds_alternative<State>(r.state); });
}

std::unexpected<Error> refuse_body(Action action, BodyType body) {
  const std::string what(name(body));
  switch (action) {
    case Action::in_use:
      // RFC 9810 §5.1.1 [MUST] one transactionID, one transaction
      return fail(Failure::transactionIdInUse, "transaction.id-in-use",
                  "this transactionID is in use; begin again with a new random one of 16 octets");
    case Action::confirmed:
      return fail(Failure::certConfirmed, "transaction.already-settled",
                  "the certificates of this transaction were confirmed or rejected before");
    case Action::not_served:
      return fail(Failure::badRequest, "transaction.not-served",
                  "this server does not take " + what + " messages");
    case Action::not_ours:
      return fail(Failure::badRequest, "transaction.not-ours",
                  "a " + what + " is sent by servers only; send a request");
    default:
      return fail(Failure::badRequest, "transaction.unexpected",
                  "no " + what +
                      " is expected in this transaction now; begin a new one with "
                      "ir, cr, kur, p10cr, rr or genm");
  }
}

// The requests that a first message holds, in order, each under its own id.
std::vector<RequestId> request_ids(const message::PKIBody& body, message::Variant variant) {
  std::vector<RequestId> ids;
  // RFC 9483 §4.1.1, §4.2 [MUST] one request, of certReqId 0: whatever else came is refused as one
  const bool one = body.type != BodyType::p10cr && body.type != BodyType::genm;
  if (variant == message::Variant::lightweight && one) return {RequestId{0}};
  if (const auto* list = std::get_if<crmf::CertReqMessages>(&body.content))
    for (const auto& r : *list) ids.push_back(r.cert_req.cert_req_id);
  else if (const auto* revocations = std::get_if<message::RevReqContent>(&body.content))
    for (std::size_t i = 0; i < revocations->size(); ++i)
      ids.push_back(RequestId{static_cast<std::int64_t>(i)});
  else
    ids.push_back(kWholeMessage);  // RFC 9810 §5.3.4: -1 for a p10cr; §5.3.22 for whole messages
  return ids;
}

Result<> check_ids(const std::vector<RequestId>& ids, const Rules& rules) {
  if (ids.empty())
    return fail(Failure::badRequest, "transaction.no-request", "the message asks for nothing");
  if (ids.size() > rules.most_requests)
    return fail(Failure::badRequest, "transaction.too-many-requests",
                "at most " + std::to_string(rules.most_requests) + " requests in one message");
  auto sorted = ids;
  std::ranges::sort(sorted);
  if (std::ranges::adjacent_find(sorted) != sorted.end())
    return fail(Failure::badRequest, "transaction.request-id-twice",
                "two requests have the same certReqId; number them 0, 1, 2, …");
  return {};
}

// RFC 9810 §5.1.1 [MUST] recipNonce is the senderNonce of the message that is answered
Result<> check_nonce(const Transaction& t, const message::PKIHeader& header, bool derived_fits) {
  if (header.recip_nonce && (*header.recip_nonce == t.last_nonce || derived_fits)) return {};
  return fail(Failure::badRecipientNonce, "transaction.recip-nonce",
              "recipNonce must be the senderNonce of our last message in this transaction");
}

// RFC 9810 §5.1.1.3: what a registration authority made its request from. It proves nothing here:
// its names go to the audit. From anybody else it is one info type more that says nothing to us.
Result<> note_original(const message::AuthenticatedMessage& m, std::vector<Effect>& effects) {
  const auto* item = message::find(m->header.general_info, message::it::origPKIMessage);
  if (item == nullptr || !m.sender().may_act_as_ra) return {};
  const auto value = message::decode(*item);
  const auto* original = value ? std::get_if<message::OrigMessages>(&*value) : nullptr;
  // [MUST] exactly one
  if (original == nullptr || original->messages.size() != 1)
    return fail(Failure::badDataFormat, "transaction.original",
                "origPKIMessage in generalInfo is not a sequence of exactly one PKIMessage");
  const auto& header = original->messages.front().header;
  const std::string id = header.transaction_id ? header.transaction_id->hex() : "none";
  const std::string sender = x509::to_text(header.sender);
  constexpr std::size_t kLongestName = 200;
  effects.emplace_back(Note{
      "original",
      {},
      {},
      "transactionID " + id + " of " + (sender.size() > kLongestName ? "a long name" : sender)});
  return {};
}

Step finish(Transaction t, std::vector<Effect> effects, const Facts& facts, Time now) {
  Step out{std::move(t), std::nullopt, std::move(effects)};
  out.reply = make_response(out.next, out.effects, facts, now);
  if (out.reply && out.reply->changes_state) out.next.last_nonce = facts.fresh_nonce;
  give_uses_back(out.next, out.effects);
  return out;
}

Result<Step> begin(Transaction t, const message::AuthenticatedMessage& m, const Facts& facts,
                   Time now) {
  const auto& header = m->header;
  // RFC 9483 §3.1 [MUST NOT] recipNonce in a first message
  if (header.recip_nonce)
    return fail(Failure::badRecipientNonce, "transaction.recip-nonce-unasked",
                "leave recipNonce out of the first message of a transaction");
  const auto ids = request_ids(m->body, facts.rules.variant);
  TRY(check_ids(ids, facts.rules));
  t.initial = m->body.type;
  t.pvno = header.pvno;
  t.original_nonce = *header.sender_nonce;
  t.mac_protected = m.sender().proof == message::ProofKind::mac;
  t.implicit_wanted = message::find(header.general_info, message::it::implicitConfirm) != nullptr;
  if (m.sender().certificate) t.signer_certificate = m.sender().certificate->der;
  std::vector<Effect> effects;
  TRY(note_original(m, effects));
  for (std::size_t i = 0; i < ids.size(); ++i) {
    Request request{ids[i], Asked{}, {}, {}, {}};
    const auto& verdict = facts.verdicts.at(i);
    if (!verdict) {
      effects.emplace_back(
          Note{"refused", {}, std::string(verdict.error().code), verdict.error().detail});
      request.state = Answered{Refused{verdict.error()}};
    } else {
      if (const auto* order = std::get_if<CertificateOrder>(&*verdict)) {
        request.replaces = order->replaces;
        request.modifications = order->modifications;
        request.profile = order->profile;
        request.authority = order->authority;
        request.updated_before = order->updated_before;
        request.tokens = order->tokens;
        request.device = order->device;
        request.subscriber = order->subscriber;
        for (const Bytes& token : order->tokens) effects.emplace_back(ReserveToken{token});
        if (!order->ignored.empty())
          effects.emplace_back(Note{"ignored", {}, "control.ignored", order->ignored});
      }
      effects.emplace_back(Ask{i, *verdict});
    }
    t.requests.push_back(std::move(request));
  }
  if (any_in<Asked>(t)) return Step{std::move(t), std::nullopt, std::move(effects)};
  return finish(std::move(t), std::move(effects), facts, now);
}

// An issuer that answers what it was not asked has failed.
Answer fitting(BodyType initial, const Answer& answer) {
  const bool fits = std::holds_alternative<Refused>(answer) ||
                    (initial == BodyType::rr     ? std::holds_alternative<Revoked>(answer)
                     : initial == BodyType::genm ? std::holds_alternative<Informed>(answer)
                                                 : std::holds_alternative<Issued>(answer));
  if (fits) return answer;
  return Refused{{Failure::systemFailure, "transaction.answer-kind",
                  "this server failed; try again later", "the issuer's answer is of another kind"}};
}

// The answer of an issuer. While the client waits on its connection the reply comes as soon as
// every request has an answer or a "later".
Result<Step> take_answer(Transaction t, const AnswerArrived& event, const Facts& facts, Time now) {
  std::vector<Effect> effects;
  if (event.index >= t.requests.size()) return Step{std::move(t), std::nullopt, {}};
  Request& request = t.requests[event.index];
  auto* asked = std::get_if<Asked>(&request.state);
  if (asked == nullptr) return Step{std::move(t), std::nullopt, {}};  // told twice: the first holds
  if (!event.private_key.empty()) request.private_key = event.private_key;
  if (const auto* pending = std::get_if<Pending>(&event.answer)) {
    asked->pending = true;
    asked->check_after = pending->check_after;
    if (!t.give_up_at) t.give_up_at = now + facts.rules.longest_wait;
  } else {
    const Answer answer = fitting(t.initial, event.answer);
    if (const auto* issued = std::get_if<Issued>(&answer)) {
      effects.emplace_back(Note{"issued",
                                issued->serial,
                                {},
                                request.private_key.empty() ? "" : "its key was made here"});
      if (!issued->modifications.empty())
        request.modifications +=
            (request.modifications.empty() ? "" : "; ") + issued->modifications;
      if (t.mac_protected && !t.uses_credential) {
        t.uses_credential = true;
        effects.emplace_back(ReserveUse{});
      }
    }
    if (const auto* refused = std::get_if<Refused>(&answer)) {
      request.private_key.clear();
      effects.emplace_back(
          Note{"refused", {}, std::string(refused->error.code), refused->error.detail});
    }
    request.state = Answered{answer};
  }
  const bool undecided = std::ranges::any_of(t.requests, [](const Request& r) {
    const auto* a = std::get_if<Asked>(&r.state);
    return a != nullptr && !a->pending;
  });
  // last_nonce is empty until the first reply: only then is a reply due for an answer.
  if (undecided || !t.last_nonce.empty())
    return Step{std::move(t), std::nullopt, std::move(effects)};
  return finish(std::move(t), std::move(effects), facts, now);
}

Result<Step> poll(Transaction t, const message::AuthenticatedMessage& m, const Facts& facts,
                  Time now) {
  TRY(check_nonce(t, m->header, facts.derived_nonce_fits));
  if (!t.decided.empty()) return confirmed_at_last(std::move(t), facts);
  if (!has_waiting(t))
    return fail(Failure::badRequest, "transaction.nothing-waits",
                "nothing of this transaction is waiting; send certConf for what was delivered");
  const auto& asked = std::get<message::PollReqContent>(m->body.content);
  for (const auto& entry : asked) {
    const bool known = entry.cert_req_id == kWholeMessage || entry.cert_req_id == RequestId{0} ||
                       std::ranges::any_of(
                           t.requests, [&](const Request& r) { return r.id == entry.cert_req_id; });
    if (!known)
      return fail(Failure::badRequest, "transaction.poll-id",
                  "pollReq names certReqId " + std::to_string(entry.cert_req_id.value) +
                      ", which this transaction does not have");
  }
  // rp and genp answer the whole message: they wait for the last part.
  const bool whole = t.initial == BodyType::rr || t.initial == BodyType::genm;
  if (!any_in<Answered>(t) || (whole && any_in<Asked>(t))) {
    Step out{std::move(t), std::nullopt, {}};
    out.reply = make_poll_rep(out.next, asked);
    return out;
  }
  return finish(std::move(t), {}, facts, now);
}

Result<Step> confirm(Transaction t, const message::AuthenticatedMessage& m, const Facts& facts) {
  // With one still waiting, our last message may be a pollRep.
  TRY(check_nonce(t, m->header, facts.derived_nonce_fits));
  const auto& list = std::get<message::CertConfirmContent>(m->body.content);
  const auto decisions = TRY(read_confirmation(t, list, m->header.pvno));
  std::vector<Effect> effects;
  for (const Decision& d : decisions) apply_decision(t, d, facts.rules, effects);
  return confirmed(std::move(t), std::move(effects), facts);
}

// RFC 9810 §5.3.21: a client's error is answered by pkiconf.
Result<Step> close(Transaction t, const Facts& facts, const message::PKIHeader& header) {
  TRY(check_nonce(t, header, facts.derived_nonce_fits));
  // After its certConf: what that said stands, and the issuer may have heard of it.
  if (!t.decided.empty()) return confirmed_at_last(std::move(t), facts);
  return abandon(std::move(t), facts, "the client answered with an error", pkiconf());
}

Result<Step> follow(Action what, Transaction t, const message::AuthenticatedMessage& m,
                    const Facts& facts, Time now) {
  switch (what) {
    case Action::begin:
      return begin(std::move(t), m, facts, now);
    case Action::poll:
      return poll(std::move(t), m, facts, now);
    case Action::confirm:
      return confirm(std::move(t), m, facts);
    case Action::close:
      return close(std::move(t), facts, m->header);
    default:
      return refuse_body(what, m->body.type);
  }
}

Result<Step> receive(Transaction t, const message::AuthenticatedMessage& m, const Facts& facts,
                     Time now) {
  const Action what = action(phase(t), m->body.type);
  const bool open = phase(t) == Phase::waiting || phase(t) == Phase::confirming;
  // What begins anew under an ID in use is another transaction's affair.
  const bool ends_by_refusal =
      facts.rules.variant == message::Variant::lightweight && open && what != Action::in_use;
  if (!ends_by_refusal) return follow(what, std::move(t), m, facts, now);
  auto done = follow(what, t, m, facts, now);
  if (done) return done;
  // RFC 9483 §3.6.4 [MUST] after any negative response the operation has ended in failure
  Step end =
      abandon(std::move(t), facts, "refused: " + done.error().reply_text,
              Reply{{BodyType::error, error_content(done.error(), facts.language)}, {}, {}, true});
  end.effects.emplace_back(
      Note{"refused", {}, std::string(done.error().code), done.error().reply_text});
  return end;
}

Step elapse(Transaction t, const Facts& facts, Time now) {
  std::vector<Effect> effects;
  if (t.confirm_by && now >= *t.confirm_by) {
    t.confirm_by.reset();
    apply_decided(t, facts.rules, effects);
    for (Request& r : t.requests)
      if (std::holds_alternative<Delivered>(r.state)) lapse(r, facts.rules, effects);
  }
  if (t.give_up_at && now >= *t.give_up_at) {
    t.give_up_at.reset();
    for (Request& r : t.requests) {
      if (!std::holds_alternative<Asked>(r.state) && !std::holds_alternative<Answered>(r.state))
        continue;
      Bytes serial;
      if (const auto* answered = std::get_if<Answered>(&r.state))
        if (const auto* issued = std::get_if<Issued>(&answered->answer)) {
          serial = issued->serial;
          effects.emplace_back(Withdraw{serial, 0, "nobody fetched it in time"});
        }
      r.state = Settled{Outcome::lapsed};
      r.private_key.clear();
      effects.emplace_back(Note{"lapsed", std::move(serial), "transaction.waited-too-long", {}});
    }
  }
  give_uses_back(t, effects);
  forget_key_reply(t, effects);
  return Step{std::move(t), std::nullopt, std::move(effects)};
}

}  // namespace

bool has_waiting(const Transaction& t) noexcept { return any_in<Asked>(t) || any_in<Answered>(t); }

Phase phase(const Transaction& t) noexcept {
  if (t.requests.empty()) return Phase::fresh;
  if (any_in<Delivered>(t)) return Phase::confirming;
  if (has_waiting(t)) return Phase::waiting;
  return Phase::ended;
}

std::optional<Time> wake_at(const Transaction& t) noexcept {
  if (phase(t) == Phase::ended) return std::nullopt;
  if (t.confirm_by && t.give_up_at) return std::min(*t.confirm_by, *t.give_up_at);
  return t.confirm_by ? t.confirm_by : t.give_up_at;
}

Result<Step> step(Transaction transaction, const Event& event, const Facts& facts, Time now) {
  if (const auto* received = std::get_if<Received>(&event))
    return receive(std::move(transaction), received->message, facts, now);
  if (const auto* answer = std::get_if<AnswerArrived>(&event))
    return take_answer(std::move(transaction), *answer, facts, now);
  return elapse(std::move(transaction), facts, now);
}

}  // namespace countersign::transaction
