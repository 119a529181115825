#include "issuer/program/words.h"

#include <algorithm>
#include <boost/json.hpp>

#include "der/pem.h"
#include "enrol/purposes.h"
#include "x509/certificate.h"
#include "x509/extension.h"

namespace countersign::issuer {
namespace {

namespace json = boost::json;

constexpr std::size_t kLongestText = 1000;
constexpr std::int64_t kLongestWait = 7LL * 86400;
constexpr Seconds kDay{86400};

std::unexpected<Error> unreadable(std::string why) {
  return fail(Failure::systemFailure, "issuer.program-answer",
              "the CA behind this server gave an answer that cannot be read; tell the "
              "administrator of this server",
              std::move(why));
}

// "/O=Example/CN=unit-1", as -subj of OpenSSL takes it.
std::string with_slashes(const x509::Name& name) {
  const std::string text = x509::to_text(name);  // most significant last
  if (text == "NULL-DN") return "/";
  std::vector<std::string> parts{{}};
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ',') {
      parts.emplace_back();
      continue;
    }
    if (text[i] == '/') parts.back() += '\\';
    parts.back() += text[i];
    if (text[i] == '\\' && i + 1 < text.size()) parts.back() += text[++i];
  }
  std::string out;
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) out += '/' + *part;
  return out;
}

// "DNS:a.example,IP:192.0.2.1", as OpenSSL's subjectAltName takes it.
std::string san_text(const x509::Extensions& extensions) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kKinds = {
      {{"dns:", "DNS:"}, {"ip:", "IP:"}, {"email:", "email:"}, {"uri:", "URI:"}}};
  const auto* san = x509::find(extensions, x509::oids::subject_alt_name);
  const auto names = san == nullptr ? std::nullopt : [&] {
    auto read = x509::read_subject_alt_name(san->value);
    return read ? std::optional(std::move(*read)) : std::nullopt;
  }();
  std::string out;
  if (!names) return out;
  for (const auto& name : *names) {
    const std::string text = x509::to_text(name);
    for (const auto& [ours, theirs] : kKinds)
      if (text.starts_with(ours))
        out += (out.empty() ? "" : ",") + std::string(theirs) + text.substr(ours.size());
  }
  return out;
}

std::string usage_text(const x509::Extensions& extensions) {
  std::string out;
  const auto* extension = x509::find(extensions, x509::oids::key_usage);
  if (extension == nullptr) return out;
  const auto usages = x509::read_key_usage(extension->value);
  if (!usages) return out;
  for (std::size_t i = 0; i < usages->size(); ++i)
    if (usages->test(i))
      out += (out.empty() ? "" : ",") + std::string(x509::name(static_cast<x509::KeyUsage>(i)));
  return out;
}

std::string purposes_text(const x509::Extensions& extensions) {
  std::string out;
  const auto* extension = x509::find(extensions, x509::oids::ext_key_usage);
  if (extension == nullptr) return out;
  const auto purposes = x509::read_ext_key_usage(extension->value);
  if (!purposes) return out;
  for (const auto& purpose : *purposes)
    out += (out.empty() ? "" : ",") + enrol::purpose_text(purpose);
  return out;
}

json::array exactly(const x509::Extensions& extensions) {
  json::array out;
  for (const auto& e : extensions)
    out.push_back(json::object{
        {"oid", e.id.dotted()}, {"critical", e.critical}, {"value", der::to_base64(e.value)}});
  return out;
}

json::object begin(std::string_view operation, const ports::OrderKey& key) {
  return {{"version", 1},
          {"operation", operation},
          {"id", key.id},
          {"transaction", key.transaction.hex()},
          {"requester", key.sender}};
}

Result<Said> read_certificate(std::string_view pem) {
  const auto blocks = der::from_pem(pem);
  if (!blocks || blocks->empty() || blocks->front().label != "CERTIFICATE")
    return unreadable("\"certificate\" is no certificate in PEM");
  return Said{Granted{blocks->front().der}};
}

Result<Said> read_refusal(const json::object& answer, std::string why) {
  Failure failure = Failure::badRequest;
  if (const auto* named = answer.if_contains("failure")) {
    const auto known = named->is_string() ? failure_from_name(named->get_string()) : std::nullopt;
    if (!known) return unreadable("\"failure\" names no PKIFailureInfo of RFC 9810 §5.2.3");
    failure = *known;
  }
  why.resize(std::min(why.size(), kLongestText));
  return Said{transaction::Refused{
      {failure,
       "issuer.program-refused",
       why.empty() ? "the CA behind this server refused, and did not say why" : why,
       {}}}};
}

}  // namespace

std::string question_for(const ports::OrderKey& key, const transaction::CertificateOrder& order,
                         Time now) {
  json::object out = begin("issue", key);
  const Seconds lasts = order.validity.not_after - now;
  out["ra_profile"] = order.profile;
  out["subject"] = x509::to_text(order.subject);
  out["subject_slashes"] = with_slashes(order.subject);
  out["san"] = san_text(order.extensions);
  out["key_usage"] = usage_text(order.extensions);
  out["extended_key_usage"] = purposes_text(order.extensions);
  out["not_before"] = to_iso(order.validity.not_before);
  out["not_after"] = to_iso(order.validity.not_after);
  out["days"] = std::max<std::int64_t>(1, lasts.count() / kDay.count());
  out["public_key"] = der::to_pem("PUBLIC KEY", order.spki);
  if (order.replaces) out["replaces"] = x509::serial_text(*order.replaces);
  out["extensions"] = exactly(order.extensions);
  return json::serialize(out);
}

std::string question_for(const ports::OrderKey& key, const transaction::RevocationOrder& order) {
  json::object out = begin("revoke", key);
  out["serial"] = x509::serial_text(order.serial);
  out["reason"] = x509::reason_name(order.reason);
  if (order.invalidity_date) out["invalidity_date"] = to_iso(*order.invalidity_date);
  return json::serialize(out);
}

Result<Said> read_said(std::string_view answer) {
  const auto text = answer.find_first_not_of(" \t\r\n");
  if (text == std::string_view::npos) return unreadable("it is empty");
  if (answer.substr(text).starts_with("-----BEGIN")) return read_certificate(answer.substr(text));
  boost::system::error_code error;
  const json::value value = json::parse(answer, error);
  if (error || !value.is_object()) return unreadable("it is no JSON object, and no PEM");
  const auto& object = value.get_object();
  if (const auto* refused = object.if_contains("refused"))
    return read_refusal(object, refused->is_string() ? std::string(refused->get_string()) : "");
  if (const auto* certificate = object.if_contains("certificate"); certificate != nullptr)
    return certificate->is_string() ? read_certificate(certificate->get_string())
                                    : unreadable("\"certificate\" is no text");
  if (const auto* pending = object.if_contains("pending"); pending != nullptr) {
    if (!pending->is_int64() || pending->get_int64() < 1 || pending->get_int64() > kLongestWait)
      return unreadable("\"pending\" is no number of seconds, 1 to 604800");
    return Said{Waits{Seconds{pending->get_int64()}}};
  }
  if (const auto* revoked = object.if_contains("revoked"); revoked != nullptr)
    if (revoked->is_bool() && revoked->get_bool()) return Said{HasRevoked{}};
  return unreadable("it has none of \"certificate\", \"revoked\", \"pending\", \"refused\"");
}

bool has_taken(std::string_view answer) {
  boost::system::error_code error;
  const json::value value = json::parse(answer, error);
  const auto* said = value.if_object();
  return error || said == nullptr || (!said->contains("pending") && !said->contains("refused"));
}

}  // namespace countersign::issuer
