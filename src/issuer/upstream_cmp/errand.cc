#include "issuer/upstream_cmp/errand.h"

#include <algorithm>

#include "issuer/upstream_cmp/request.h"
#include "issuer/upstream_cmp/wire_failure.h"

namespace countersign::issuer {
namespace {

using transaction::Answer;
using Stage = Memo::Stage;

constexpr Seconds kOrphaned{600};  // a granted certificate that no transaction here took
constexpr std::size_t kIdOctets = 16;

}  // namespace

// ---- what is asked of it
void Errand::issue(transaction::CertificateOrder order, Done<Answer> told) {
  told_ = std::move(told);
  auto body = request_for(upstream_, order, key_.index);
  if (!body) return tell(transaction::Refused{body.error()});
  load([this, order = std::move(order),
        body = std::move(*body)](Result<std::optional<Memo>> found) mutable {
    if (!found) return tell(transaction::Refused{found.error()});
    const Bytes digest = digest_of(body);
    if (*found && equal((*found)->order, digest)) {
      memo_ = std::move(**found);
      if (memo_.stage == Stage::granted) return tell(granted());
      if (memo_.stage == Stage::asking) return go_on();
    }
    memo_ = Memo{};
    memo_.order = digest;
    memo_.spki = std::move(order.spki);
    begin(std::move(body), info_for(upstream_, order));
  });
}

void Errand::revoke(transaction::RevocationOrder order, Done<Answer> told) {
  told_ = std::move(told);
  issuer_ = upstream_.issuing.subject;
  std::vector<Bytes> serials{order.serial};
  auto go = [this, order = std::move(order)](Result<std::optional<Memo>> found) mutable {
    if (!found) return tell(transaction::Refused{found.error()});
    auto body = revocation_for(issuer_, order);
    const Bytes digest = digest_of(body);
    if (*found && equal((*found)->order, digest) && (*found)->stage == Stage::revoking) {
      memo_ = std::move(**found);
      return go_on();
    }
    memo_ = Memo{};
    memo_.stage = Stage::revoking;
    memo_.order = digest;
    memo_.revocation = std::move(order);
    begin(std::move(body));
  };
  load(std::move(go), std::move(serials));
}

void Errand::settle(ports::Settlement settlement, Done<ports::Heard> told) {
  const bool accepted = settlement == ports::Settlement::accepted;
  told_ = [told = std::move(told)](Result<Answer> answer) mutable {
    if (!answer) return told(std::unexpected(std::move(answer).error()));
    if (const auto* refused = std::get_if<transaction::Refused>(&*answer))
      return told(std::unexpected(refused->error));
    const bool later = std::holds_alternative<transaction::Pending>(*answer);
    told(later ? ports::Heard::later : ports::Heard::now);
  };
  load([this, accepted](Result<std::optional<Memo>> found) {
    if (!found) return tell(transaction::Refused{found.error()});
    const bool is_stored = found->has_value();
    if (is_stored) memo_ = std::move(**found);
    // That it was granted was not stored: asked again, its CA says so again.
    if (is_stored && memo_.stage == Stage::asking) {
      tell(transaction::Pending{upstream_.retry});
      may_have_arrived_ = true;
      return go_on();
    }
    if (memo_.stage == Stage::granted) {
      if (!accepted)
        return reject({Failure::incorrectData,
                       "issuer.upstream-rejected",
                       "the end entity rejected the certificate, or did not confirm it",
                       {}});
      memo_.stage = Stage::confirming;
      return take(transaction::Examined{});
    }
    if (accepted && memo_.stage == Stage::confirming) return go_on();
    if (accepted && memo_.stage == Stage::accepted) return tell(transaction::Informed{});
    if (!accepted) return tell(transaction::Informed{});  // it is being withdrawn, or is no more
    tell(transaction::Refused{{Failure::systemFailure,
                               "issuer.upstream-memo",
                               "the certificate can no longer be confirmed; begin a new "
                               "transaction",
                               {}}});
  });
}

void Errand::resume(const enrol::OrderRecord& record) {
  auto memo = decode_memo(record.memo);
  if (!memo) return world_.complain(key_, "an order is lost", memo.error());
  memo_ = std::move(*memo);
  may_have_arrived_ = true;
  if (memo_.stage == Stage::granted) return hand_in(granted());
  if (memo_.stage == Stage::accepted || memo_.stage == Stage::ended)
    return save(std::nullopt, [] {});
  if (world_.clock.now() >= memo_.until && memo_.stage != Stage::rejecting)
    return end(Stage::ended, transaction::Refused{unanswered(
                                 {Failure::systemUnavail, "issuer.upstream-silent", "", {}})});
  go_on();
}

// ---- the machine
void Errand::load(Loaded then, std::vector<Bytes> serials) {
  ports::Lookup lookup;
  lookup.order = key_.id;
  lookup.serials = std::move(serials);
  world_.store.load(
      std::move(lookup),
      on_loop<ports::Snapshot>([this, authority = key_.authority,
                                then = std::move(then)](Result<ports::Snapshot> found) mutable {
        if (!found) return then(std::unexpected(found.error()));
        // RFC 9483 §4.2 [MUST] the issuer of that certificate: there may be another
        // by now
        for (const auto& c : found->certificates)
          if (const auto x = x509::parse_certificate(c.der); x && c.authority == authority)
            issuer_ = x->issuer;
        // Another authority's memo is none of ours.
        if (!found->order || found->order->authority != authority)
          return then(std::optional<Memo>());
        auto memo = decode_memo(found->order->memo);
        if (!memo) return then(std::unexpected(memo.error()));
        then(std::optional<Memo>(std::move(*memo)));
      }));
}

void Errand::begin(message::PKIBody body, std::vector<message::InfoTypeAndValue> info) {
  memo_.until = world_.clock.now() + upstream_.give_up;
  memo_.signed_by.clear();
  // The machine's own patience is for an upstream that says `waiting`: that of our end entity.
  take(transaction::Begin{std::move(body), std::move(info), 2, Seconds{365LL * 86400}});
}

// With what is pending, or with the next poll.
void Errand::go_on() {
  if (!memo_.pending.empty()) return send();
  const Time now = world_.clock.now();
  if (memo_.transaction.poll_at && now < *memo_.transaction.poll_at)
    return tell(transaction::Pending{*memo_.transaction.poll_at - now});
  take(transaction::WaitOver{});
}

void Errand::take(transaction::ClientEvent event) {
  transaction::ClientFacts facts{{Bytes(kIdOctets)}, {Bytes(kIdOctets)}};
  auto filled = world_.entropy.fill(facts.fresh_id.octets);
  if (filled) filled = world_.entropy.fill(facts.fresh_nonce.octets);
  if (!filled) return tell(transaction::Refused{filled.error()});
  act(transaction::step(memo_.transaction, std::move(event), facts, world_.clock.now()));
}

void Errand::act(transaction::ClientStep step) {
  memo_.transaction = std::move(step.next);
  if (auto* out = std::get_if<transaction::Send>(&step.action))
    return sign(std::move(out->message));
  if (const auto* out = std::get_if<transaction::WaitUntil>(&step.action)) {
    memo_.pending.clear();
    // It lives: an order that is waited for is not given up by us.
    memo_.until = std::max(memo_.until, out->when + upstream_.give_up);
    return save(out->when,
                [this, when = out->when, after = out->check_after] { wait(when, after); });
  }
  if (const auto* out = std::get_if<transaction::Examine>(&step.action)) return examine(*out);
  if (const auto* out = std::get_if<transaction::GaveUp>(&step.action)) return gave_up(*out);
  completed();
}

// An end entity polls for its certificate, as often as we do; for its pkiConf it waits on its
// connection, if it can.
void Errand::wait(Time when, Seconds after) {
  if (memo_.stage == Stage::asking || memo_.stage == Stage::revoking)
    return hand_in(transaction::Pending{after});
  const bool here = told_ && memo_.stage == Stage::confirming && when < begun_ + upstream_.patience;
  if (!here) return tell(transaction::Pending{after});
  world_.after(after, [self = shared_from_this()] { self->take(transaction::WaitOver{}); });
}

// ---- what comes of it
void Errand::examine(const transaction::Examine& granted_now) {
  auto chain = check_granted(upstream_, granted_now.certificate, memo_.spki,
                             memo_.responder_certificates, world_.clock.now());
  memo_.pending.clear();
  if (!chain) {
    world_.complain(key_, "the upstream CA sent a certificate that does not fit", chain.error());
    tell(transaction::Refused{chain.error()});
    memo_.stage = Stage::rejecting;
    return take(transaction::Examined{chain.error()});
  }
  chain_ = std::move(*chain);
  auto unknown = unknown_of(upstream_, *chain_);
  if (unknown.empty() || !world_.learn) return accept(granted_now);
  world_.learn(std::move(unknown), on_loop<void>([this, granted_now](Result<> learnt) {
                 if (!learnt)
                   world_.complain(key_, "a new issuer of the upstream CA cannot be kept",
                                   learnt.error());
                 accept(granted_now);
               }));
}

void Errand::accept(const transaction::Examine& granted_now) {
  memo_.stage = Stage::granted;
  if (granted_now.with_mods)
    memo_.modifications =
        granted_now.remarks.empty() ? "the CA changed what was asked for" : granted_now.remarks;
  save_soon(world_.clock.now() + kOrphaned);
  hand_in(granted());
}

Answer Errand::granted() const {
  const Bytes& certificate = memo_.transaction.certificate;
  const auto found = [&] {
    return upstream_.issued->check(certificate, memo_.spki, upstream_.anchors, world_.clock.now());
  };
  return transaction::Issued{certificate, x509::serial_of(certificate).value_or(Bytes{}),
                             chain_ ? *chain_ : found().value_or(upstream_.chain), upstream_.root,
                             memo_.modifications};
}

// One that its CA has issued for us, and that is not wanted here.
void Errand::reject(const Error& why) {
  memo_.stage = Stage::rejecting;
  if (!memo_.transaction.implicit_granted) return take(transaction::Examined{why});
  // RFC 9810 §5.1.1.1: no certConf is waited for, so its CA takes it for confirmed
  const auto rejected = x509::parse_certificate(memo_.transaction.certificate);
  if (!rejected) return end(Stage::ended, transaction::Refused{why});
  memo_.transaction = {};
  memo_.revocation = {rejected->serial, 0, {}};
  begin(revocation_for(rejected->issuer, *memo_.revocation));
}

void Errand::completed() {
  if (memo_.stage == Stage::revoking) {
    const auto& r = *memo_.revocation;
    return end(Stage::ended, transaction::Revoked{r.serial, r.reason, r.invalidity_date});
  }
  end(memo_.stage == Stage::confirming ? Stage::accepted : Stage::ended, transaction::Informed{});
}

void Errand::gave_up(const transaction::GaveUp& gone) {
  // RFC 9810 §5.2.3: what we wanted had happened before
  if (memo_.stage == Stage::confirming && says(gone, Failure::certConfirmed)) return completed();
  const bool revokes = memo_.stage == Stage::revoking || memo_.stage == Stage::rejecting;
  // In an error message it says that the certificate that we sign with is revoked.
  if (revokes && !gone.by_error && says(gone, Failure::certRevoked)) return completed();
  const Error refusal = refusal_of(gone);
  const bool stays_valid = memo_.stage == Stage::rejecting && memo_.revocation;
  world_.complain(key_,
                  stays_valid
                      ? "the upstream CA refused to revoke " + to_hex(memo_.revocation->serial) +
                            ", which is not wanted here: revoke it there"
                      : "the upstream CA refused",
                  refusal);
  end(Stage::ended, transaction::Refused{refusal});
}

void Errand::end(Stage stage, Answer answer) {
  const bool wanted = memo_.stage == Stage::asking || memo_.stage == Stage::revoking || told_;
  // Of what has ended nobody asks more than what it was, and how it ended.
  Memo ended;
  ended.stage = stage;
  ended.order = std::move(memo_.order);
  ended.until = memo_.until;
  memo_ = std::move(ended);
  if (stage == Stage::accepted && told_) {
    save_soon(std::nullopt);
    return tell(std::move(answer));
  }
  save(std::nullopt, [this, wanted, answer = std::move(answer)]() mutable {
    if (wanted) hand_in(std::move(answer));
  });
}

void Errand::tell(Answer answer) {
  if (auto told = std::exchange(told_, {})) told(std::move(answer));
}

// To whoever waits, or through the back door.
void Errand::hand_in(Answer answer) {
  if (told_) return tell(std::move(answer));
  const bool is_certificate = std::holds_alternative<transaction::Issued>(answer);
  world_.late(key_, std::move(answer), on_loop<void>([this, is_certificate](Result<> taken) {
                if (!is_certificate) return;
                if (taken) return save(std::nullopt, [] {});
                if (taken.error().code != "server.no-transaction") return;  // its lease ends
                reject(taken.error());
              }));
}

}  // namespace countersign::issuer
