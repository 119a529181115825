#include "app/countersign/report.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "app/common/terminal.h"
#include "client/failure.h"
#include "client/files.h"
#include "crypto/digest.h"
#include "x509/certificate.h"

namespace countersign::app {
namespace {

namespace json = boost::json;

double milliseconds(std::chrono::nanoseconds took) {
  return std::chrono::duration<double, std::milli>(took).count();
}

std::size_t round_trips(const std::vector<std::string>& messages) { return messages.size() / 2; }

json::array list(const std::vector<std::string>& texts) {
  return json::array(texts.begin(), texts.end());
}

std::string shown(std::string_view message) {
  return message == "pkiconf" ? "pkiConf" : std::string(message);
}

std::string line(const Style& style, std::string_view label, std::string_view text) {
  return "  " + style.dim(fmt::format("{:<9}", label)) + " " + harmless(text) + "\n";
}

std::string fingerprint(View certificate) { return to_fingerprint(crypto::sha256(certificate)); }

void put_certificate(json::object& out, const client::Kept& kept) {
  const auto leaf = x509::parse_certificate(kept.leaf);
  if (!leaf) return;
  out["subject"] = x509::to_text(leaf->subject);
  out["serial"] = x509::serial_text(leaf->serial);
  out["issuer"] = x509::to_text(leaf->issuer);
  out["not_before"] = to_iso(leaf->validity.not_before);
  out["not_after"] = to_iso(leaf->validity.not_after);
  out["differences"] = list(kept.differences);
  if (!kept.remarks.empty()) out["remarks"] = kept.remarks;
  if (!kept.root.empty()) out["root_fingerprint"] = fingerprint(kept.root);
}

std::string to_json(const Options& options, const Told& told, const client::Outcome& outcome,
                    std::chrono::nanoseconds took) {
  json::object out;
  out["operation"] = options.verb;
  out["result"] = told.done;
  if (!told.subject.empty()) out["subject"] = told.subject;
  if (outcome.kept) put_certificate(out, *outcome.kept);
  if (!told.key.empty()) out["key"] = told.key;
  if (!told.certificate.empty()) out["certificate"] = told.certificate;
  if (!told.roots.empty()) out["roots"] = told.roots;
  std::vector<std::string> messages;
  messages.reserve(outcome.messages.size());
  for (const auto& message : outcome.messages) messages.push_back(shown(message));
  out["messages"] = list(messages);
  out["round_trips"] = round_trips(messages);
  out["microseconds"] = std::chrono::duration_cast<std::chrono::microseconds>(took).count();
  out["resumed"] = outcome.resumed;
  return json::serialize(out) + "\n";
}

std::string certificate_lines(const Style& style, const client::Kept& kept) {
  const auto leaf = x509::parse_certificate(kept.leaf);
  if (!leaf) return "";
  std::string out = line(style, "serial", x509::serial_text(leaf->serial));
  out += line(style, "valid",
              to_date(leaf->validity.not_before) + " to " + to_date(leaf->validity.not_after));
  out += line(style, "issuer", x509::to_text(leaf->issuer));
  return out;
}

std::string to_people(const Told& told, const client::Outcome& outcome,
                      std::chrono::nanoseconds took) {
  const Style style(Stream::out);
  std::string subject = told.subject;
  if (outcome.kept)
    if (const auto leaf = x509::parse_certificate(outcome.kept->leaf))
      subject = x509::to_text(leaf->subject);
  std::string out = style.green(told.done) + " " + style.bold(harmless(subject)) + "\n";
  if (outcome.kept) out += certificate_lines(style, *outcome.kept);
  if (!told.key.empty()) out += line(style, "key", told.key);
  if (!told.certificate.empty()) out += line(style, "cert", told.certificate);
  if (!told.roots.empty() && outcome.kept && !outcome.kept->root.empty())
    out += line(style, "roots", told.roots + "   SHA-256 " + fingerprint(outcome.kept->root));
  if (outcome.kept) {
    for (const auto& difference : outcome.kept->differences)
      out += line(style, "changed", difference);
    if (!outcome.kept->remarks.empty()) out += line(style, "server", outcome.kept->remarks);
  }
  return out + "  " + trace(outcome.messages, took) + "\n";
}

}  // namespace

std::string trace(const std::vector<std::string>& messages, std::chrono::nanoseconds took) {
  std::string out;
  for (const auto& message : messages) out += (out.empty() ? "" : " → ") + shown(message);
  const std::size_t trips = round_trips(messages);
  return fmt::format("{}: {} round trip{}, {:.1f} ms", out, trips, trips == 1 ? "" : "s",
                     milliseconds(took));
}

void report_success(const Options& options, const Told& told, const client::Outcome& outcome,
                    std::chrono::nanoseconds took) {
  print(Stream::out,
        options.json ? to_json(options, told, outcome, took) : to_people(told, outcome, took));
}

void report_carried(const Options& options, const client::Outcome& outcome) {
  const std::string next = outcome.message_written ? *options.request_out : "";
  if (options.json) {
    json::object out{{"operation", options.verb}, {"result", "carry"}};
    if (!next.empty()) out["request"] = next;
    return print(Stream::out, json::serialize(out) + "\n");
  }
  if (next.empty())
    return print(
        Stream::out,
        "the answer was read; the next message is ready: run the same with --request-out\n");
  print(Stream::out, harmless(next) +
                         " is written; take it to the server, and its answer back with "
                         "the same command and --response-in\n");
}

int report_failure(const Options& options, const Error& error, const std::string& journal) {
  const auto exit = client::exit_for(error.code);
  std::string text = error.reply_text;
  while (text.ends_with('.')) text.pop_back();
  if (!journal.empty() && client::file_exists(journal + "/state") &&
      error.code != "client.journal-other" && error.code != "client.file-busy")
    text += ". What was begun is kept in " + journal +
            ": the same command goes on with it, --start-over drops it";
  if (options.json) {
    const json::object out{{"error",
                            {{"code", std::string(error.code)},
                             {"failure", std::string(name(error.failure))},
                             {"text", text}}}};
    print(Stream::out, json::serialize(out) + "\n");
  } else {
    const Style style(Stream::err);
    print(Stream::err, "countersign: " + style.red(harmless(text)) + ".\n");
    if (options.verbose)
      print(Stream::err, "  " + std::string(error.code) +
                             (error.detail.empty() ? "" : ": " + harmless(error.detail)) + "\n");
  }
  return static_cast<int>(exit);
}

void notice(const Options& options, const std::string& text) {
  if (options.json && !options.verbose) return;
  print(Stream::err, "countersign: " + harmless(text) + "\n");
}

}  // namespace countersign::app
