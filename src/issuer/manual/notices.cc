#include "issuer/manual/notices.h"

#include <algorithm>
#include <boost/json.hpp>

#include "issuer/program/words.h"

namespace countersign::issuer {
namespace {

namespace json = boost::json;
using enrol::Approval;

constexpr Seconds kTryFor{86400};
constexpr Seconds kSoonest{5}, kLatest{300};  // until it is tried again
constexpr Seconds kSlack{30};                 // a lease is longer than a try
constexpr std::size_t kMostAtOnce = 8;

std::string joined(const std::vector<std::string>& list) {
  std::string out;
  for (const std::string& one : list) (out += out.empty() ? "" : ", ") += one;
  return out;
}

std::size_t approvals_in(const Approval& approval) {
  return static_cast<std::size_t>(
      std::ranges::count(approval.votes, enrol::Voice::approves, &enrol::Vote::voice));
}

void add_decision(json::object& out, const Approval& approval) {
  std::vector<std::string> officers;
  officers.reserve(approval.votes.size());
  for (const enrol::Vote& vote : approval.votes) officers.push_back(vote.officer);
  out["decision"] = enrol::stage_name(approval);
  out["officers"] = joined(officers);
  out["comment"] = approval.comment;
}

json::object words_of(NoticeKind kind, const enrol::OrderRecord& record, const Approval& approval,
                      const std::string& desk, Time now) {
  const std::string id = enrol::request_id(record.id);
  const bool certificate = std::holds_alternative<transaction::CertificateOrder>(approval.order);
  json::object out{{"version", 1},
                   {"event", kNoticeKinds[static_cast<std::size_t>(kind)]},
                   {"id", id},
                   {"transaction", record.transaction.hex()},
                   {"asks", certificate ? "certificate" : "revocation"},
                   {"subject", enrol::asks_for(approval)},
                   {"ra_profile", enrol::profile_of(approval)},
                   {"endpoint", record.endpoint},
                   {"sender", record.sender},
                   {"approvals", approvals_in(approval)},
                   {"needed", approval.needed},
                   {"asked", to_iso(approval.asked)},
                   {"at", to_iso(now)}};
  if (!desk.empty()) out["url"] = desk + '/' + id;
  if (approval.expires) out["expires"] = to_iso(*approval.expires);
  if (approval.escalation) {
    out["escalates"] = to_iso(approval.escalation->at);
    out["escalates_to"] = joined(approval.escalation->to);
  }
  if (kind == NoticeKind::decided) add_decision(out, approval);
  return out;
}

Error not_taken(const std::string& answer) {
  return {Failure::systemUnavail, "issuer.program-failed", "the program did not take it", answer};
}

}  // namespace

enrol::OrderRecord notice_of(NoticeKind kind, const enrol::OrderRecord& record,
                             const Approval& approval, const std::string& desk, Time now) {
  enrol::OrderRecord out;
  out.id = "notice-" + std::string(kNoticeKinds[static_cast<std::size_t>(kind)]) + '-' +
           to_iso(now) + '-' + record.id;
  out.endpoint = record.endpoint;
  out.sender = record.sender;
  out.transaction = record.transaction;
  out.index = record.index;
  out.memo = to_bytes(json::serialize(words_of(kind, record, approval, desk, now)));
  out.due = now;
  out.ends_at = now + kTryFor;
  out.kind = enrol::OrderKind::notice;
  return out;
}

void Notices::run_due() {
  const std::size_t busy = under_way_.load();
  if (busy >= kMostAtOnce) return;
  world_.store.claim_orders(enrol::OrderKind::notice, {world_.clock.now(), kMostAtOnce - busy},
                            world_.timeout + kSlack,
                            [this](Result<std::vector<enrol::OrderRecord>> due) {
                              if (!due) return world_.complain({}, due.error());
                              for (enrol::OrderRecord& notice : *due)
                                world_.post([this, notice = std::move(notice)] { tell(notice); });
                            });
}

void Notices::tell(const enrol::OrderRecord& notice) {
  ++under_way_;
  world_.courier.ask(std::string(text(notice.memo)), world_.timeout,
                     [this, notice](const Result<std::string>& answer) {
                       --under_way_;
                       if (!answer) world_.complain(notice, answer.error());
                       if (answer && !has_taken(*answer))
                         world_.complain(notice, not_taken(*answer));
                       end(notice, answer && has_taken(*answer) ? Taken::yes : Taken::no);
                     });
}

// The longer it fails, the less often it is tried.
void Notices::end(enrol::OrderRecord notice, Taken taken) {
  const Time now = world_.clock.now();
  const Time began = notice.ends_at - kTryFor;
  if (taken == Taken::yes || now >= notice.ends_at) {
    notice.due.reset();
    notice.ends_at = now;
  } else {
    notice.due = now + std::clamp<Seconds>((now - began) / 2, kSoonest, kLatest);
  }
  ports::Commit commit;
  commit.orders.push_back(notice);
  world_.store.commit(std::move(commit), [this, notice](const Result<ports::Committed>& stored) {
    if (!stored) world_.complain(notice, stored.error());
  });
}

}  // namespace countersign::issuer
