#include "scenarios/runner.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <sstream>
#include <stdexcept>

#include "scenarios/audit_words.h"
#include "scenarios/reply_header.h"
#include "support/certificates.h"
#include "support/wording.h"

namespace countersign::test {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

std::string otherwise(const std::map<std::string, std::string>& options, const std::string& name,
                      const std::string& value) {
  const auto at = options.find(name);
  return at == options.end() ? value : at->second;
}

bool may_be_left_out(const std::string& word) {
  return word == "caPubs" || word == "implicitConfirm" || word.starts_with("confirm-by=") ||
         word.starts_with("code=") || word.starts_with("protected=") ||
         word.starts_with("extraCerts=");
}

std::vector<CredentialSpec> credentials(const Script& script) {
  CredentialSpec main{otherwise(script.client, "reference", "device-7"),
                      otherwise(script.client, "secret", "an agreed secret of some length"),
                      {},
                      otherwise(script.server, "names", "any")};
  if (script.server.contains("uses")) main.uses = std::stoll(script.server.at("uses"));
  return {std::move(main),
          {"another", "another secret of some length", {}, "any"},
          {"set-up", "the secret of the set-up", {}, "any"}};
}

// Of extraCerts, in order: our signer, the issuing CA, the root, or another.
std::string certificates_of(const message::PKIMessage& m) {
  const auto& ca = authority();
  std::string out;
  for (const Bytes& c : m.extra_certs)
    (out += out.empty() ? "" : ",") += c == ca.cmp.der       ? "signer"
                                       : c == ca.issuing.der ? "issuing"
                                       : c == ca.root.der    ? "root"
                                                             : "another";
  return out;
}

}  // namespace

Seconds read_seconds(const std::string& text) {
  const auto value = parse_duration(text);
  if (!value) throw std::runtime_error("no duration: " + text);
  return *value;
}

ServerSetting read_setting(const std::map<std::string, std::string>& options) {
  using transaction::Unconfirmed;
  ServerSetting out;
  auto& rules = out.rules;
  rules.confirm_wait = read_seconds(otherwise(options, "confirm-wait", "5m"));
  rules.longest_wait = read_seconds(otherwise(options, "longest-wait", "30d"));
  rules.implicit_confirm = otherwise(options, "implicit", "granted") != "never";
  rules.kur_revoke_old = otherwise(options, "kur-revoke-old", "no") == "yes";
  const auto unconfirmed = otherwise(options, "unconfirmed", "revoke");
  rules.unconfirmed = unconfirmed == "keep"    ? Unconfirmed::keep
                      : unconfirmed == "alarm" ? Unconfirmed::alarm
                                               : Unconfirmed::revoke;
  const auto keys = otherwise(options, "duplicate-keys", "allow");
  out.duplicate_keys = keys == "refuse"         ? enrol::DuplicateKeys::refuse
                       : keys == "same-subject" ? enrol::DuplicateKeys::same_subject
                                                : enrol::DuplicateKeys::allow;
  using enrol::UpdatePolicy;
  if (otherwise(options, "same-key", "allow") == "refuse")
    out.updates.same_key = UpdatePolicy::SameKey::refuse;
  const auto again = otherwise(options, "again", "grant");
  out.updates.again = again == "warn"     ? UpdatePolicy::Again::warn
                      : again == "refuse" ? UpdatePolicy::Again::refuse
                                          : UpdatePolicy::Again::grant;
  if (otherwise(options, "unknown-controls", "refuse") == "ignore")
    out.unknown_controls = enrol::UnknownControls::ignore;
  out.default_ra_profile = otherwise(options, "profile", "device");
  if (otherwise(options, "variant", "general") == "lightweight")
    rules.variant = message::Variant::lightweight;
  out.protection.time_window = read_seconds(otherwise(options, "time-window", "300s"));
  return out;
}

IssuerSays read_issuer(const std::vector<std::string>& words) {
  IssuerSays out;
  const std::string& what = words.at(1);
  if (what == "refused") {
    out.kind = IssuerSays::Kind::refused;
    if (words.size() > 2) out.failure = failure_from_name(words[2]).value();
    if (words.size() > 3) out.code = words[3];
  } else if (what == "pending") {
    out.kind = IssuerSays::Kind::pending;
    if (words.size() > 2) out.check_after = read_seconds(words[2]);
  } else if (what != "issued") {
    throw std::runtime_error("an issuer answers issued, refused or pending, not " + what);
  }
  return out;
}

Runner::Runner(const Script& script, MakeDriver make)
    : script_(script), driver_(make(read_setting(script.server), credentials(script))) {
  if (otherwise(script.server, "issuer", "ca") == "scripted")
    driver_->issuer().otherwise.kind = IssuerSays::Kind::pending;
}

void Runner::complain(const Step& s, const std::string& what) {
  complaints_.push_back("line " + std::to_string(s.line) + ": " + what);
}

std::vector<std::string> Runner::play() {
  driver_->set_time(now_);
  if (otherwise(script_.client, "protection", "pbmac1") == "signature" ||
      script_.client.contains("certificate"))
    obtain_identity();
  audit_begins_ = driver_->audit().size();
  for (const Step& s : script_.steps) {
    if (kStart + s.at < now_) throw std::runtime_error("time goes backwards");
    now_ = kStart + s.at;
    driver_->set_time(now_);
    try {
      step(s);
    } catch (const std::exception& e) {
      complain(s, e.what());
    }
  }
  if (!sent_.empty() && !sent_.back().reply) send();
  if (script_.audited && !same_audit(script_.audit, audited()))
    complaints_.push_back("the audit has " + joined(audited()));
  return std::move(complaints_);
}

void Runner::step(const Step& s) {
  if (s.who == "client") return client(s);
  if (s.who == "issuer") return issuer(s);
  if (s.who == "server") return server(s);
  throw std::runtime_error("who is " + s.who + "? client, issuer or server");
}

// ---- client
void Runner::client(const Step& s) {
  if (s.verb == "sends") {
    if (!sent_.empty() && !sent_.back().reply) send();
    sent_.push_back({s.option("label"), seal(s, compose(s)), {}, true});
    if (!s.answered) return;
    send();
    return hear(s);
  }
  if (s.verb == "gets") {
    send();
    Step heard = s;
    heard.answer = s.words;
    for (const auto& [name, value] : s.options)
      if (name != "by") heard.answer.push_back(std::string(name).append("=").append(value));
    return hear(heard);
  }
  if (s.verb != "resends") throw std::runtime_error("a client sends, gets or resends");
  const std::size_t which = s.words.empty() ? sent_.size() : std::stoul(s.words[0]);
  const Sent& former = sent_.at(which - 1);
  Bytes again = driver_->exchange(former.operation, former.octets);
  if (s.answer == std::vector<std::string>{"same"}) {
    if (again != former.reply) complain(s, "the reply is another one");
    return;
  }
  sent_.push_back({former.operation, former.octets, std::move(again), former.mac});
  hear(s);
}

void Runner::send() {
  Sent& last = sent_.back();
  if (!last.reply) last.reply = driver_->exchange(last.operation, last.octets);
  driver_->issuer().ahead.clear();
}

void Runner::hear(const Step& s) {
  Device device(credentials_for(s));
  auto reply = message::parse_message(*sent_.back().reply);
  if (!reply) return complain(s, "the answer does not parse: " + reply.error().reply_text);
  if (const auto sent = message::parse_message(sent_.back().octets)) {
    const bool lightweight = otherwise(script_.server, "variant", "general") == "lightweight";
    const auto wrong = wrong_with(
        *sent, *reply, lightweight ? message::Variant::lightweight : message::Variant::general);
    if (!wrong.empty()) complain(s, "the header of the reply: " + wrong);
  }
  // A sender that did not prove itself is never answered by a MAC; else the protection must hold.
  const auto opened = device.open(*sent_.back().reply, now_);
  auto said = in_words(reply->body) + in_words(reply->header.general_info, kStart);
  if (const auto* error = std::get_if<message::ErrorMsgContent>(&reply->body.content))
    for (const auto& detail : error->error_details) said += " code=" + detail;
  if (!opened) said += " unverified(" + std::string(opened.error().code) + ")";
  std::istringstream in(said);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  const auto& algorithm = reply->header.protection_alg;
  const auto kind = algorithm ? protect::proof_kind(*algorithm) : std::nullopt;
  words.push_back(!kind                              ? "protected=no"
                  : *kind == message::ProofKind::mac ? "protected=mac"
                                                     : "protected=signature");
  words.push_back("extraCerts=" + certificates_of(*reply));
  expect(s, words);
  remember(*reply);
}

void Runner::expect(const Step& s, const std::vector<std::string>& said) {
  const auto is_said = [&](const std::string& word) {
    return std::ranges::find(said, word) != said.end();
  };
  std::vector<std::string> wanted, found;
  bool fits = true;
  for (const auto& word : s.answer) {
    if (word.starts_with("!"))
      fits = fits && !is_said(word.substr(1));
    else if (may_be_left_out(word))
      fits = fits && is_said(word);
    else
      wanted.push_back(word);
  }
  std::ranges::copy_if(said, std::back_inserter(found), std::not_fn(may_be_left_out));
  if (!fits || wanted != found)
    complain(s, "expected " + joined(s.answer) + ", got " + joined(said));
}

void Runner::remember(const message::PKIMessage& reply) {
  // An error that refuses a message leaves the transaction, and its last nonce, as it was.
  const auto* error = std::get_if<message::ErrorMsgContent>(&reply.body.content);
  if (error == nullptr || error->status.status == message::PKIStatus::waiting)
    server_nonce_ = reply.header.sender_nonce.value_or(Nonce{});
  const auto* content = std::get_if<message::CertRepMessage>(&reply.body.content);
  if (content == nullptr) return;
  for (const auto& r : content->response)
    if (r.certified_key_pair)
      obtained_[r.cert_req_id] = {
          std::get<message::CMPCertificate>(r.certified_key_pair->cert_or_enc_cert), key_};
}

// ---- issuer and server
void Runner::issuer(const Step& s) {
  const auto says = read_issuer(s.words);
  const std::size_t index = std::stoul(s.words.at(0));
  if (!sent_.empty() && !sent_.back().reply) {
    driver_->issuer().ahead[index] = says;
    return;
  }
  driver_->late_answer(sender_, id_, index, driver_->issuer().late(index, says, now_));
}

void Runner::server(const Step& s) {
  if (s.verb == "restarts") return driver_->restart();
  if (s.verb == "forgets") return driver_->forget_replies();
  if (s.verb == "uses-left") {
    const auto left = driver_->uses_left(otherwise(script_.client, "reference", "device-7"));
    if (std::to_string(left.value_or(-1)) != s.words.at(0))
      complain(s, std::to_string(left.value_or(-1)) + " uses are left");
    return;
  }
  if (s.verb == "revokes")
    return driver_->revoke(serial_of(s.words.at(0)), std::stoi(s.option("reason", "0")));
  if (s.verb != "has")
    throw std::runtime_error("a server restarts, forgets, revokes, uses-left or has");
  if (s.words.at(0) == "certificates") {
    const auto count = std::to_string(driver_->certificates().size() - (identity_ ? 1 : 0));
    if (count != s.words.at(1)) complain(s, "it has " + count + " certificates");
    return;
  }
  const auto status = status_of(s);
  if (status != s.words.at(1)) complain(s, "that certificate is " + status);
}

std::string Runner::status_of(const Step& s) {
  const bool mine = s.words.at(0) == "identity";
  const auto at = mine ? obtained_.end() : obtained_.find(RequestId{std::stoll(s.words.at(0))});
  if (!mine && at == obtained_.end()) return "not obtained";
  const Bytes& certificate = mine ? identity_->certificate : at->second.certificate;
  for (const auto& c : driver_->certificates())
    if (c.der == certificate)
      return std::string(enrol::name(c.status)) +
             (s.has("reason") && std::to_string(c.reason) != s.option("reason")
                  ? ", reason " + std::to_string(c.reason)
                  : "");
  return "unknown";
}

std::vector<std::string> Runner::audited() {
  const auto certificates = driver_->certificates();
  const auto rows = driver_->audit();
  std::vector<std::string> out;
  for (std::size_t i = audit_begins_; i < rows.size(); ++i)
    out.push_back(audit_word(rows[i], certificates));
  return out;
}

}  // namespace countersign::test
