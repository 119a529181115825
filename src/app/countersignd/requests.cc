// countersignd requests list | show | approve | reject: what waits for an officer. Whoever serves
// carries a decision out within a second.

#include <algorithm>
#include <boost/json.hpp>
#include <iostream>

#include "app/common/terminal.h"
#include "app/countersignd/authority_files.h"
#include "app/countersignd/commands.h"
#include "client/inspect/template_text.h"
#include "enrol/approval.h"
#include "enrol/catalogue.h"
#include "server/decisions.h"
#include "x509/serial_text.h"

namespace countersign::app {
namespace {

namespace json = boost::json;
using enrol::Approval;
using Stage = Approval::Stage;
using transaction::CertificateOrder;

constexpr std::size_t kShortId = 10;
constexpr const char* kLocalOfficer = "local";  // whoever may use the data folder

using Entry = server::WaitingRequest;

Result<Entry> find(const std::vector<Entry>& all, const std::string& id) {
  const auto fits = [&](const Entry& e) { return !id.empty() && e.id.starts_with(id); };
  const auto at = std::ranges::find_if(all, fits);
  if (at == all.end())
    return fail(Failure::systemFailure, "app.no-request",
                "no request begins with " + id + "; see countersignd requests list");
  if (std::ranges::count_if(all, fits) > 1)
    return fail(Failure::systemFailure, "app.no-request",
                "several requests begin with " + id + "; give more of the one you mean");
  return *at;
}

// "1 of 2 approve"
std::string votes_text(const Approval& approval) {
  return std::to_string(approval.votes.size()) + " of " + std::to_string(approval.needed) +
         " approve";
}

std::string names_in(const std::vector<std::string>& list) {
  std::string out;
  for (const std::string& name : list) (out += out.empty() ? "" : ", ") += name;
  return out;
}

std::string details(const Entry& e) {
  client::Page page;
  page.line("request", e.id.substr(0, kShortId), enrol::stage_name(e.approval));
  page.line("asked", to_iso(e.approval.asked));
  page.line("sender", client::printable(e.record.sender));
  page.line("transactionID", e.record.transaction.hex());
  for (const auto& vote : e.approval.votes)
    page.line(vote.voice == enrol::Voice::approves ? "approves" : "rejects",
              client::printable(vote.officer),
              to_iso(vote.at) + "  " + client::printable(vote.comment));
  if (e.approval.stage == Stage::awaited) page.line("officers", votes_text(e.approval));
  if (e.approval.stage == Stage::awaited && e.approval.expires)
    page.line("refused if undecided", to_iso(*e.approval.expires));
  if (e.approval.stage == Stage::awaited && e.approval.escalation)
    page.line("escalated", to_iso(e.approval.escalation->at),
              "to " + client::printable(names_in(e.approval.escalation->to)));
  if (e.approval.decided) page.line("decided", to_iso(*e.approval.decided));
  if (!e.approval.comment.empty()) page.line("comment", client::printable(e.approval.comment));
  if (const auto* order = std::get_if<CertificateOrder>(&e.approval.order)) {
    page.line("template", order->profile);
    page.line("subject", client::printable(x509::to_text(order->subject)));
    page.line("publicKey", client::key_text(order->spki));
    page.line("notBefore", to_iso(order->validity.not_before));
    page.line("notAfter", to_iso(order->validity.not_after));
    if (order->replaces) page.line("replaces", x509::serial_text(*order->replaces));
    if (!order->modifications.empty()) page.line("differs", order->modifications);
    client::show_extensions(page, order->extensions);
  } else {
    page.line("asks for", enrol::asks_for(e.approval));
  }
  return std::move(page).take();
}

json::array votes_json(const Approval& approval) {
  json::array out;
  for (const auto& vote : approval.votes)
    out.push_back(json::object{{"officer", vote.officer},
                               {"approves", vote.voice == enrol::Voice::approves},
                               {"at", to_iso(vote.at)},
                               {"comment", vote.comment}});
  return out;
}

json::object row_of(const Entry& e) {
  json::object out{{"id", e.id},
                   {"state", enrol::stage_name(e.approval)},
                   {"asks_for", enrol::asks_for(e.approval)},
                   {"template", enrol::profile_of(e.approval)},
                   {"sender", e.record.sender},
                   {"transaction", e.record.transaction.hex()},
                   {"asked", to_iso(e.approval.asked)},
                   {"decided", e.approval.decided ? to_iso(*e.approval.decided) : ""},
                   {"comment", e.approval.comment},
                   {"officers_needed", e.approval.needed},
                   {"expires", e.approval.expires ? to_iso(*e.approval.expires) : ""},
                   {"escalates", e.approval.escalation ? to_iso(e.approval.escalation->at) : ""},
                   {"votes", votes_json(e.approval)}};
  if (const auto* order = std::get_if<CertificateOrder>(&e.approval.order)) {
    out["key"] = client::key_text(order->spki);
    out["not_before"] = to_iso(order->validity.not_before);
    out["not_after"] = to_iso(order->validity.not_after);
    json::array names;
    if (const auto* san = x509::find(order->extensions, x509::oids::subject_alt_name))
      if (const auto list = x509::read_subject_alt_name(san->value))
        for (const auto& name : *list) names.emplace_back(x509::to_text(name));
    out["names"] = std::move(names);
  }
  return out;
}

Result<int> list(const Host& host, const RequestsOptions& options) {
  const Time now = host.clock.now();
  auto data = TRY(open_data(options.data, store::Exclusive::no, host.entropy, now));
  json::array rows;
  bool any = false;
  for (const Entry& e : TRY(server::waiting_requests(*data.store, now))) {
    if (!options.all && e.approval.stage != Stage::awaited) continue;
    any = true;
    if (options.json) {
      rows.push_back(row_of(e));
      continue;
    }
    std::string line = e.id.substr(0, kShortId) + "  " + to_iso(e.approval.asked) + "  ";
    if (options.all) line += std::string(enrol::stage_name(e.approval)) + "  ";
    if (e.approval.needed > 1 && e.approval.stage == Stage::awaited)
      line += votes_text(e.approval) + "  ";
    line += enrol::asks_for(e.approval);
    if (const auto profile = enrol::profile_of(e.approval); !profile.empty())
      line += "  " + profile;
    line += "  by " + e.record.sender;
    std::ranges::replace(line, '\n', ' ');
    print(Stream::out, harmless(line) + "\n");
  }
  if (options.json)
    std::cout << json::serialize(rows) << "\n";
  else if (!any)
    print(Stream::err, "nothing waits\n");
  return kDone;
}

Result<int> show(const Host& host, const RequestsOptions& options) {
  const Time now = host.clock.now();
  auto data = TRY(open_data(options.data, store::Exclusive::no, host.entropy, now));
  const auto all = TRY(server::waiting_requests(*data.store, now));
  for (const auto& id : options.ids) {
    const Entry e = TRY(find(all, id));
    if (options.json)
      std::cout << json::serialize(row_of(e)) << "\n";
    else
      print(Stream::out, details(e));
  }
  return kDone;
}

// The operator in whose name it is decided; there need not be any on this machine.
Result<enrol::Voter> voter_named(ports::Ledger& ledger, const std::string& officer) {
  const auto built = enrol::build_catalogue({}, TRY(ledger.objects()));
  const auto at = built.catalogue->operators().find(officer);
  if (at != built.catalogue->operators().end()) {
    const auto& roles = at->second.roles;
    for (const char* role : {"administrator", "ra_officer"})
      if (std::ranges::find(roles, role) != roles.end())
        return enrol::Voter{at->second.certificate, roles};
    return fail(Failure::systemFailure, "app.no-officer",
                officer + " decides nothing: that takes the role ra_officer or administrator");
  }
  // Who may use the data folder may do anything.
  if (officer == kLocalOfficer) return enrol::Voter{{}, {"administrator", "ra_officer"}};
  return fail(Failure::systemFailure, "app.no-officer",
              "there is no operator " + officer + "; see countersignd object list operator");
}

// All of them, or none: every vote is found good before the first is counted.
Result<int> decide(const Host& host, const RequestsOptions& options, enrol::Voice voice) {
  const Time now = host.clock.now();
  auto data = TRY(open_data(options.data, store::Exclusive::no, host.entropy, now));
  const auto all = TRY(server::waiting_requests(*data.store, now));
  const std::string officer = options.officer.empty() ? kLocalOfficer : options.officer;
  const enrol::Voter voter = TRY(voter_named(*data.store, officer));
  const enrol::Vote vote{officer, voice, now, options.comment};
  std::vector<Entry> chosen;
  chosen.reserve(options.ids.size());
  for (const auto& id : options.ids) {
    chosen.push_back(TRY(find(all, id)));
    Approval trial = chosen.back().approval;
    TRY(enrol::cast(trial, vote, voter, chosen.back().record.sender));
  }
  for (Entry& e : chosen) {
    TRY(server::decide(*data.store, e, vote, voter));
    const bool decided = e.approval.stage != Stage::awaited;
    const std::string done = voice == enrol::Voice::rejects ? "rejected: "
                             : decided                      ? "approved: "
                                                            : votes_text(e.approval) + ": ";
    print(Stream::out, harmless(done + enrol::asks_for(e.approval)) + "\n");
  }
  return kDone;
}

int told(const Result<int>& code) { return code ? *code : report(code.error()); }

}  // namespace

int run_requests_list(const Host& host, const RequestsOptions& options) {
  return told(list(host, options));
}

int run_requests_show(const Host& host, const RequestsOptions& options) {
  return told(show(host, options));
}

int run_requests_approve(const Host& host, const RequestsOptions& options) {
  return told(decide(host, options, enrol::Voice::approves));
}

int run_requests_reject(const Host& host, const RequestsOptions& options) {
  return told(decide(host, options, enrol::Voice::rejects));
}

}  // namespace countersign::app
