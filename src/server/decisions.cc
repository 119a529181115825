#include "server/decisions.h"

#include "crypto/digest.h"
#include "x509/extension.h"
#include "x509/serial_text.h"

namespace countersign::server {
namespace {

using enrol::Approval;
using transaction::CertificateOrder;
using transaction::RevocationOrder;

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
    std::string id = to_hex(crypto::sha256(view(record.id)));
    out.push_back({std::move(record), std::move(*approval), std::move(id)});
  }
  return out;
}

Result<> decide(ports::Ledger& ledger, WaitingRequest& request, const enrol::Vote& vote,
                const std::string& certificate) {
  TRY(enrol::cast(request.approval, vote, certificate, request.record.sender));
  enrol::OrderRecord record = request.record;
  record.memo = encode(request.approval);
  if (request.approval.stage != Approval::Stage::awaited) record.due = vote.at;
  return ledger.change_order(record, request.record.memo, row_of(request, vote));
}

std::string asks_for(const Approval& approval) {
  if (const auto* order = std::get_if<CertificateOrder>(&approval.order))
    return x509::to_text(order->subject);
  const auto& order = std::get<RevocationOrder>(approval.order);
  return "revocation of " + x509::serial_text(order.serial) + " (" +
         std::string(x509::reason_name(order.reason)) + ")";
}

std::string profile_of(const Approval& approval) {
  const auto* order = std::get_if<CertificateOrder>(&approval.order);
  return order != nullptr ? order->profile : std::string();
}

std::string_view stage_name(const Approval& approval) {
  if (approval.stage == Approval::Stage::awaited) return "waits";
  return approval.stage == Approval::Stage::approved ? "approved" : "rejected";
}

}  // namespace countersign::server
