// POST /api/v1/simulate: what would become of a message right now, and why.
#include <algorithm>

#include "console/routes.h"
#include "crypto/keys.h"
#include "der/pem.h"
#include "enrol/purposes.h"
#include "x509/extension.h"
#include "x509/serial_text.h"

namespace countersign::console {
namespace {

namespace json = boost::json;
using server::TrialOutcome;
using server::TrialRequest;

json::object to_json(const Error& error) {
  return {{"code", error.code},
          {"failure", name(error.failure)},
          {"text", error.reply_text},
          {"detail", error.detail}};
}

std::string joined(const auto& range, auto text_of) {
  std::string out;
  for (const auto& one : range) out += (out.empty() ? "" : ", ") + std::string(text_of(one));
  return out;
}

json::array names_of(const x509::Extensions& extensions) {
  json::array out;
  if (const auto* san = x509::find(extensions, x509::oids::subject_alt_name))
    if (const auto names = x509::read_subject_alt_name(san->value))
      for (const auto& one : *names) out.emplace_back(x509::to_text(one));
  return out;
}

std::string usage_text(View value) {
  std::string out;
  const auto bits = x509::read_key_usage(value);
  for (std::size_t i = 0; bits && i < bits->size(); ++i)
    if (bits->test(i))
      out += (out.empty() ? "" : ", ") + std::string(x509::name(static_cast<x509::KeyUsage>(i)));
  return out;
}

std::string purposes_text(View value) {
  const auto purposes = x509::read_ext_key_usage(value);
  return purposes ? joined(*purposes, enrol::purpose_text) : "";
}

std::string key_text(View spki) {
  const auto key = crypto::PublicKey::from_spki(spki);
  if (!key) return "unreadable";
  return std::string(crypto::name(key->kind())) + ", " + std::to_string(key->bits()) + " bits";
}

// Those that have no member of their own.
std::string other_extensions(const x509::Extensions& extensions) {
  std::string out;
  for (const auto& e : extensions) {
    if (e.id == x509::oids::subject_alt_name || e.id == x509::oids::key_usage ||
        e.id == x509::oids::ext_key_usage)
      continue;
    out += (out.empty() ? "" : ", ") + e.id.dotted() + (e.critical ? " (critical) " : " ") +
           to_hex(e.value);
  }
  return out;
}

void put(json::object& out, const transaction::CertificateOrder& order) {
  const auto* usage = x509::find(order.extensions, x509::oids::key_usage);
  const auto* purposes = x509::find(order.extensions, x509::oids::ext_key_usage);
  out["subject"] = x509::to_text(order.subject);
  out["names"] = names_of(order.extensions);
  out["key"] =
      order.central_key ? order.central_key->algorithm + ", made here" : key_text(order.spki);
  out["not_before"] = to_iso(order.validity.not_before);
  out["not_after"] = to_iso(order.validity.not_after);
  out["key_usage"] = usage == nullptr ? "" : usage_text(usage->value);
  out["ext_key_usage"] = purposes == nullptr ? "" : purposes_text(purposes->value);
  out["other_extensions"] = other_extensions(order.extensions);
  out["differs"] = order.modifications;
  out["ignored"] = order.ignored;
  if (!order.subscriber.empty()) out["subscriber"] = order.subscriber;
  if (order.replaces) out["replaces"] = x509::serial_text(*order.replaces);
}

void put(json::object& out, const transaction::RevocationOrder& order) {
  out["revokes"] = x509::serial_text(order.serial);
  out["reason"] = x509::reason_name(order.reason);
}

void put(json::object& out, const transaction::InformationOrder& order) {
  out["asks_for"] = joined(order.items, [](const auto& item) { return item.type.dotted(); });
}

std::string_view verdict_of(const TrialRequest& r) {
  if (!r.verdict) return "refused";
  return r.officers > 0 ? "waits" : "granted";
}

json::object to_json(const TrialRequest& r) {
  json::object out{{"verdict", verdict_of(r)},
                   {"ra_profile", r.chosen.ra_profile},
                   {"because", r.chosen.because},
                   {"proof_of_possession", r.proof}};
  if (!r.verdict) {
    for (auto& member : to_json(r.verdict.error())) out[member.key()] = std::move(member.value());
    return out;
  }
  out["officers_needed"] = r.officers;
  std::visit([&](const auto& order) { put(out, order); }, *r.verdict);
  out["lint"] = joined(r.findings,
                       [](const enrol::Finding& f) { return std::string(f.code) + ": " + f.what; });
  return out;
}

// Of all requests together.
std::string_view outcome_of(const TrialOutcome& trial) {
  if (trial.refusal) return "refused";
  if (trial.passed_on) return "passed-on";
  if (trial.requests.empty()) return "nothing";
  const auto verdict = verdict_of(trial.requests.front());
  const bool alike = std::ranges::all_of(
      trial.requests, [&](const TrialRequest& r) { return verdict_of(r) == verdict; });
  return alike ? verdict : "partly";
}

json::object to_json(const TrialOutcome& trial) {
  json::array steps;
  for (const auto& step : trial.steps)
    steps.push_back(json::object{{"step", step.name}, {"verdict", "good"}, {"detail", step.said}});
  if (trial.refusal)
    steps.push_back(json::object{
        {"step", trial.refused_at}, {"verdict", "refused"}, {"detail", trial.refusal->reply_text}});
  json::array requests;
  for (const auto& request : trial.requests) requests.push_back(to_json(request));
  json::object out{{"outcome", outcome_of(trial)},
                   {"endpoint", trial.endpoint},
                   {"body", nullptr},
                   {"sender", nullptr},
                   {"steps", std::move(steps)},
                   {"refusal", nullptr},
                   {"requests", std::move(requests)},
                   {"remarks", json::array(trial.remarks.begin(), trial.remarks.end())}};
  if (!trial.body.empty()) out["body"] = trial.body;
  if (!trial.sender.empty()) out["sender"] = trial.sender;
  if (trial.refusal) out["refusal"] = to_json(*trial.refusal);
  return out;
}

// The first block of a text is what is meant.
Bytes der_of(const Bytes& body) {
  constexpr Byte kSequence = 0x30;
  if (!body.empty() && body.front() == kSequence) return body;
  const auto blocks = der::from_pem(text(body));
  return blocks && !blocks->empty() ? blocks->front().der : body;
}

}  // namespace

Handled simulate_request(const Call& call) {
  if (!call.at.simulator)
    return refuse(503, "console.no-simulator", "this server answers no CMP messages at present");
  const server::Trial trial{der_of(call.request.body), call.query.text("cmp_profile", "default"),
                            call.query.text("ra_profile"), call.query.text("as_secret")};
  auto done = server::simulate(*call.at.simulator, trial, call.now);
  if (done) return json_response(200, to_json(*done));
  Problem problem(std::move(done).error());
  if (problem.code.starts_with("simulation.")) problem.status = 422;
  return std::unexpected(std::move(problem));
}

}  // namespace countersign::console
