#include "client/conversation.h"

#include <algorithm>

#include "client/central_key.h"
#include "client/failure.h"
#include "protect/response_check.h"

namespace countersign::client {
namespace {

using transaction::ClientPhase;

constexpr std::size_t kIdOctets = 16;  // RFC 9483 §3.1: 128 bits

// What an answer that proves nothing says of itself, for people.
std::string claim(const message::PKIMessage& answer) {
  const auto* content = std::get_if<message::ErrorMsgContent>(&answer.body.content);
  if (content == nullptr) return "";
  std::string out;
  const auto add = [&](std::string_view text) {
    for (const char c : text.substr(0, 200))
      out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    out += "; ";
  };
  if (content->status.fail_info)
    for (const Failure failure : message::failures(*content->status.fail_info)) add(name(failure));
  for (const auto& line : content->status.status_string) add(line);
  for (const auto& line : content->error_details) add(line);
  if (out.size() > 2) out.resize(out.size() - 2);
  return out.empty() ? "; it claims to be an error" : "; it claims to be an error: " + out;
}

std::string failure_names(const message::PKIStatusInfo& status) {
  std::string out;
  if (status.fail_info)
    for (const Failure failure : message::failures(*status.fail_info))
      out += (out.empty() ? "" : ", ") + std::string(name(failure));
  return out;
}

bool already_confirmed(const message::PKIStatusInfo& status) {
  if (!status.fail_info) return false;
  const auto failures = message::failures(*status.fail_info);
  return std::ranges::find(failures, Failure::certConfirmed) != failures.end();
}

}  // namespace

Conversation::Conversation(Parties parties, Journal* journal, const Clock& clock, Entropy& entropy)
    : parties_(std::move(parties)),
      journal_(journal),
      clock_(clock),
      entropy_(entropy),
      record_(journal != nullptr ? &journal->record() : &own_record_) {}

Result<Next> Conversation::begin(Request request) {
  TRY(parties_.protection.begin(entropy_));
  // RFC 9810 §7 [MUST] pvno 3 where the answer is to hold an EnvelopedData
  const bool central = parties_.expectation && !parties_.expectation->key;
  return take_step(transaction::Begin{std::move(request.body), std::move(request.general_info),
                                      central ? 3 : 2, parties_.patience});
}

Result<Next> Conversation::resume() {
  record_->transaction.give_up_at = clock_.now() + parties_.patience;
  if (!record_->pending.empty()) {
    const auto sent =
        TRY(recode(message::parse_message(record_->pending), "client.journal-format"));
    TRY(parties_.protection.resume(sent));
    return SendNow{record_->pending};
  }
  if (record_->stage == Stage::confirmed) return Finished{};
  if (record_->transaction.phase == ClientPhase::polling && record_->transaction.poll_at) {
    TRY(parties_.protection.begin(entropy_));
    return WaitFor{*record_->transaction.poll_at, {}};
  }
  return fail(Failure::systemFailure, "client.journal-format",
              "what was begun cannot go on; begin anew with --start-over");
}

Result<message::PKIMessage> Conversation::open(View reply) {
  auto answer = TRY(recode(message::parse_message(reply), "client.not-cmp",
                           "what came as an answer is no CMP message"));
  const auto& trust = parties_.trust;
  const protect::ResponderTrust responder{trust.anchors ? &*trust.anchors : nullptr, trust.pinned,
                                          trust.expected_sender, trust.signed_answer_to_mac,
                                          record_->responder_certificates};
  auto identity = protect::authenticate_response(answer, parties_.protection.secret(), responder,
                                                 {}, clock_.now());
  if (!identity) {
    identity.error().reply_text += claim(answer);
    return std::unexpected(std::move(identity).error());
  }
  proof_ = identity->proof;
  if (identity->certificate) record_->responder_certificates = answer.extra_certs;
  return answer;
}

Result<Next> Conversation::answered(View reply) {
  auto answer = TRY(open(reply));
  record_->messages.emplace_back(name(answer.body.type));
  return take_step(transaction::ResponseArrived{std::move(answer)});
}

Result<Next> Conversation::waited() { return take_step(transaction::WaitOver{}); }

Result<transaction::ClientFacts> Conversation::facts() {
  transaction::ClientFacts out{{Bytes(kIdOctets)}, {Bytes(kIdOctets)}};
  TRY(entropy_.fill(out.fresh_id.octets));
  TRY(entropy_.fill(out.fresh_nonce.octets));
  return out;
}

Result<Next> Conversation::take_step(transaction::ClientEvent event) {
  return act(transaction::step(record_->transaction, std::move(event), TRY(facts()), clock_.now()));
}

Result<Next> Conversation::act(transaction::ClientStep step) {
  // A transaction that ended without the server's word can still go on from where it was.
  if (auto* end = std::get_if<transaction::GaveUp>(&step.action)) {
    // Our certConf had arrived before; only its pkiConf is lost.
    if (record_->stage == Stage::kept && end->refused && already_confirmed(end->status))
      return complete();
    if (end->error.code == "client.still-waiting") {
      record_->transaction = std::move(step.next);
      record_->pending.clear();
      TRY(save());
    }
    return give_up(std::move(*end));
  }
  record_->transaction = std::move(step.next);
  if (auto* out = std::get_if<transaction::Send>(&step.action))
    return send(std::move(out->message));
  if (auto* out = std::get_if<transaction::WaitUntil>(&step.action)) return wait(*out);
  if (auto* out = std::get_if<transaction::Examine>(&step.action)) return examine_it(*out);
  if (auto* out = std::get_if<transaction::InformationReceived>(&step.action))
    return Finished{std::move(out->items)};
  return complete();
}

// Whatever is confirmed was examined and is on disk before: the Record that holds the certificate
// is the one that holds its certConf.
Result<Next> Conversation::send(message::PKIMessage message) {
  const auto type = message.body.type;
  if (!record_->transaction.responder) message.header.recipient = parties_.recipient;
  record_->pending = TRY(parties_.protection.seal(std::move(message), clock_.now(), entropy_));
  record_->messages.emplace_back(name(type));
  TRY(save());
  return SendNow{record_->pending};
}

Result<Next> Conversation::wait(const transaction::WaitUntil& wait) {
  record_->pending.clear();
  TRY(save());
  return WaitFor{wait.when, wait.reason};
}

// A key that the server made is on disk before certConf says that it has arrived: the server then
// forgets it.
Result<Kept> Conversation::judge(const transaction::Examine& issued) {
  const Expectation& expected = *parties_.expectation;
  const Time now = clock_.now();
  if (expected.key) return examine(issued, expected, parties_.trust, proof_, now);
  const crypto::cms::Opener opener{parties_.protection.key(), parties_.protection.secret()};
  const auto key = TRY(receive_key(issued, opener, parties_.trust, proof_, now));
  Expectation with_key = expected;
  with_key.key = key.public_key();
  Kept kept = TRY(examine(issued, with_key, parties_.trust, proof_, now));
  TRY(parties_.keep_key(key));
  return kept;
}

Result<Next> Conversation::examine_it(const transaction::Examine& issued) {
  if (!parties_.expectation)
    return fail(Failure::badRequest, "client.unexpected",
                "the server sent a certificate that nobody asked for");
  auto kept = judge(issued);
  if (kept) {
    record_->kept = std::move(*kept);
    record_->stage = Stage::kept;
    return take_step(transaction::Examined{std::nullopt});
  }
  record_->stage = Stage::rejected;
  record_->rejection = kept.error().reply_text;
  return take_step(transaction::Examined{std::move(kept).error()});
}

Result<Next> Conversation::complete() {
  if (record_->stage == Stage::rejected)
    return end(Error{Failure::incorrectData,
                     "client.certificate-rejected",
                     record_->rejection + "; it was rejected, and the server told so",
                     {}});
  record_->stage = Stage::confirmed;
  record_->pending.clear();
  TRY(save());
  return Finished{};
}

std::unexpected<Error> Conversation::give_up(transaction::GaveUp gone) {
  if (!gone.refused) {
    if (record_->stage == Stage::rejected) return end(std::move(gone.error));
    return std::unexpected(std::move(gone.error));
  }
  refused_ = true;
  for (const auto& line : gone.details) gone.error.reply_text += "; " + line;
  const std::string names = failure_names(gone.status);
  if (!names.empty()) gone.error.reply_text += " (" + names + ")";
  if (record_->stage == Stage::rejected)
    gone.error.reply_text = record_->rejection + "; " + gone.error.reply_text;
  return end(std::move(gone.error));
}

std::unexpected<Error> Conversation::end(Error error) {
  over_ = true;
  if (journal_ != nullptr) {
    if (auto dropped = journal_->drop(); !dropped)
      error.reply_text += "; besides, " + dropped.error().reply_text;
  }
  return std::unexpected(std::move(error));
}

Result<> Conversation::save() {
  if (journal_ == nullptr) return {};
  return journal_->save();
}

}  // namespace countersign::client
