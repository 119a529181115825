// The routes below /api/v1/requests: what waits for officers.
#include "console/page.h"
#include "console/routes.h"
#include "console/rows.h"
#include "server/decisions.h"
#include "x509/extension.h"

namespace countersign::console {
namespace {

namespace json = boost::json;
using server::WaitingRequest;

json::array votes_of(const enrol::Approval& approval) {
  json::array out;
  for (const auto& vote : approval.votes)
    out.push_back(json::object{{"officer", vote.officer},
                               {"approves", vote.voice == enrol::Voice::approves},
                               {"at", to_iso(vote.at)},
                               {"comment", vote.comment}});
  return out;
}

json::array names_of(const transaction::CertificateOrder& order) {
  json::array out;
  if (const auto* san = x509::find(order.extensions, x509::oids::subject_alt_name))
    if (const auto list = x509::read_subject_alt_name(san->value))
      for (const auto& name : *list) out.emplace_back(x509::to_text(name));
  return out;
}

json::object to_json(const WaitingRequest& r) {
  json::object out{{"id", r.id},
                   {"state", enrol::stage_name(r.approval)},
                   {"asks_for", enrol::asks_for(r.approval)},
                   {"names", json::array()},
                   {"profile", enrol::profile_of(r.approval)},
                   {"subscriber", ""},
                   {"endpoint", r.record.endpoint},
                   {"sender", r.record.sender},
                   {"transaction", r.record.transaction.hex()},
                   {"asked", to_iso(r.approval.asked)},
                   {"decided", nullptr},
                   {"comment", r.approval.comment},
                   {"officers_needed", r.approval.needed},
                   {"expires", nullptr},
                   {"escalates", nullptr},
                   {"escalates_to", json::array()},
                   {"votes", votes_of(r.approval)}};
  if (r.approval.decided) out["decided"] = to_iso(*r.approval.decided);
  if (r.approval.expires) out["expires"] = to_iso(*r.approval.expires);
  if (const auto& escalation = r.approval.escalation) {
    out["escalates"] = to_iso(escalation->at);
    out["escalates_to"] = json::array(escalation->to.begin(), escalation->to.end());
  }
  if (const auto* order = std::get_if<transaction::CertificateOrder>(&r.approval.order)) {
    out["names"] = names_of(*order);
    out["subscriber"] = order->subscriber;
  }
  return out;
}

Outcome<WaitingRequest> find(const Call& call) {
  for (auto& one : TRY(server::waiting_requests(call.at.ledger, call.now)))
    if (one.id == call.parameter) return std::move(one);
  return refuse(404, "console.no-request", "no request that waits, or waited, has this id");
}

Handled vote(const Call& call, enrol::Voice voice, std::string comment) {
  auto request = TRY(find(call));
  const enrol::Vote mine{call.by.name, voice, call.now, std::move(comment)};
  enrol::Voter voter{to_hex(call.by.certificate_fingerprint), {}};
  for (const Role role : call.by.roles) voter.roles.emplace_back(name(role));
  const auto done = server::decide(call.at.ledger, request, mine, voter);
  if (!done) {
    Problem problem(done.error());
    problem.status = problem.code == "approval.own" ? 403 : 409;
    return std::unexpected(std::move(problem));
  }
  return json_response(200, to_json(request));
}

}  // namespace

Handled list_requests(const Call& call) {
  auto all = TRY(server::waiting_requests(call.at.ledger, call.now));
  if (call.query.has("state"))
    std::erase_if(all, [&](const WaitingRequest& r) {
      return enrol::stage_name(r.approval) != call.query.text("state");
    });
  // Oldest first: the time, and the id where that is the same.
  const auto key = [](const WaitingRequest& r) { return to_iso(r.approval.asked) + r.id; };
  const auto row = [](const WaitingRequest& r) { return to_json(r); };
  return page_by_key(call, std::move(all), key, row);
}

Handled show_request(const Call& call) { return json_response(200, to_json(TRY(find(call)))); }

Handled approve_request(const Call& call) {
  return vote(call, enrol::Voice::approves, call.body.text("comment"));
}

Handled reject_request(const Call& call) {
  return vote(call, enrol::Voice::rejects, call.body.text("reason"));
}

}  // namespace countersign::console
