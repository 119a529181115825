#include "support/machine_server.h"

#include <algorithm>

#include "crypto/digest.h"
#include "enrol/genm.h"
#include "message/info_type.h"
#include "protect/lightweight_check.h"
#include "transaction/codec.h"

namespace countersign::test {

using enrol::CertificateStatus;
using message::BodyType;

struct MachineServer::Exchange {
  Time now{};
  message::PKIHeader header;  // of the request, as far as it was read
  bool parsed = false;
  bool authenticated = false;
  std::optional<protect::MacKey> mac_key;
  Key key;
  std::string reference;
  RequestDigest digest;  // of the message
  RequestDigest origin;  // of the one that opened the transaction
  // What the commit holds.
  transaction::Transaction next;
  std::optional<transaction::Reply> reply;
  std::vector<enrol::CertificateRecord> certificates;
  std::vector<transaction::RevocationOrder> revocations;
  std::vector<transaction::Effect> effects;
};

Bytes sign_now(const ports::Signer& signer, Bytes tbs) {
  Bytes signature;
  signer.sign(std::move(tbs), [&](Result<Bytes> made) { signature = std::move(made).value(); });
  return signature;
}

RequestDigest digest_of(const message::PKIMessage& m) {
  crypto::Hasher hasher(crypto::Digest::sha256);
  hasher.update(m.header_and_body);
  if (m.protection) hasher.update(m.protection->octets);
  return RequestDigest{hasher.finish()};
}

MachineServer::MachineServer(ServerSetting setting, ScriptedIssuer& issuer)
    : setting_(std::move(setting)),
      catalogue_(enrol::build_catalogue(setting_, {}).catalogue),
      issuer_(issuer) {}

void MachineServer::add_credential(enrol::CredentialRecord credential) {
  credentials_.insert_or_assign(credential.reference, std::move(credential));
}

const enrol::CredentialRecord* MachineServer::credential(const std::string& reference) const {
  const auto at = credentials_.find(reference);
  return at == credentials_.end() ? nullptr : &at->second;
}

Nonce MachineServer::fresh_nonce() {
  Nonce nonce{Bytes(16)};
  (void)entropy_.fill(nonce.octets);
  return nonce;
}

enrol::CertificateRecord* MachineServer::find(View serial) {
  for (auto& c : certificates_)
    if (equal(c.serial, serial)) return &c;
  return nullptr;
}

std::optional<transaction::Transaction> MachineServer::load(const Key& key) {
  const auto at = transactions_.find(key);
  if (at == transactions_.end()) return std::nullopt;
  auto t = transaction::decode(at->second).value();
  transaction::restore(t, [&](View serial) -> std::optional<transaction::StoredCertificate> {
    const auto* c = find(serial);
    if (c == nullptr) return std::nullopt;
    return transaction::StoredCertificate{c->der, {authority().issuing.der}, authority().root.der};
  }).value();
  return t;
}

// ---- the path of a request
Bytes MachineServer::handle(View request, Time now) {
  Exchange x;
  x.now = now;
  auto sealed = answer(x, request);
  if (sealed) return std::move(*sealed);
  if (x.authenticated) note(x, "refused", {}, std::string(sealed.error().code));
  message::PKIMessage reply;
  message::ErrorMsgContent content;
  content.status = message::rejection(sealed.error().failure, sealed.error().reply_text);
  content.error_details.emplace_back(sealed.error().code);
  reply.body = {BodyType::error, std::move(content)};
  return seal(x, std::move(reply));
}

Result<Bytes> MachineServer::answer(Exchange& x, View request) {
  if (auto header = message::salvage_header(request)) {
    x.header = std::move(*header);
    x.parsed = true;
  }
  auto m = TRY(message::parse_message(request));
  TRY(protect::check_header(m));
  if (strict()) TRY(protect::check_lightweight(m));
  x.digest = digest_of(m);
  if (const auto kept = replies_.find(x.digest); kept != replies_.end()) return kept->second;
  if (const auto at = issued_for_.lower_bound({x.digest, 0});
      at != issued_for_.end() && at->first == x.digest)
    return fail(Failure::badRequest, "server.answered-before", "this request was answered before");
  const auto proof = TRY(authenticate(x, std::move(m)));
  const auto& sender = proof.message.sender();
  if (strict()) TRY(protect::check_lightweight_sender(proof.message));
  if (sender.unconfirmed && proof.message->body.type != BodyType::certConf)
    return fail(Failure::notAuthorized, "server.unconfirmed-sender",
                "confirm the certificate first");
  x.key = {sender.identity, *x.header.transaction_id};
  x.reference = sender.reference;
  auto known = load(x.key);
  transaction::Transaction fresh;
  fresh.origin = x.digest;
  x.origin = known ? known->origin : x.digest;
  TRY(settle(x, known ? std::move(*known) : std::move(fresh), transaction::Received{proof.message},
             facts(x, proof.message)));
  message::PKIMessage reply;
  reply.header.pvno = proof.message->header.pvno;
  reply.header.sender_nonce = x.reply->body.type == BodyType::pollRep
                                  ? *poll_nonces_.insert(fresh_nonce()).first
                                  : x.next.last_nonce;
  if (reply.header.sender_nonce->empty()) reply.header.sender_nonce = fresh_nonce();
  reply.header.general_info = x.reply->general_info;
  reply.body = x.reply->body;
  reply.extra_certs = x.reply->extra_certs;
  Bytes octets = seal(x, std::move(reply));
  if (!x.reply->changes_state) return octets;
  TRY(commit(x));
  replies_[x.digest] = octets;
  return octets;
}

Result<protect::Authentication> MachineServer::authenticate(Exchange& x, message::PKIMessage m) {
  const auto shown = evidence(m, x.now);
  const protect::Authenticator authenticator(setting_.protection, keys_, paths_, derived_);
  auto proof = TRY(authenticator.authenticate(std::move(m), shown, x.now));
  if (proof.mac_key) x.mac_key = proof.mac_key->clone();
  x.authenticated = true;
  return proof;
}

protect::Evidence MachineServer::evidence(const message::PKIMessage& m, Time now) {
  protect::Evidence out;
  out.own_authority = &authority().own;
  for (const auto& c : certificates_) {
    const auto state = c.status == CertificateStatus::valid ? protect::CertificateState::valid
                       : c.status == CertificateStatus::unconfirmed
                           ? protect::CertificateState::unconfirmed
                       : c.status == CertificateStatus::held ? protect::CertificateState::held
                                                             : protect::CertificateState::revoked;
    out.own.push_back({c.der, state});
  }
  const auto reference = protect::reference_of(m.header);
  const auto* c = reference ? credential(*reference) : nullptr;
  if (c == nullptr) return out;
  const auto open =
      load({"secret:" + c->reference, m.header.transaction_id.value_or(TransactionId{})});
  const bool usable = (!c->uses_left || *c->uses_left > 0) && (!c->expires || now < *c->expires);
  if (usable || (open && transaction::phase(*open) != transaction::Phase::ended))
    out.secret = protect::KnownSecret{c->reference, &c->secret, c->made_by_us};
  return out;
}

transaction::Facts MachineServer::facts(Exchange& x, const message::AuthenticatedMessage& m) {
  transaction::Facts out{setting_.rules, fresh_nonce(), {}, false};
  if (m->header.recip_nonce) out.derived_nonce_fits = poll_nonces_.contains(*m->header.recip_nonce);
  if (transactions_.contains(x.key)) return out;
  static const std::vector<x509::Name> our_names{authority().issuing.subject};
  const enrol::Setting rules{*catalogue_, setting_, our_names};
  const enrol::Known known{credential(x.reference), nullptr, certificates_};
  out.verdicts = enrol::examine(m, rules, known, x.now);
  return out;
}

bool MachineServer::strict() const noexcept {
  return setting_.rules.variant == message::Variant::lightweight;
}

transaction::Answer MachineServer::inform(const transaction::InformationOrder& question) const {
  const std::vector<Bytes> certificates{authority().issuing.der, authority().root.der};
  const auto* wanted = catalogue_->ra_profile(question.profile);
  if (wanted == nullptr) wanted = catalogue_->ra_profile(setting_.default_ra_profile);
  auto told =
      enrol::tell(question.items, {certificates, {}, {}, wanted->t, setting_.rules.variant});
  if (!told) return transaction::Refused{std::move(told).error()};
  return transaction::Informed{std::move(*told)};
}

// Steps until nothing is left to ask.
Result<> MachineServer::settle(Exchange& x, transaction::Transaction state,
                               const transaction::Event& event, const transaction::Facts& facts) {
  std::vector<transaction::Ask> asks;
  const auto take = [&](transaction::Step step) {
    x.next = std::move(step.next);
    if (step.reply) x.reply = std::move(step.reply);
    for (auto& effect : step.effects) {
      if (auto* ask = std::get_if<transaction::Ask>(&effect))
        asks.push_back(*ask);
      else
        x.effects.push_back(std::move(effect));
    }
  };
  take(TRY(transaction::step(std::move(state), event, facts, x.now)));
  for (std::size_t i = 0; i < asks.size(); ++i) {
    transaction::Answer answer;
    if (const auto* question = std::get_if<transaction::InformationOrder>(&asks[i].order))
      answer = inform(*question);
    if (const auto* r = std::get_if<transaction::RevocationOrder>(&asks[i].order)) {
      x.revocations.push_back(*r);
      answer = transaction::Revoked{r->serial};
    } else if (const auto* order = std::get_if<transaction::CertificateOrder>(&asks[i].order)) {
      issuer_.issue({{}, "default", x.key.first, x.key.second, asks[i].index}, *order, x.now,
                    [&](Result<transaction::Answer> said) { answer = std::move(said).value(); });
      if (const auto* made = std::get_if<transaction::Issued>(&answer))
        keep(x, *made, asks[i].index, order->profile);
    }
    take(TRY(transaction::step(std::move(x.next),
                               transaction::AnswerArrived{asks[i].index, std::move(answer)}, facts,
                               x.now)));
  }
  return {};
}

void MachineServer::keep(Exchange& x, const transaction::Issued& issued, std::size_t index,
                         const std::string& profile) {
  const auto parsed = x509::parse_certificate(issued.certificate).value();
  enrol::CertificateRecord record;
  record.serial = issued.serial;
  record.der = issued.certificate;
  record.fingerprint = crypto::sha256(issued.certificate);
  record.key_hash = crypto::sha256(parsed.spki);
  record.key_id = parsed.subject_key_identifier();
  record.subject = x509::to_text(parsed.subject);
  record.validity = parsed.validity;
  record.profile = profile;
  record.sender = x.key.first;
  record.reference = x.reference;
  record.transaction = x.key.second;
  record.request = x.origin;
  record.request_index = static_cast<int>(index);
  record.issued_at = x.now;
  x.certificates.push_back(std::move(record));
}

// ---- the commit: guards first, so that it is all or nothing
Result<> MachineServer::commit(Exchange& x) {
  ++commits_;
  for (auto& c : x.certificates) {
    if (find(c.serial) != nullptr || !issued_for_.insert({c.request, c.request_index}).second)
      return fail(Failure::systemFailure, "store.conflict", "a second certificate");
  }
  for (auto& c : x.certificates) certificates_.push_back(std::move(c));
  for (const auto& r : x.revocations) {
    auto* c = find(r.serial);
    const bool hold = r.reason == x509::CrlReason::certificateHold;
    c->status = hold ? CertificateStatus::held : CertificateStatus::revoked;
    c->reason = r.reason;
    c->revoked_at = x.now;
    note(x, hold ? "held" : "revoked", r.serial, "");
  }
  for (const auto& effect : x.effects) TRY(apply(x, effect));
  transactions_[x.key] = transaction::encode(x.next);
  return {};
}

Result<> MachineServer::apply(Exchange& x, const transaction::Effect& effect) {
  const auto move = [&](const Bytes& serial, CertificateStatus from,
                        CertificateStatus to) -> Result<> {
    auto* c = find(serial);
    if (c != nullptr && c->status == CertificateStatus::revoked) return {};  // and stays so
    if (c == nullptr || c->status != from)
      return fail(Failure::systemFailure, "store.conflict", "a certificate is not as it should be");
    c->status = to;
    if (to == CertificateStatus::revoked) c->revoked_at = x.now;
    return {};
  };
  const auto uses = [&](std::int64_t delta) {
    const auto at = credentials_.find(x.reference);
    if (at != credentials_.end() && at->second.uses_left) *at->second.uses_left += delta;
  };
  if (const auto* e = std::get_if<transaction::Confirm>(&effect))
    return move(e->serial, CertificateStatus::unconfirmed, CertificateStatus::valid);
  if (const auto* e = std::get_if<transaction::Withdraw>(&effect))
    return move(e->serial, CertificateStatus::unconfirmed, CertificateStatus::revoked);
  if (const auto* e = std::get_if<transaction::Supersede>(&effect)) {
    if (auto* c = find(e->serial); c != nullptr && c->status != CertificateStatus::revoked)
      revoke(e->serial, x509::CrlReason::superseded, x.now);
  }
  if (const auto* e = std::get_if<transaction::Replace>(&effect))
    if (auto* c = find(e->serial); c != nullptr) c->replaced_by = e->by;
  if (const auto* e = std::get_if<transaction::ForgetReply>(&effect)) replies_.erase(e->message);
  if (std::holds_alternative<transaction::ReserveUse>(effect)) uses(-1);
  if (std::holds_alternative<transaction::GiveUseBack>(effect)) uses(+1);
  if (const auto* e = std::get_if<transaction::Note>(&effect))
    note(x, e->event, e->serial, e->code, e->detail);
  return {};
}

void MachineServer::revoke(View serial, int reason, Time now) {
  auto* c = find(serial);
  c->status = CertificateStatus::revoked;
  c->reason = reason;
  c->revoked_at = now;
}

void MachineServer::note(const Exchange& x, const std::string& event, const Bytes& serial,
                         const std::string& code, const std::string& detail) {
  enrol::AuditRow row;
  row.at = x.now;
  row.event = event;
  row.transaction = x.key.second.hex();
  row.sender = x.key.first;
  row.serial = x509::serial_text(serial);
  row.code = code;
  row.detail = detail;
  audit_.push_back(std::move(row));
}

// ---- what comes without a message
void MachineServer::advance(const std::string& sender, const TransactionId& id,
                            const transaction::Event& event, Time now) {
  Exchange x;
  x.now = now;
  x.key = {sender, id};
  if (sender.starts_with("secret:")) x.reference = sender.substr(7);
  auto state = load(x.key);
  if (!state) return;
  x.origin = state->origin;
  if (const auto* arrived = std::get_if<transaction::AnswerArrived>(&event))
    if (const auto* made = std::get_if<transaction::Issued>(&arrived->answer))
      if (std::holds_alternative<transaction::Asked>(state->requests.at(arrived->index).state))
        keep(x, *made, arrived->index, state->requests[arrived->index].profile);
  settle(x, std::move(*state), event, {setting_.rules, {}, {}, false}).value();
  commit(x).value();
}

void MachineServer::run_due(Time now) {
  std::vector<Key> due;
  for (const auto& [key, state] : transactions_) {
    const auto wake = transaction::wake_at(transaction::decode(state).value());
    if (wake && *wake <= now) due.push_back(key);
  }
  for (const auto& [sender, id] : due) advance(sender, id, transaction::Elapsed{}, now);
}

// ---- replies, protected in the kind of the request
Bytes MachineServer::seal(const Exchange& x, message::PKIMessage reply) {
  auto& h = reply.header;
  h.sender = x509::directory_name(authority().cmp.subject);
  h.message_time = x.now;
  if (!h.sender_nonce) h.sender_nonce = fresh_nonce();
  if (x.parsed) {
    h.pvno = std::clamp<std::int64_t>(x.header.pvno, 2, 3);
    h.recipient = x.header.sender;
    h.transaction_id = x.header.transaction_id;
    h.recip_nonce = x.header.sender_nonce;
  }
  if (x.mac_key) {
    h.sender_kid = x.header.sender_kid;
    if (strict() && h.sender_kid)
      h.sender = x509::directory_name(x509::common_name(std::string(text(*h.sender_kid))));
    protect::protect_with_mac(reply, *x.mac_key, entropy_).value();
    return message::encode(reply);
  }
  if (!x.authenticated && !setting_.sign_refusals) return message::encode(reply);
  h.sender_kid = authority().cmp.subject_key_identifier();
  reply.extra_certs.insert(reply.extra_certs.begin(), authority().cmp.der);
  if (std::ranges::find(reply.extra_certs, authority().issuing.der) == reply.extra_certs.end())
    reply.extra_certs.push_back(authority().issuing.der);
  Bytes tbs = protect::prepare_signature(reply, authority().cmp_signer->algorithm());
  protect::attach_signature(reply, sign_now(*authority().cmp_signer, std::move(tbs)));
  return message::encode(reply);
}

}  // namespace countersign::test
