#include "server/simulation.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <future>

#include "server/admission.h"
#include "server/devices.h"
#include "server/evidence.h"
#include "server/networks.h"
#include "server/request.h"

namespace countersign::server {
namespace {

using message::BodyType;
using message::PKIMessage;
using transaction::CertificateOrder;

// Enough for every policy's floor; nobody else ever sees what it protects.
constexpr std::int64_t kIterations = 1000;

Result<ports::Snapshot> load_now(ports::Store& store, ports::Lookup lookup) {
  std::promise<Result<ports::Snapshot>> promise;
  auto answer = promise.get_future();
  store.load(std::move(lookup),
             [&](Result<ports::Snapshot> found) { promise.set_value(std::move(found)); });
  return answer.get();
}

std::string joined(const auto& by_name) {
  std::string out;
  for (const auto& [name, value] : by_name) out += (out.empty() ? "" : ", ") + name;
  return out;
}

Result<enrol::CmpEndpoint> endpoint_of(const enrol::Catalogue& catalogue, const Trial& trial) {
  const auto* found = catalogue.endpoint(trial.endpoint);
  if (found == nullptr)
    return fail(Failure::badRequest, "simulation.endpoint",
                "there is no CMP profile " + trial.endpoint + "; there are " +
                    joined(catalogue.endpoints()));
  enrol::CmpEndpoint endpoint = *found;
  if (trial.ra_profile.empty()) return endpoint;
  if (catalogue.ra_profile(trial.ra_profile) == nullptr)
    return fail(Failure::badRequest, "simulation.ra-profile",
                "there is no RA profile " + trial.ra_profile + "; there are " +
                    joined(catalogue.ra_profiles()));
  endpoint.profile.default_ra_profile = trial.ra_profile;
  return endpoint;
}

Bytes random_octets(Entropy& entropy) {
  Bytes out(16);
  if (!entropy.fill(out)) throw std::runtime_error("no randomness");
  return out;
}

// A PKCS #10 request as the message that carries it.
PKIMessage around(x509::CertificationRequest csr, Entropy& entropy, Time now) {
  PKIMessage out;
  out.header.sender = x509::directory_name(csr.subject);
  out.header.recipient = x509::directory_name(x509::Name{});
  out.header.message_time = now;
  out.header.transaction_id = TransactionId{random_octets(entropy)};
  out.header.sender_nonce = Nonce{random_octets(entropy)};
  out.body = {BodyType::p10cr, std::move(csr)};
  return out;
}

// The first kind that the endpoint takes.
protect::MacChoice choose_mac(const protect::Policy& policy) {
  using protect::MacChoice;
  using protect::ProtectionKind;
  const auto takes = [&](ProtectionKind kind) {
    return policy.accepted.test(static_cast<std::size_t>(kind));
  };
  if (takes(ProtectionKind::pbmac1)) return MacChoice::pbmac1;
  if (takes(ProtectionKind::pbm)) return MacChoice::password_based_mac;
  return takes(ProtectionKind::hmac) ? MacChoice::hmac : MacChoice::kmac;
}

std::string proof_text(const crmf::CertReqMsg& r) {
  if (!r.popo) return "none";
  if (std::holds_alternative<crmf::RaVerified>(*r.popo)) return "raVerified";
  if (std::holds_alternative<crmf::POPOSigningKey>(*r.popo)) return "signature";
  return std::holds_alternative<crmf::KeyEncipherment>(*r.popo) ? "keyEncipherment"
                                                                : "keyAgreement";
}

std::string proof_text(const message::PKIBody& body, std::size_t index) {
  if (const auto* requests = std::get_if<crmf::CertReqMessages>(&body.content))
    return proof_text(requests->at(index));
  return body.type == BodyType::p10cr ? "signature" : "";
}

std::string protection_text(const message::Sender& sender) {
  std::string out = sender.proof == message::ProofKind::mac
                        ? "MAC under the secret " + sender.reference
                        : "signature";
  if (sender.certificate)
    out += " by " + x509::to_text(sender.certificate->subject) +
           (sender.issued_by_us ? ", a certificate of ours" : ", a certificate of another CA");
  if (sender.may_act_as_ra) out += "; may act as a registration authority";
  return out;
}

class Run {
 public:
  Run(const Simulator& simulator, const Trial& trial, Time now)
      : engine_(simulator.engine), officers_(simulator.officers), trial_(trial), now_(now) {}

  Result<TrialOutcome> outcome();

 private:
  Result<Bytes> as_sent();
  Result<Bytes> under_secret(PKIMessage m);
  Result<> follow(const Bytes& octets);
  Result<message::AuthenticatedMessage> authenticate(PKIMessage m,
                                                     const std::optional<std::string>& reference,
                                                     ports::Snapshot& found);
  Result<> look_up_now(const Naming& naming, ports::Snapshot& found);
  Result<> judge(const message::AuthenticatedMessage& message, ports::Snapshot& found);
  void remark_on_the_past(const ports::Snapshot& found, const RequestDigest& digest);
  void remark_on_validity(const CertificateOrder& order);
  void add(const message::PKIBody& body, std::vector<enrol::Verdict> verdicts,
           const std::vector<enrol::Noted>& notes);
  Result<> step(const message::AuthenticatedMessage& message,
                const std::vector<enrol::Verdict>& verdicts, const RequestDigest& digest);

  void at(std::string_view name) { out_.refused_at = name; }
  void passed(std::string said) { out_.steps.push_back({out_.refused_at, std::move(said)}); }

  Engine& engine_;
  const std::function<std::size_t(const transaction::Order&)>& officers_;
  const Trial& trial_;
  const Time now_;
  std::shared_ptr<const enrol::Catalogue> catalogue_ = engine_.catalogue.get();
  enrol::CmpEndpoint endpoint_{};
  ports::Endpoint way_{};
  TransactionId id_{};
  bool known_ = false;
  TrialOutcome out_{};
};

Result<TrialOutcome> Run::outcome() {
  endpoint_ = TRY(endpoint_of(*catalogue_, trial_));
  way_.profile = trial_.endpoint;
  out_.endpoint = trial_.endpoint;
  const Bytes octets = TRY(as_sent());
  if (auto done = follow(octets); !done) {
    if (done.error().code == "simulation.nested" || done.error().code.starts_with("store."))
      return std::unexpected(std::move(done).error());
    out_.refusal = std::move(done).error();
    return std::move(out_);
  }
  out_.refused_at = {};
  return std::move(out_);
}

// What the trial's request is on the wire.
Result<Bytes> Run::as_sent() {
  if (auto csr = x509::parse_csr(trial_.request)) {
    auto m = around(std::move(*csr), engine_.entropy, now_);
    if (trial_.as_secret.empty()) return message::encode(m);
    return under_secret(std::move(m));
  }
  if (trial_.as_secret.empty()) return trial_.request;
  auto m = message::parse_message(trial_.request, endpoint_.profile.limits);
  if (!m) return trial_.request;
  if (m->protection)
    return fail(Failure::badRequest, "simulation.protected",
                "this message is protected already: leave as_secret out");
  m->header_and_body.clear();
  return under_secret(std::move(*m));
}

Result<Bytes> Run::under_secret(PKIMessage m) {
  ports::Lookup lookup;
  lookup.reference = trial_.as_secret;
  const auto found = TRY(load_now(engine_.store, std::move(lookup)));
  if (!found.credential)
    return fail(Failure::badRequest, "simulation.secret",
                "there is no secret with the reference " + trial_.as_secret);
  const auto algorithm = TRY(protect::new_mac_algorithm(choose_mac(endpoint_.profile.protection),
                                                        kIterations, engine_.entropy));
  const auto key =
      TRY(protect::derive_mac_key(algorithm, found.credential->secret, true, protect::Policy{}));
  m.header.sender = x509::directory_name(x509::common_name(trial_.as_secret));
  m.header.sender_kid = to_bytes(trial_.as_secret);
  TRY(protect::protect_with_mac(m, key, engine_.entropy));
  return message::encode(m);
}

Result<> Run::look_up_now(const Naming& naming, ports::Snapshot& found) {
  boost::asio::io_context loop;
  auto work = boost::asio::make_work_guard(loop);  // the store may answer from elsewhere
  Result<> out;
  boost::asio::co_spawn(loop, look_up_named(engine_, naming, found),
                        [&](const std::exception_ptr& broken, Result<> done) {
                          if (broken) std::rethrow_exception(broken);
                          out = std::move(done);
                          work.reset();
                        });
  loop.run();
  return out;
}

// The responder's path: parse, form, look up, authenticate, examine.
Result<> Run::follow(const Bytes& octets) {
  at("parse");
  auto m = TRY(message::parse_message(octets, endpoint_.profile.limits));
  out_.body = name(m.body.type);
  passed(out_.body + ", " + std::to_string(octets.size()) + " octets");
  at("endpoint");
  TRY(check_open(endpoint_));
  TRY(check_signer(engine_, endpoint_.profile));
  passed("the CMP profile " + endpoint_.cmp_profile);
  at("form");
  TRY(check_form(endpoint_.profile, m));
  passed("header and body are as they should be");
  if (m.body.type == BodyType::nested)
    return fail(Failure::badRequest, "simulation.nested",
                "a nested message is not looked into: send the message that is inside");
  if (is_relayed_unseen(engine_)) {
    out_.passed_on = true;
    return {};
  }
  id_ = m.header.transaction_id.value_or(TransactionId{random_octets(engine_.entropy)});
  const RequestDigest digest = digest_of(way_, m);
  auto found = TRY(load_now(engine_.store, first_lookup(way_, m, digest)));
  remark_on_the_past(found, digest);
  at("protection");
  const auto named = reference_in_body(endpoint_.profile, m, found);
  if (named) {
    ports::Lookup lookup;
    lookup.reference = named;
    found.credential = TRY(load_now(engine_.store, std::move(lookup))).credential;
  }
  const auto message = TRY(authenticate(std::move(m), named, found));
  out_.sender = message.sender().identity;
  passed(protection_text(message.sender()));
  at("sender");
  TRY(check_sender(endpoint_.profile, message, found.certificates));
  passed("may send this");
  if (!opens_transaction(message->body.type)) {
    out_.remarks.emplace_back("it belongs to a transaction: what it does there is not looked into");
    return {};
  }
  return judge(message, found);
}

void Run::remark_on_the_past(const ports::Snapshot& found, const RequestDigest& digest) {
  if (found.reply)
    out_.remarks.emplace_back(
        "this very message was answered: sent again it gets the same answer, and nothing else");
  if (found.answered_before)
    out_.remarks.push_back("sent again it is refused: " +
                           answered_long_ago(found, digest).reply_text);
}

Result<message::AuthenticatedMessage> Run::authenticate(PKIMessage m,
                                                        const std::optional<std::string>& reference,
                                                        ports::Snapshot& found) {
  const auto transactions = open_transactions(engine_, found);
  const auto trust = engine_.trust.get();
  auto known = evidence(*trust, endpoint_, found, transactions, now_);
  known.reference = reference;
  protect::Policy timeless = endpoint_.profile.protection;
  timeless.time_window = Seconds{0};
  const message::PKIHeader header = m.header;
  const protect::Authenticator authenticator(timeless, engine_.keys, engine_.paths,
                                             engine_.derived);
  auto proof = TRY(authenticator.authenticate(std::move(m), known, now_));
  if (const auto on_time = protect::check_message_time(header, endpoint_.profile.protection, now_);
      !on_time)
    out_.remarks.push_back("it is refused for its time, else: " + on_time.error().reply_text);
  const std::string& sender = proof.message.sender().identity;
  known_ = std::ranges::any_of(transactions,
                               [&](const OpenTransaction& t) { return t.record.sender == sender; });
  if (proof.by_former) take_former_secret(found);
  if (proof.mac_key && found.credential && !found.credential->networks.empty())
    out_.remarks.push_back("its secret may be used from " +
                           networks_text(found.credential->networks) +
                           " alone: from elsewhere it is refused");
  if (known_)
    out_.remarks.push_back("its sender has used the transactionID " + id_.hex() +
                           " before: with another message it is refused, and begins anew with "
                           "another transactionID");
  return std::move(proof.message);
}

Result<> Run::judge(const message::AuthenticatedMessage& message, ports::Snapshot& found) {
  at("examination");
  // What another registry would say is not asked: its answer would be kept.
  const auto trust = engine_.trust.get();
  const auto* anchor = anchor_of(foreign_trust(*trust, endpoint_.profile), message.sender());
  const Naming naming{message, *catalogue_, endpoint_.profile,
                      anchor,  now_,        Naming::Elsewhere::not_asked};
  TRY(look_up_now(naming, found));
  std::vector<enrol::Noted> notes;
  out_.passed_on =
      route_of(engine_, *catalogue_, endpoint_.profile.name, message, found, anchor, false).relay !=
      nullptr;
  // The way that keeps most: what is sent in clear is told apart for central keys alone.
  const Situation situation{*catalogue_, endpoint_.profile, enrol::Transport::confidential,
                            out_.passed_on, &notes};
  auto verdicts = verdicts_on(engine_, situation, message, found, anchor, now_);
  if (!out_.passed_on) TRY(step(message, verdicts, digest_of(way_, message.value())));
  passed(std::to_string(verdicts.size()) + (verdicts.size() == 1 ? " request" : " requests"));
  add(message->body, std::move(verdicts), notes);
  return {};
}

// The machine is pure: what it makes of the message as a whole can be seen, and is dropped.
Result<> Run::step(const message::AuthenticatedMessage& message,
                   const std::vector<enrol::Verdict>& verdicts, const RequestDigest& digest) {
  transaction::Facts facts{
      endpoint_.profile.rules, Nonce{random_octets(engine_.entropy)}, {}, false};
  facts.message = digest;
  facts.language = message::wanted_language(message->header);
  facts.verdicts = verdicts;
  transaction::Transaction fresh;
  fresh.origin = digest;
  const transaction::Event event{transaction::Received{message}};
  TRY(transaction::step(std::move(fresh), event, facts, now_));
  return {};
}

void Run::add(const message::PKIBody& body, std::vector<enrol::Verdict> verdicts,
              const std::vector<enrol::Noted>& notes) {
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    TrialRequest request{.chosen = notes.at(i),
                         .proof = proof_text(body, i),
                         .verdict = std::move(verdicts[i]),
                         .findings = {}};
    if (request.verdict && !out_.passed_on && officers_)
      request.officers = officers_(*request.verdict);
    const auto* order =
        request.verdict ? std::get_if<CertificateOrder>(&*request.verdict) : nullptr;
    if (order != nullptr) {
      if (const auto* profile = catalogue_->ra_profile(order->profile))
        request.findings = enrol::lint(*order, {profile->t.lint_cabf, profile->t.lint_three_gpp});
      remark_on_validity(*order);
    }
    out_.requests.push_back(std::move(request));
  }
}

void Run::remark_on_validity(const CertificateOrder& order) {
  const auto publications = engine_.publications.get();
  if (out_.passed_on || !publications || publications->ca_certificates.empty()) return;
  const auto issuing = x509::parse_certificate(publications->ca_certificates.front());
  if (!issuing || order.validity.not_after <= issuing->validity.not_after) return;
  out_.remarks.push_back("it ends with its CA: " + to_iso(issuing->validity.not_after));
}

}  // namespace

Result<TrialOutcome> simulate(const Simulator& simulator, const Trial& trial, Time now) {
  return Run(simulator, trial, now).outcome();
}

}  // namespace countersign::server
