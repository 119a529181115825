// countersignd requests list | show | approve | reject: what waits for an officer. Whoever serves
// carries a decision out within a second.

#include <algorithm>
#include <boost/json.hpp>
#include <iostream>

#include "app/common/terminal.h"
#include "app/countersignd/authority_files.h"
#include "app/countersignd/commands.h"
#include "client/inspect/template_text.h"
#include "crypto/digest.h"
#include "issuer/manual/approval.h"
#include "x509/serial_text.h"

namespace countersign::app {
namespace {

namespace json = boost::json;
using issuer::Approval;
using Stage = Approval::Stage;
using transaction::CertificateOrder;
using transaction::RevocationOrder;

constexpr std::size_t kShortId = 10;

struct Entry {
  enrol::OrderRecord record;
  Approval approval;
  std::string id;  // 64 hexadecimal digits, of which a few are enough
};

std::string_view stage_of(const Approval& approval) {
  if (approval.stage == Stage::awaited) return "waits";
  return approval.stage == Stage::approved ? "approved" : "rejected";
}

Result<std::vector<Entry>> entries(Data& data, Time now) {
  std::vector<Entry> out;
  for (auto& record : TRY(data.store->orders(enrol::OrderKind::approval, now))) {
    auto approval = issuer::decode_approval(record.memo);
    if (!approval) continue;  // of a newer version
    std::string id = to_hex(crypto::sha256(view(record.id)));
    out.push_back({std::move(record), std::move(*approval), std::move(id)});
  }
  return out;
}

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

std::string what(const Approval& approval) {
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

std::string details(const Entry& e) {
  client::Page page;
  page.line("request", e.id.substr(0, kShortId), stage_of(e.approval));
  page.line("asked", to_iso(e.approval.asked));
  page.line("sender", client::printable(e.record.sender));
  page.line("transactionID", e.record.transaction.hex());
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
    page.line("asks for", what(e.approval));
  }
  return std::move(page).take();
}

json::object row_of(const Entry& e) {
  json::object out{{"id", e.id},
                   {"state", stage_of(e.approval)},
                   {"asks_for", what(e.approval)},
                   {"template", profile_of(e.approval)},
                   {"sender", e.record.sender},
                   {"transaction", e.record.transaction.hex()},
                   {"asked", to_iso(e.approval.asked)},
                   {"decided", e.approval.decided ? to_iso(*e.approval.decided) : ""},
                   {"comment", e.approval.comment}};
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
  for (const Entry& e : TRY(entries(data, now))) {
    if (!options.all && e.approval.stage != Stage::awaited) continue;
    any = true;
    if (options.json) {
      rows.push_back(row_of(e));
      continue;
    }
    std::string line = e.id.substr(0, kShortId) + "  " + to_iso(e.approval.asked) + "  ";
    if (options.all) line += std::string(stage_of(e.approval)) + "  ";
    line += what(e.approval);
    if (const auto profile = profile_of(e.approval); !profile.empty()) line += "  " + profile;
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
  const auto all = TRY(entries(data, now));
  for (const auto& id : options.ids) {
    const Entry e = TRY(find(all, id));
    if (options.json)
      std::cout << json::serialize(row_of(e)) << "\n";
    else
      print(Stream::out, details(e));
  }
  return kDone;
}

enrol::AuditRow audit_row(const Entry& e, Stage stage, const std::string& comment, Time now) {
  enrol::AuditRow row;
  row.at = now;
  row.event = stage == Stage::approved ? "approved" : "disapproved";
  row.transaction = e.record.transaction.hex();
  row.sender = "officer";
  row.subject = what(e.approval);
  row.detail = comment;
  return row;
}

// All of them, or none: every id is looked up before the first is decided.
Result<int> decide(const Host& host, const RequestsOptions& options, Stage stage) {
  const Time now = host.clock.now();
  auto data = TRY(open_data(options.data, store::Exclusive::no, host.entropy, now));
  const auto all = TRY(entries(data, now));
  std::vector<Entry> chosen;
  chosen.reserve(options.ids.size());
  for (const auto& id : options.ids) chosen.push_back(TRY(find(all, id)));
  for (const Entry& e : chosen)
    if (e.approval.stage != Stage::awaited)
      return fail(Failure::systemFailure, "app.request-decided",
                  "the request " + e.id.substr(0, kShortId) + " was decided on " +
                      to_iso(e.approval.decided.value_or(now)) + " already");
  for (const Entry& e : chosen) {
    enrol::OrderRecord record = e.record;
    Approval approval = e.approval;
    approval.stage = stage;
    approval.decided = now;
    approval.comment = options.comment;
    record.memo = encode(approval);
    record.due = now;
    TRY(data.store->change_order(record, e.record.memo, audit_row(e, stage, options.comment, now)));
    const std::string_view done = stage == Stage::approved ? "approved: " : "rejected: ";
    print(Stream::out, harmless(std::string(done) + what(approval)) + "\n");
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
  return told(decide(host, options, Stage::approved));
}

int run_requests_reject(const Host& host, const RequestsOptions& options) {
  return told(decide(host, options, Stage::rejected));
}

}  // namespace countersign::app
