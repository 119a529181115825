#include "server/settle.h"

#include <algorithm>

#include "crypto/digest.h"
#include "message/info_type.h"
#include "server/asking.h"
#include "server/await.h"
#include "server/status_change.h"
#include "transaction/codec.h"

namespace countersign::server {
namespace {

using transaction::Answer;
using transaction::AnswerArrived;
using transaction::Issued;

// What an answer makes: a certificate, or a revoked one. Both are part of the commit.
void note_answer(Outcome& outcome, std::size_t index, const Answer& answer) {
  if (const auto* issued = std::get_if<Issued>(&answer)) outcome.issued.emplace(index, *issued);
  if (const auto* revoked = std::get_if<transaction::Revoked>(&answer))
    outcome.revocations.push_back({revoked->serial, revoked->reason, revoked->invalidity_date});
}

bool is_asked(const transaction::Transaction& t, std::size_t index) {
  return index < t.requests.size() &&
         std::holds_alternative<transaction::Asked>(t.requests[index].state);
}

// The certificates of a transaction that are not settled, by serial number.
using Unsettled = std::map<Bytes, std::size_t>;

void note_unsettled(Unsettled& out, const transaction::Transaction& t) {
  for (std::size_t i = 0; i < t.requests.size(); ++i) {
    const auto& state = t.requests[i].state;
    if (const auto* delivered = std::get_if<transaction::Delivered>(&state))
      out.emplace(delivered->serial, i);
    const auto* answered = std::get_if<transaction::Answered>(&state);
    const auto* issued = answered != nullptr ? std::get_if<Issued>(&answered->answer) : nullptr;
    if (issued != nullptr) out.emplace(issued->serial, i);
  }
}

// An issuer elsewhere hears what its end entity decided, before we say yes to it.
boost::asio::awaitable<Result<ports::Heard>> settle_at_issuer(Engine& engine,
                                                              const Outcome& outcome,
                                                              const Unsettled& unsettled,
                                                              const ports::OrderKey& orders,
                                                              Time now) {
  auto all = ports::Heard::now;
  for (const auto& effect : outcome.effects) {
    const auto* confirmed = std::get_if<transaction::Confirm>(&effect);
    const auto* withdrawn = std::get_if<transaction::Withdraw>(&effect);
    if (confirmed == nullptr && withdrawn == nullptr) continue;
    const auto at = unsettled.find(confirmed != nullptr ? confirmed->serial : withdrawn->serial);
    if (at == unsettled.end()) continue;
    const auto key = order_of(orders, at->second, outcome.state.requests.at(at->second).authority);
    auto start = [&](Done<ports::Heard> done) {
      engine.issuer.settle(
          key, confirmed != nullptr ? ports::Settlement::accepted : ports::Settlement::rejected,
          now, std::move(done));
    };
    CO_TRY(const auto heard, co_await await_done<ports::Heard>(start));
    if (heard == ports::Heard::later) all = heard;
  }
  co_return all;
}

// What a transaction was before an event, for an issuer elsewhere that has to hear what comes of
// it.
struct Before {
  transaction::Transaction state;
  Unsettled unsettled;
};

// What its end entity is told when the issuer has not answered. Without one it is tried again.
Result<Outcome> put_off(transaction::Transaction before, Outcome out,
                        const transaction::Event& event, const transaction::Facts& facts,
                        Time now) {
  const auto* received = std::get_if<transaction::Received>(&event);
  if (received == nullptr || before.requests.empty())
    return fail(Failure::systemUnavail, "server.issuer-silent",
                "the CA behind this server has not answered yet; send the same message again");
  const auto which = received->message->body.type == message::BodyType::pollReq
                         ? transaction::Postponing::again
                         : transaction::Postponing::first;
  const transaction::Step done{std::move(out.state), std::move(out.reply), std::move(out.effects)};
  auto step = transaction::postpone(std::move(before), done, which, facts, now);
  return Outcome{std::move(step.next), std::move(step.reply), std::move(step.effects), {}, {}};
}

boost::asio::awaitable<Result<Outcome>> tell_issuer(const Asking& asking, Before before,
                                                    Outcome out, const transaction::Event& event,
                                                    const transaction::Facts& facts) {
  for (const auto& [index, issued] : out.issued) before.unsettled.emplace(issued.serial, index);
  CO_TRY(const auto heard, co_await settle_at_issuer(asking.engine, out, before.unsettled,
                                                     asking.orders, asking.now));
  if (heard == ports::Heard::now) co_return out;
  co_return put_off(std::move(before.state), std::move(out), event, facts, asking.now);
}

}  // namespace

enrol::CertificateRecord describe(const x509::Certificate& certificate) {
  enrol::CertificateRecord out;
  out.serial = certificate.serial;
  out.fingerprint = crypto::sha256(certificate.der);
  out.der = certificate.der;
  out.key_hash = crypto::sha256(certificate.spki);
  out.subject = x509::to_text(certificate.subject);
  out.key_id = certificate.subject_key_identifier();
  out.validity = certificate.validity;
  return out;
}

namespace {

enrol::CertificateRecord record_of(const Issued& issued, const transaction::Transaction& state,
                                   const CommitContext& context, std::size_t index, Time now) {
  enrol::CertificateRecord out;
  if (const auto parsed = x509::parse_certificate(issued.certificate)) out = describe(*parsed);
  out.serial = issued.serial;
  out.der = issued.certificate;
  out.profile = state.requests.at(index).profile;
  out.authority = state.requests.at(index).authority;
  out.sender = context.sender;
  out.reference = context.reference;
  out.transaction = context.id;
  out.request = state.origin;
  out.request_index = static_cast<int>(index);
  out.issued_at = now;
  out.device = state.requests.at(index).device;
  out.subscriber = state.requests.at(index).subscriber;
  return out;
}

class CommitBuilder {
 public:
  CommitBuilder(ports::Commit& commit, const CommitContext& context, Time now)
      : commit_(commit), context_(context), now_(now) {}

  void operator()(const transaction::Ask&) {}
  void operator()(const transaction::Confirm& e) {
    if (auto* fresh = inserted(e.serial)) {
      fresh->status = enrol::CertificateStatus::valid;
      return;
    }
    commit_.status_changes.push_back({e.serial,
                                      {enrol::CertificateStatus::unconfirmed},
                                      enrol::CertificateStatus::valid,
                                      {},
                                      0,
                                      {},
                                      kRevoked});
  }
  void operator()(const transaction::Withdraw& e) {
    revoke(e.serial, {enrol::CertificateStatus::unconfirmed}, e.reason);
  }
  void operator()(const transaction::Supersede& e) {
    revoke(e.serial, {enrol::CertificateStatus::valid, enrol::CertificateStatus::held},
           x509::CrlReason::superseded);
  }
  void operator()(const transaction::Replace& e) {
    commit_.replacements.push_back({e.serial, e.by});
  }
  void operator()(const transaction::ForgetReply& e) {
    commit_.forgotten_replies.push_back(e.message);
  }
  void operator()(const transaction::ReserveUse&) { use(-1); }
  void operator()(const transaction::GiveUseBack&) { use(+1); }
  void operator()(const transaction::ReserveToken& e) {
    commit_.token_uses.push_back({e.digest, -1});
  }
  void operator()(const transaction::GiveTokenBack& e) {
    commit_.token_uses.push_back({e.digest, +1});
  }
  void operator()(const transaction::Note& e) {
    enrol::AuditRow row;
    row.at = now_;
    row.event = e.event;
    row.transaction = context_.id.hex();
    row.sender = context_.sender;
    row.serial = x509::serial_text(e.serial);
    if (const auto* fresh = inserted(e.serial)) row.subject = fresh->subject;
    row.code = e.code;
    row.detail = e.detail;
    if (e.event == "issued" || e.event == "refused") say_where(row, inserted(e.serial));
    commit_.audit.push_back(std::move(row));
  }

 private:
  // What was revoked meanwhile stays so, with the reason and the date that it has.
  static inline const std::vector<enrol::CertificateStatus> kRevoked{
      enrol::CertificateStatus::revoked};
  void revoke(const Bytes& serial, std::vector<enrol::CertificateStatus> from, int reason) {
    commit_.status_changes.push_back(
        {serial, std::move(from), enrol::CertificateStatus::revoked, now_, reason, {}, kRevoked});
  }
  enrol::CertificateRecord* inserted(View serial) {
    for (auto& c : commit_.certificates)
      if (equal(c.serial, serial)) return &c;
    return nullptr;
  }
  // For whoever asks why: the endpoint, and the RA profile of what was issued.
  void say_where(enrol::AuditRow& row, const enrol::CertificateRecord* issued) const {
    std::string where = "at " + context_.endpoint;
    if (issued != nullptr) where += ", RA profile " + issued->profile;
    if (issued != nullptr && !issued->authority.empty())
      where += ", authority " + issued->authority;
    if (issued != nullptr && !issued->subscriber.empty())
      where += ", subscriber " + issued->subscriber;
    row.detail = where + (row.detail.empty() ? "" : "; " + row.detail);
  }
  void use(std::int64_t delta) {
    if (!context_.reference.empty()) commit_.uses.push_back({context_.reference, delta});
  }

  ports::Commit& commit_;
  const CommitContext& context_;
  Time now_;
};

}  // namespace

boost::asio::awaitable<Result<Outcome>> settle(Engine& engine, transaction::Transaction state,
                                               const transaction::Event& event,
                                               const transaction::Facts& facts,
                                               const ports::OrderKey& orders, Time now,
                                               const KeyRequester* requester) {
  const Asking asking{engine, orders, now, requester};
  Outcome out;
  std::vector<transaction::Ask> asks;
  // Our own CA has nothing to hear: the commit is all.
  std::optional<Before> before;
  if (engine.issuer.speed() == ports::Issuer::Speed::queued) {
    before.emplace(state, Unsettled{});
    note_unsettled(before->unsettled, state);
  }
  const auto take = [&](transaction::Step step) {
    out.state = std::move(step.next);
    if (step.reply) out.reply = std::move(step.reply);
    for (auto& effect : step.effects) {
      if (auto* question = std::get_if<transaction::Ask>(&effect))
        asks.push_back(std::move(*question));
      else
        out.effects.push_back(std::move(effect));
    }
  };
  // A late answer: its certificate exists from this commit on. Told twice, the first holds.
  if (const auto* late = std::get_if<transaction::AnswerArrived>(&event);
      late != nullptr && is_asked(state, late->index))
    note_answer(out, late->index, late->answer);
  CO_TRY(auto first, transaction::step(std::move(state), event, facts, now));
  take(std::move(first));
  for (std::size_t i = 0; i < asks.size(); ++i) {
    const std::size_t index = asks[i].index;
    transaction::Order order = asks[i].order;
    CO_TRY(Asked asked, co_await ask(asking, std::move(order), index));
    out.state.requests.at(index).authority = std::move(asked.authority);
    note_answer(out, index, asked.answer.answer);
    const transaction::Event arrived{std::move(asked.answer)};
    CO_TRY(auto next, transaction::step(std::move(out.state), arrived, facts, now));
    take(std::move(next));
  }
  if (!before) co_return out;
  co_return co_await tell_issuer(asking, std::move(*before), std::move(out), event, facts);
}

boost::asio::awaitable<Result<ports::Snapshot>> load(Engine& engine, ports::Lookup lookup) {
  auto start = [&](Done<ports::Snapshot> done) {
    engine.store.load(std::move(lookup), std::move(done));
  };
  co_return co_await await_done<ports::Snapshot>(start);
}

boost::asio::awaitable<Result<ports::Committed>> save(Engine& engine, ports::Commit commit) {
  auto start = [&](Done<ports::Committed> done) {
    engine.store.commit(std::move(commit), std::move(done));
  };
  co_return co_await await_done<ports::Committed>(start);
}

ports::Commit make_commit(const Engine& engine, const Outcome& outcome,
                          const CommitContext& context, Time now) {
  ports::Commit commit;
  for (const auto& [index, issued] : outcome.issued)
    commit.certificates.push_back(record_of(issued, outcome.state, context, index, now));
  for (const auto& certificate : commit.certificates)
    if (!certificate.device.empty()) commit.device_enrolments.push_back({certificate.device, now});
  CommitBuilder builder(commit, context, now);
  for (const auto& r : outcome.revocations) {
    commit.status_changes.push_back(change_for(r, now));
    builder(transaction::Note{
        std::string(event_for(r.reason)), r.serial, {}, std::string(x509::reason_name(r.reason))});
  }
  for (const auto& effect : outcome.effects) std::visit(builder, effect);
  enrol::TransactionRecord record;
  record.endpoint = context.endpoint;
  record.sender = context.sender;
  record.id = context.id;
  record.version = context.version;
  record.state = transaction::encode(outcome.state);
  record.wake_at = transaction::wake_at(outcome.state);
  record.ends_at = (record.wake_at ? *record.wake_at : now) + engine.keep_replies;
  commit.transaction = std::move(record);
  return commit;
}

transaction::Answer inform(const Engine& engine, std::string_view endpoint,
                           const transaction::InformationOrder& order) {
  const auto publications = engine.publications.get();
  const auto catalogue = engine.catalogue.get();
  const auto& profile = catalogue->endpoint_or_default(endpoint).profile;
  const auto* wanted = catalogue->ra_profile(order.profile);
  if (wanted == nullptr) wanted = catalogue->ra_profile(profile.default_ra_profile);
  const auto& t = wanted != nullptr ? wanted->t : enrol::built_in_templates().front();
  const auto others = engine.authorities.get();
  const auto issuing = publications_for(publications, others.get(), wanted);
  const auto has = issuing->where == IssuesWhere::here_alone ? enrol::Published::all_of_it
                                                             : enrol::Published::some_of_it;
  auto told = enrol::tell(order.items, {issuing->ca_certificates, issuing->root_updates,
                                        issuing->crls, t, profile.rules.variant, has});
  if (!told) return transaction::Refused{std::move(told).error()};
  return transaction::Informed{std::move(*told)};
}

}  // namespace countersign::server
