#include "server/decisions.h"

namespace countersign::server {
namespace {

using enrol::Approval;

enrol::AuditRow row_of(const WaitingRequest& request, const enrol::Vote& vote) {
  enrol::AuditRow row;
  row.at = vote.at;
  row.event = vote.voice == enrol::Voice::approves ? "approved" : "disapproved";
  row.transaction = request.record.transaction.hex();
  row.sender = "operator:" + vote.officer;
  row.subject = asks_for(request.approval);
  row.detail = vote.comment;
  return row;
}

}  // namespace

Result<std::vector<WaitingRequest>> waiting_requests(ports::Ledger& ledger, Time now) {
  std::vector<WaitingRequest> out;
  for (auto& record : TRY(ledger.orders(enrol::OrderKind::approval, now))) {
    if (record.transaction.octets.empty()) continue;  // an officer's own doing
    auto approval = enrol::decode_approval(record.memo);
    if (!approval) continue;  // of a newer version
    std::string id = enrol::request_id(record.id);
    out.push_back({std::move(record), std::move(*approval), std::move(id)});
  }
  return out;
}

Result<> decide(ports::Ledger& ledger, WaitingRequest& request, const enrol::Vote& vote,
                const enrol::Voter& voter) {
  TRY(enrol::cast(request.approval, vote, voter, request.record.sender));
  enrol::OrderRecord record = request.record;
  record.memo = encode(request.approval);
  if (request.approval.stage != Approval::Stage::awaited) record.due = vote.at;
  return ledger.change_order(record, request.record.memo, row_of(request, vote));
}

}  // namespace countersign::server
