#include "transaction/ending.h"

#include <algorithm>
#include <utility>

#include "transaction/confirmation.h"
#include "transaction/replies.h"

namespace countersign::transaction {

using message::BodyType;

namespace {

// Of a request that came to nothing.
void give_tokens_back(Request& r, std::vector<Effect>& effects) {
  const auto* settled = std::get_if<Settled>(&r.state);
  if (settled == nullptr || settled->outcome == Outcome::accepted) return;
  for (Bytes& token : std::exchange(r.tokens, {}))
    effects.emplace_back(GiveTokenBack{std::move(token)});
}

}  // namespace

void give_uses_back(Transaction& t, std::vector<Effect>& effects) {
  for (Request& r : t.requests) give_tokens_back(r, effects);
  if (!t.uses_credential || phase(t) != Phase::ended) return;
  const bool kept = std::ranges::any_of(t.requests, [](const Request& r) {
    const auto* settled = std::get_if<Settled>(&r.state);
    return settled != nullptr && settled->outcome == Outcome::accepted;
  });
  if (kept) return;
  t.uses_credential = false;
  effects.emplace_back(GiveUseBack{});
}

void forget_key_reply(Transaction& t, std::vector<Effect>& effects) {
  if (!t.key_reply || phase(t) == Phase::confirming) return;
  effects.emplace_back(ForgetReply{*t.key_reply});
  t.key_reply.reset();
}

Reply pkiconf() { return {{BodyType::pkiconf, message::PKIConfirmContent{}}, {}, {}, true}; }

Step confirmed(Transaction t, std::vector<Effect> effects, const Facts& facts) {
  t.confirm_by.reset();
  t.decided.clear();
  give_uses_back(t, effects);
  forget_key_reply(t, effects);
  t.last_nonce = facts.fresh_nonce;
  return {std::move(t), pkiconf(), std::move(effects)};
}

Step confirmed_at_last(Transaction t, const Facts& facts) {
  std::vector<Effect> effects;
  apply_decided(t, facts.rules, effects);
  return confirmed(std::move(t), std::move(effects), facts);
}

Step abandon(Transaction t, const Facts& facts, const std::string& why, Reply reply) {
  std::vector<Effect> effects;
  for (Request& r : t.requests) {
    if (std::holds_alternative<Delivered>(r.state))
      apply_decision(t, Decision{&r, Outcome::rejected, why}, facts.rules, effects);
    else if (const auto* answered = std::get_if<Answered>(&r.state)) {
      if (const auto* issued = std::get_if<Issued>(&answered->answer)) {
        effects.emplace_back(Withdraw{issued->serial, 0, why});
        effects.emplace_back(Note{"rejected", issued->serial, {}, why});
      }
      r.state = Settled{Outcome::rejected};
    } else if (std::holds_alternative<Asked>(r.state)) {
      r.state = Settled{Outcome::rejected};
    }
  }
  t.confirm_by.reset();
  t.decided.clear();
  give_uses_back(t, effects);
  forget_key_reply(t, effects);
  t.last_nonce = facts.fresh_nonce;
  return Step{std::move(t), std::move(reply), std::move(effects)};
}

Step postpone(Transaction before, const Step& step, Postponing which, const Facts& facts,
              Time now) {
  if (which == Postponing::again) {
    Step out{std::move(before), std::nullopt, {}};
    out.reply = make_poll_rep(out.next, {{kWholeMessage}});
    return out;
  }
  before.decided.clear();
  for (const Effect& effect : step.effects) {
    if (const auto* kept = std::get_if<Confirm>(&effect))
      before.decided.push_back({kept->serial, Outcome::accepted});
    if (const auto* gone = std::get_if<Withdraw>(&effect))
      before.decided.push_back({gone->serial, Outcome::rejected});
  }
  // Whoever does not poll is confirmed all the same, in the end: it said so.
  before.confirm_by = now + facts.rules.confirm_wait;
  before.last_nonce = facts.fresh_nonce;
  return {std::move(before), waiting_error(), {}};
}

}  // namespace countersign::transaction
