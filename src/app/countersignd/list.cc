// countersignd certificates | audit verify | audit list | why | config

#include <algorithm>
#include <boost/json.hpp>
#include <iostream>

#include "app/common/terminal.h"
#include "app/countersignd/authority_files.h"
#include "app/countersignd/commands.h"
#include "console/rows.h"
#include "server/config.h"

namespace countersign::app {
namespace {

Result<Data> open(const Host& host, const ListOptions& options) {
  return open_data(options.data, store::Exclusive::no, host.entropy, host.clock.now());
}

// Names are what peers asked for: a line stays one line.
void print_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  print(Stream::out, text + "\n");
}

Result<int> certificates(const Host& host, const ListOptions& options) {
  auto data = TRY(open(host, options));
  ports::Ledger::CertificateFilter filter;
  filter.most = options.most;
  filter.subject_contains = options.subject;
  filter.subscriber = options.subscriber;
  if (!options.status.empty()) {
    filter.status = enrol::certificate_status_from_name(options.status);
    if (!filter.status)
      return fail(Failure::systemFailure, "app.status",
                  "--status is unconfirmed, valid, revoked or held");
  }
  boost::json::array rows;
  for (const auto& c : TRY(data.store->certificates(filter))) {
    if (options.json) {
      rows.push_back(console::to_json(c));
      continue;
    }
    print_line(x509::serial_text(c.serial) + "  " + std::string(enrol::name(c.status)) + "  " +
               to_date(c.validity.not_before) + " to " + to_date(c.validity.not_after) + "  " +
               c.subject);
  }
  if (options.json) std::cout << boost::json::serialize(rows) << "\n";
  return kDone;
}

Result<int> audit_verify(const Host& host, const ListOptions& options) {
  auto data = TRY(open(host, options));
  const auto rows = TRY(data.store->verify_audit());
  if (options.json)
    std::cout << boost::json::object{{"rows", rows}, {"intact", true}} << "\n";
  else
    std::cout << "the audit chain is whole: " << rows << " rows\n";
  return kDone;
}

int print_rows(const std::vector<enrol::AuditRow>& all, bool as_json) {
  boost::json::array rows;
  for (const auto& r : all) {
    rows.push_back(console::to_json(r));
    if (as_json) continue;
    std::string line = to_iso(r.at) + "  " + r.event;
    for (const auto& [before, text] : {std::pair<const char*, const std::string&>{"", r.subject},
                                       {"serial ", r.serial},
                                       {"by ", r.sender},
                                       {"", r.code},
                                       {"", r.detail}})
      if (!text.empty()) line.append("  ").append(before).append(text);
    print_line(std::move(line));
  }
  if (as_json) std::cout << boost::json::serialize(rows) << "\n";
  return kDone;
}

Result<int> audit_list(const Host& host, const ListOptions& options) {
  auto data = TRY(open(host, options));
  return print_rows(TRY(data.store->audit(options.most)), options.json);
}

Result<int> why(const Host& host, const ListOptions& options) {
  auto data = TRY(open(host, options));
  const auto rows = TRY(data.store->audit_of(options.transaction));
  if (!rows.empty()) return print_rows(rows, options.json);
  return fail(Failure::systemFailure, "app.no-transaction",
              "nothing is recorded of the transaction " + options.transaction +
                  "; its ID has 32 hexadecimal digits in small letters, as the log and `audit list "
                  "--json` show it. What was refused before its sender proved itself is in the log "
                  "alone");
}

int end(const Result<int>& done) { return done ? *done : report(done.error()); }

}  // namespace

int run_certificates(const Host& h, const ListOptions& o) { return end(certificates(h, o)); }
int run_audit_verify(const Host& h, const ListOptions& o) { return end(audit_verify(h, o)); }
int run_audit_list(const Host& h, const ListOptions& o) { return end(audit_list(h, o)); }

int run_why(const Host& host, const ListOptions& options) {
  const auto done = why(host, options);
  return done ? *done : report(done.error());
}

int run_config(bool markdown) {
  std::cout << (markdown ? server::config_markdown() : server::config_example());
  return kDone;
}

int report(const Error& error) {
  std::cerr << "countersignd: " << error.reply_text << " [" << error.code << "]";
  if (!error.detail.empty()) std::cerr << "\n  " << error.detail;
  std::cerr << "\n";
  return kLocal;
}

}  // namespace countersign::app
