#include "properties/pair.h"

#include <algorithm>

#include "message/info_type.h"

namespace countersign::test {

using namespace transaction;

namespace {

Credentials quick_credentials() {
  Credentials out;
  out.iterations = 1;
  return out;
}

ServerSetting quick_setting(const Rules& rules) {
  ServerSetting out;
  out.rules = rules;
  out.protection = quick_policy();
  return out;
}

enrol::CredentialRecord one_use() {
  enrol::CredentialRecord out;
  out.reference = "device-7";
  out.secret = Secret(to_bytes("an agreed secret of some length"));
  out.names = "any";
  out.uses_left = out.uses_granted = 1;
  return out;
}

}  // namespace

Pair::Pair(PairScript script)
    : script_(std::move(script)),
      server_(quick_setting(script_.rules), issuer_),
      device_(quick_credentials()) {
  server_.add_credential(one_use());
  issuer_.otherwise = script_.first;
  if (script_.later) answers_at_ = kStart + script_.later->first;
}

// Timers and the issuer's late answer happen in their order on the way.
void Pair::move_to(Time when) {
  if (answers_at_ && *answers_at_ <= when && client_.id.octets.size() == 16) {
    now_ = std::max(now_, *answers_at_);
    server_.run_due(now_);
    answers_at_.reset();
    // Nothing waits when no request has arrived yet.
    if (issuer_.waits(0))
      server_.advance("secret:device-7", client_.id,
                      AnswerArrived{0, issuer_.late(0, script_.later->second, now_)}, now_);
  }
  now_ = when;
  server_.run_due(now_);
}

Bytes Pair::deliver(const Bytes& octets) {
  sent_.push_back(octets);
  return server_.handle(octets, now_);
}

std::optional<message::PKIMessage> Pair::exchange(const message::PKIMessage& m) {
  const Bytes octets = device_.seal(m, now_);
  Seconds pause{1};
  for (int i = 0; i < script_.attempts; ++i, pause *= 2) {
    const Fault fault = attempts_ < script_.faults.size() ? script_.faults[attempts_] : Fault{};
    ++attempts_;
    if (fault.stray && !sent_.empty())
      (void)server_.handle(sent_[*fault.stray % sent_.size()], now_);
    if (!fault.request_lost) {
      const Bytes reply = deliver(octets);
      auto opened = device_.open(reply, now_);
      if (!opened)
        broken.push_back("a reply that does not verify: " + std::string(opened.error().code));
      if (fault.doubled && opened) {
        const Bytes again = deliver(octets);
        const auto type = opened->body.type;
        const bool kept = type != message::BodyType::pollRep && type != message::BodyType::error;
        if (kept && again != reply) broken.push_back("the same request got another reply");
      }
      if (opened && !fault.reply_lost) return std::move(*opened);
    }
    move_to(now_ + pause);
  }
  return std::nullopt;
}

ClientStep Pair::act(ClientEvent event) {
  ClientFacts facts{TransactionId{Bytes(16)}, Nonce{Bytes(16)}};
  (void)entropy_.fill(facts.fresh_id.octets);
  (void)entropy_.fill(facts.fresh_nonce.octets);
  return step(client_, std::move(event), facts, now_);
}

// What comes of an action; nullopt: the end.
std::optional<ClientEvent> Pair::follow(const ClientAction& action, PairEnd& end) {
  if (const auto* send = std::get_if<Send>(&action)) {
    auto reply = exchange(send->message);
    if (reply) return ResponseArrived{std::move(*reply)};
    end.words = "transport";
  } else if (const auto* wait = std::get_if<WaitUntil>(&action)) {
    move_to(wait->when);
    return WaitOver{};
  } else if (const auto* examine = std::get_if<Examine>(&action)) {
    end.seen = examine->certificate;
    if (!script_.client_rejects) return Examined{};
    return Examined{Error{Failure::badCertTemplate, "client.subject", "another subject", {}}};
  } else if (const auto* gave_up = std::get_if<GaveUp>(&action)) {
    end.words = gave_up->error.code;
    end.refused = gave_up->refused;
  } else {
    end.words = "completed";
    if (!script_.client_rejects) end.kept = end.seen;
  }
  return std::nullopt;
}

PairEnd Pair::run(message::PKIBody body) {
  PairEnd end;
  Begin begin{std::move(body), {}, 2, script_.patience};
  if (script_.implicit)
    begin.general_info = {message::make_info(message::it::implicitConfirm, message::NullValue{})};
  std::optional<ClientEvent> event = std::move(begin);
  while (event) {
    auto [next, action] = act(std::move(*event));
    client_ = std::move(next);
    event = follow(action, end);
  }
  end.took = now_ - began_;
  return end;
}

void Pair::let_time_pass() {
  if (script_.later && answers_at_) move_to(std::max(now_, *answers_at_));
  for (int i = 0; i < 4; ++i)
    move_to(now_ + script_.rules.longest_wait + script_.rules.confirm_wait);
}

Result<message::PKIMessage> Pair::resend_first() {
  return device_.open(server_.handle(sent_.front(), now_), now_);
}

}  // namespace countersign::test
