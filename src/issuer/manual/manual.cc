#include "issuer/manual/manual.h"

#include <algorithm>

#include "x509/serial_text.h"

namespace countersign::issuer {
namespace {

using enrol::Approval;
using transaction::Answer;
using transaction::CertificateOrder;
using transaction::RevocationOrder;
using Stage = Approval::Stage;

constexpr Seconds kLease{30};
constexpr Seconds kKeep{30LL * 86400};  // a decision that was carried out

// Beside what the issuer behind may remember of the same order.
std::string id_of(const ports::OrderKey& key) { return "approval-" + key.id; }

ports::OrderKey key_of(const enrol::OrderRecord& r) {
  return {
      r.id.substr(r.id.find('-') + 1), r.endpoint, r.sender, r.transaction, r.index, r.authority};
}

enrol::AuditRow row_of(const ports::OrderKey& key, const Approval& approval) {
  enrol::AuditRow row;
  row.at = approval.asked;
  row.event = "awaits-approval";
  row.transaction = key.transaction.hex();
  row.sender = key.sender;
  if (const auto* order = std::get_if<CertificateOrder>(&approval.order)) {
    row.subject = x509::to_text(order->subject);
    row.detail = order->profile;
  } else {
    row.serial = x509::serial_text(std::get<RevocationOrder>(approval.order).serial);
    row.detail = "revocation";
  }
  return row;
}

// The reference of a secret in a sender's identity; nullopt: it signed.
std::optional<std::string> reference_in(const std::string& identity) {
  constexpr std::string_view kSecret = "secret:";
  if (!identity.starts_with(kSecret)) return std::nullopt;
  return identity.substr(kSecret.size());
}

// Is it too late to decide it?
bool is_over(const Approval& approval, Time now) {
  return !approval.expires || now >= *approval.expires;
}

// As it is remembered once it came due undecided: nobody can decide it any more.
enrol::OrderRecord lapsed(enrol::OrderRecord record, Approval approval) {
  approval.stage = Stage::rejected;
  approval.decided = approval.expires ? approval.expires : record.due;
  approval.comment = "nobody decided it in time";
  record.memo = encode(approval);
  return record;
}

bool is_lapsed(const Approval& approval) {
  return approval.stage == Stage::rejected &&
         std::ranges::none_of(approval.votes, [](const enrol::Vote& vote) {
           return vote.voice == enrol::Voice::rejects;
         });
}

void plan(Approval& fresh, const ApprovalNeed& need) {
  fresh.needed = need.officers;
  fresh.expires = fresh.asked + need.wait;
  if (need.escalate_after == Seconds{0} || need.escalate_after >= need.wait) return;
  fresh.escalation = {fresh.asked + need.escalate_after, need.escalate_to};
  if (need.escalate_to.empty()) fresh.escalation->to = {"administrator"};
}

enrol::AuditRow escalated_row(const enrol::OrderRecord& record, const Approval& approval) {
  enrol::AuditRow row;
  row.at = approval.escalation->at;
  row.event = "escalated";
  row.transaction = record.transaction.hex();
  row.sender = record.sender;
  row.subject = enrol::asks_for(approval);
  for (const std::string& name : approval.escalation->to)
    row.detail += (row.detail.empty() ? "to " : ", ") + name;
  return row;
}

transaction::Refused refusal_of(const Approval& approval) {
  if (approval.stage == Stage::awaited)
    return {{Failure::notAuthorized,
             "issuer.undecided",
             "no officer of the CA decided this request in time; ask its operator, and begin anew",
             {}}};
  const std::string why =
      approval.comment.empty() ? "; ask its operator why" : ": " + approval.comment;
  return {{Failure::notAuthorized,
           "issuer.rejected",
           "an officer of the CA rejected this request" + why,
           {}}};
}

}  // namespace

void ManualIssuer::issue(const ports::OrderKey& key, const CertificateOrder& order, Time now,
                         Done<Answer> done) {
  const ApprovalNeed need = rules_.of_certificate(order);
  if (need.officers == 0) return next_.issue(key, order, now, std::move(done));
  Approval fresh;
  fresh.order = order;
  fresh.asked = now;
  await_decision(key, std::move(fresh), need, std::move(done));
}

void ManualIssuer::revoke(const ports::OrderKey& key, const RevocationOrder& order, Time now,
                          Done<Answer> done) {
  const ApprovalNeed need = rules_.of_revocation(order);
  if (need.officers == 0) return next_.revoke(key, order, now, std::move(done));
  Approval fresh;
  fresh.order = order;
  fresh.asked = now;
  await_decision(key, std::move(fresh), need, std::move(done));
}

// Of an order that was begun before, and whose commit then failed, the first account holds.
void ManualIssuer::await_decision(const ports::OrderKey& key, Approval fresh,
                                  const ApprovalNeed& need, Done<Answer> done) {
  plan(fresh, need);
  ports::Lookup lookup;
  lookup.order = id_of(key);
  lookup.reference = reference_in(key.sender);
  world_.store.load(
      std::move(lookup), [this, key, need, fresh = std::move(fresh),
                          done = std::move(done)](Result<ports::Snapshot> found) mutable {
        if (!found) return done(std::unexpected(std::move(found).error()));
        if (found->order) return done(transaction::Pending{need.check_after});
        if (found->credential) fresh.asker = found->credential->author;
        // It comes due when nobody has decided it in time, before that when somebody is to be told
        // so, or as soon as it is decided.
        ports::Commit commit;
        const enrol::OrderRecord record{id_of(key),
                                        key.endpoint,
                                        key.sender,
                                        key.transaction,
                                        key.index,
                                        encode(fresh),
                                        next_due(fresh, fresh.asked),
                                        *fresh.expires + kKeep,
                                        enrol::OrderKind::approval,
                                        key.authority};
        commit.orders = told(NoticeKind::asked, record, fresh);
        commit.orders.push_back(record);
        commit.audit.push_back(row_of(key, fresh));
        world_.store.commit(std::move(commit),
                            [check_after = need.check_after,
                             done = std::move(done)](Result<ports::Committed> stored) mutable {
                              if (!stored) return done(std::unexpected(std::move(stored).error()));
                              done(transaction::Pending{check_after});
                            });
      });
}

void ManualIssuer::run_due() {
  world_.store.claim_orders(enrol::OrderKind::approval, {world_.clock.now()}, kLease,
                            [this](Result<std::vector<enrol::OrderRecord>> due) {
                              if (!due)
                                return world_.complain({}, "decisions could not be read",
                                                       due.error());
                              for (const auto& record : *due) carry_out(record);
                            });
}

void ManualIssuer::ask(const ports::OrderKey& key, const Approval& approval, Done<Answer> done) {
  const Time now = world_.clock.now();
  if (const auto* order = std::get_if<CertificateOrder>(&approval.order)) {
    const auto good = world_.check ? world_.check(*order) : Result<>{};
    if (!good) return done(transaction::Refused{good.error()});
    return next_.issue(key, *order, now, std::move(done));
  }
  next_.revoke(key, std::get<RevocationOrder>(approval.order), now, std::move(done));
}

void ManualIssuer::carry_out(const enrol::OrderRecord& record) {
  auto approval = enrol::decode_approval(record.memo);
  if (!approval) {
    world_.complain(key_of(record), "a decision cannot be carried out", approval.error());
    return;
  }
  if (approval->stage == Stage::awaited && !is_over(*approval, world_.clock.now()))
    return go_on_waiting(record, *approval);
  if (approval->stage == Stage::awaited)
    return hand_in(lapsed(record, *approval), refusal_of(*approval));
  if (approval->stage == Stage::rejected) return hand_in(record, refusal_of(*approval));
  ask(key_of(record), *approval, [this, record](Result<Answer> answer) {
    if (!answer) return hand_in(record, transaction::Refused{answer.error()});
    hand_in(record, *std::move(answer));
  });
}

std::vector<enrol::OrderRecord> ManualIssuer::told(NoticeKind kind,
                                                   const enrol::OrderRecord& record,
                                                   const Approval& approval) const {
  if (!world_.notices || record.transaction.octets.empty()) return {};
  return {notice_of(kind, record, approval, world_.notices->desk, world_.clock.now())};
}

// The escalation if it is still to come, however late it is; reminders that were missed are gone.
Time ManualIssuer::next_due(const Approval& approval, Time after) const {
  Time next = *approval.expires;
  if (approval.escalation && approval.escalation->at > after)
    next = std::min(next, approval.escalation->at);
  const Seconds every = world_.notices ? world_.notices->remind_every : Seconds{0};
  if (every <= Seconds{0}) return next;
  const auto passed = (world_.clock.now() - approval.asked) / every;
  return std::min(next, approval.asked + every * (passed + 1));
}

// It came due before its time was over. Who votes at this moment changes the memo: then it comes
// due again.
void ManualIssuer::go_on_waiting(const enrol::OrderRecord& record, const Approval& approval) {
  const bool escalates = approval.escalation && *record.due == approval.escalation->at;
  ports::OrderChange change{record, record.memo};
  change.order.due = next_due(approval, *record.due);
  ports::Commit commit;
  commit.order_changes.push_back(std::move(change));
  commit.orders = told(escalates ? NoticeKind::escalated : NoticeKind::reminded, record, approval);
  if (escalates) commit.audit.push_back(escalated_row(record, approval));
  world_.store.commit(std::move(commit),
                      [this, key = key_of(record)](const Result<ports::Committed>& stored) {
                        if (!stored && stored.error().code != "store.conflict")
                          world_.complain(key, "what waits could not be put off", stored.error());
                      });
}

// What an officer decided without being asked: nobody waits. Where the issuer cannot be reached it
// is told again when the lease has ended.
void ManualIssuer::told_on_its_own(const enrol::OrderRecord& record, const Answer& answer) {
  const auto* refused = std::get_if<transaction::Refused>(&answer);
  if (refused != nullptr)
    world_.complain(key_of(record), "who issued did not take an officer's revocation",
                    refused->error);
  if (refused != nullptr && refused->error.failure == Failure::systemUnavail) return;
  end(record);
}

// What fails here is tried again when the lease has ended; told twice, the first answer holds.
void ManualIssuer::hand_in(const enrol::OrderRecord& record, Answer answer) {
  if (record.transaction.octets.empty()) return told_on_its_own(record, answer);
  const bool granted = std::holds_alternative<transaction::Issued>(answer);
  world_.late(key_of(record), std::move(answer), [this, record, granted](const Result<>& taken) {
    if (taken) return end(record);
    world_.complain(key_of(record), "a decision was carried out for nobody", taken.error());
    if (taken.error().code != "server.no-transaction") return;
    // An issuer elsewhere hears that its certificate found no taker.
    if (granted)
      next_.settle(key_of(record), ports::Settlement::rejected, world_.clock.now(),
                   [](const Result<ports::Heard>&) {});
    end(record);
  });
}

void ManualIssuer::end(enrol::OrderRecord record) {
  record.due.reset();
  record.ends_at = world_.clock.now() + kKeep;
  ports::Commit commit;
  const auto key = key_of(record);
  if (const auto approval = enrol::decode_approval(record.memo))
    commit.orders =
        told(is_lapsed(*approval) ? NoticeKind::expired : NoticeKind::decided, record, *approval);
  commit.orders.push_back(std::move(record));
  world_.store.commit(std::move(commit), [this, key](const Result<ports::Committed>& stored) {
    if (!stored) world_.complain(key, "a decision could not be noted as done", stored.error());
  });
}

}  // namespace countersign::issuer
