#include "issuer/program/errand.h"

#include "crypto/digest.h"
#include "der/writer.h"
#include "x509/crl.h"

namespace countersign::issuer {
namespace {

using std::chrono::milliseconds;
using transaction::Answer;

constexpr Seconds kOrphaned{600};              // a certificate that no transaction here took
constexpr Seconds kKeep{86400};                // a memo that has ended
constexpr Seconds kKeepGranted{35LL * 86400};  // one whose end entity has not spoken
constexpr int kFailuresInARow = 3;

// The validity that is asked for moves with the clock.
Bytes digest_of(const transaction::CertificateOrder& order) {
  der::Writer w;
  w.sequence([&](der::Writer& s) {
    s.octets(order.spki);
    x509::write(s, order.subject);
    if (!order.extensions.empty()) x509::write(s, order.extensions);
  });
  return crypto::sha256(std::move(w).take());
}

Error silent() {
  return {Failure::systemUnavail,
          "issuer.program-silent",
          "the CA behind this server did not answer in time; begin a new transaction later",
          {}};
}

}  // namespace

template <class T>
Done<T> ProgramErrand::on_loop(std::move_only_function<void(Result<T>)> then) {
  return [self = shared_from_this(), then = std::move(then)](Result<T> result) mutable {
    const auto& world = self->world();
    world.after(milliseconds{0},
                [self = std::move(self), then = std::move(then),
                 result = std::move(result)]() mutable { then(std::move(result)); });
  };
}

// ---- what is asked of it
void ProgramErrand::issue(const transaction::CertificateOrder& order, Done<Answer> told) {
  told_ = std::move(told);
  ProgramMemo fresh;
  fresh.order = digest_of(order);
  fresh.subject = order.spki;
  fresh.question = question_for(key_, order, now());
  load([this, fresh = std::move(fresh)](Result<std::optional<ProgramMemo>> found) mutable {
    if (!found) return tell(transaction::Refused{found.error()});
    if (*found && equal((*found)->order, fresh.order)) {
      memo_ = std::move(**found);
      if (memo_.stage == Stage::granted) return tell(issued());
      if (memo_.stage == Stage::asking) return ask();
    }
    begin(std::move(fresh));
  });
}

void ProgramErrand::revoke(const transaction::RevocationOrder& order, Done<Answer> told) {
  told_ = std::move(told);
  ProgramMemo fresh;
  fresh.stage = Stage::revoking;
  fresh.subject = order.serial;
  fresh.reason = order.reason;
  fresh.invalidity_date = order.invalidity_date;
  fresh.question = question_for(key_, order);
  fresh.order = crypto::sha256(to_bytes(fresh.question));
  load([this, fresh = std::move(fresh)](Result<std::optional<ProgramMemo>> found) mutable {
    if (!found) return tell(transaction::Refused{found.error()});
    if (*found && equal((*found)->order, fresh.order) && (*found)->stage == Stage::revoking) {
      memo_ = std::move(**found);
      return ask();
    }
    begin(std::move(fresh));
  });
}

// A program is not told that a certificate is in use; of one that is not, it is.
void ProgramErrand::settle(ports::Settlement settlement, Done<ports::Heard> told) {
  told_ = [told = std::move(told)](Result<Answer> answer) mutable {
    if (!answer) return told(std::unexpected(std::move(answer).error()));
    if (const auto* refused = std::get_if<transaction::Refused>(&*answer))
      return told(std::unexpected(refused->error));
    told(ports::Heard::now);
  };
  load([this, settlement](Result<std::optional<ProgramMemo>> found) {
    if (!found) return tell(transaction::Refused{found.error()});
    if (*found) memo_ = std::move(**found);
    if (memo_.stage != Stage::granted) return tell(transaction::Informed{});
    if (settlement == ports::Settlement::rejected) return withdraw();
    memo_.stage = Stage::ended;
    save(std::nullopt, [this] { tell(transaction::Informed{}); });
  });
}

void ProgramErrand::resume(const enrol::OrderRecord& record) {
  auto memo = decode_program_memo(record.memo);
  if (!memo) return world().complain(key_, "an order is lost", memo.error());
  memo_ = std::move(*memo);
  if (memo_.stage == Stage::granted) return hand_in(issued());
  if (memo_.stage == Stage::ended) return save(std::nullopt, [] {});
  if (now() >= memo_.until && memo_.stage != Stage::withdrawing)
    return end(transaction::Refused{silent()});
  ask();
}

// ---- the memo
void ProgramErrand::load(std::move_only_function<void(Result<std::optional<ProgramMemo>>)> then) {
  ports::Lookup lookup;
  lookup.order = key_.id;
  world().store.load(std::move(lookup),
                     on_loop<ports::Snapshot>([authority = key_.authority, then = std::move(then)](
                                                  Result<ports::Snapshot> found) mutable {
                       if (!found) return then(std::unexpected(found.error()));
                       // Another authority's memo is none of ours.
                       if (!found->order || found->order->authority != authority)
                         return then(std::optional<ProgramMemo>());
                       auto memo = decode_program_memo(found->order->memo);
                       if (!memo) return then(std::unexpected(memo.error()));
                       then(std::optional<ProgramMemo>(std::move(*memo)));
                     }));
}

void ProgramErrand::save(std::optional<Time> due, Then then) {
  ports::Commit commit;
  const Seconds keep = memo_.stage == Stage::granted ? kKeepGranted : kKeep;
  commit.orders.push_back({key_.id, key_.endpoint, key_.sender, key_.transaction, key_.index,
                           encode(memo_), due, now() + keep, enrol::OrderKind::upstream,
                           key_.authority});
  world().store.commit(std::move(commit),
                       on_loop<ports::Committed>([this, then = std::move(then)](
                                                     Result<ports::Committed> committed) mutable {
                         if (committed) return then();
                         world().complain(key_, "an order could not be stored", committed.error());
                         tell(transaction::Refused{committed.error()});
                       }));
}

void ProgramErrand::begin(ProgramMemo memo) {
  memo_ = std::move(memo);
  memo_.until = now() + issuer_.ca_.give_up;
  save(now() + issuer_.ca_.timeout + issuer_.ca_.retry, [this] { ask(); });
}

// ---- the question
void ProgramErrand::ask() {
  const Seconds limit = issuer_.ca_.timeout;
  issuer_.gate_.enter([self = shared_from_this(), limit] {
    self->world().courier.ask(
        self->memo_.question, limit, self->on_loop<std::string>([self](Result<std::string> answer) {
          self->issuer_.gate_.leave();
          auto said = answer ? read_said(*answer) : std::unexpected(std::move(answer).error());
          if (!said) return self->failed(said.error());
          self->heard(std::move(*said));
        }));
  });
  if (!told_) return;
  // Once it has gone the next piece of work on this order may begin.
  world().after(issuer_.ca_.patience, [watched = weak_from_this()] {
    if (const auto self = watched.lock()) self->tell(transaction::Pending{self->issuer_.ca_.retry});
  });
}

// It may have happened all the same: the question stands, and is asked again.
void ProgramErrand::failed(const Error& error) {
  auto& issuer = issuer_;
  world().complain(key_, "the CA behind this server was asked in vain", error);
  issuer.gate_.failed(error);
  if (++issuer.failures_ >= kFailuresInARow) issuer.gate_.rests_until(now() + issuer.ca_.rest);
  save(now() + issuer.ca_.retry, [this] { tell(transaction::Pending{issuer_.ca_.retry}); });
}

void ProgramErrand::heard(Said said) {
  issuer_.failures_ = 0;
  issuer_.gate_.answered();
  if (const auto* waits = std::get_if<Waits>(&said)) {
    // It lives: an order that is waited for is not given up by us.
    memo_.until = std::max(memo_.until, now() + waits->check_after + issuer_.ca_.give_up);
    return save(now() + waits->check_after,
                [this, after = waits->check_after] { tell(transaction::Pending{after}); });
  }
  if (auto* refused = std::get_if<transaction::Refused>(&said)) {
    world().complain(key_, "the CA behind this server refused", refused->error);
    return end(std::move(*refused));
  }
  if (auto* certificate = std::get_if<Granted>(&said)) {
    if (memo_.stage == Stage::asking) return granted(std::move(certificate->certificate));
  } else if (memo_.stage == Stage::withdrawing) {
    return end(transaction::Informed{});
  } else if (memo_.stage == Stage::revoking) {
    return end(transaction::Revoked{memo_.subject, memo_.reason, memo_.invalidity_date});
  }
  failed({Failure::systemFailure,
          "issuer.program-answer",
          "the CA behind this server answered another question than it was asked",
          {}});
}

void ProgramErrand::granted(Bytes certificate) {
  const auto fits =
      issuer_.ca_.ca.issued->check(certificate, memo_.subject, issuer_.ca_.ca.anchors, now());
  if (!fits) {
    // It may be somebody else's, and in use: nothing is asked to be revoked for it.
    world().complain(key_, "the CA sent a certificate that does not fit", fits.error());
    return end(transaction::Refused{fits.error()});
  }
  memo_.certificate = std::move(certificate);
  chain_ = *fits;
  memo_.stage = Stage::granted;
  save(now() + kOrphaned, [this] { hand_in(issued()); });
}

void ProgramErrand::withdraw() {
  const auto serial = x509::serial_of(memo_.certificate);
  memo_.stage = Stage::withdrawing;
  memo_.subject = serial ? *serial : Bytes{};
  memo_.reason = x509::CrlReason::cessationOfOperation;
  transaction::RevocationOrder order{memo_.subject, memo_.reason, {}, {}, {}};
  memo_.question = question_for(key_, order);
  // It will be asked, and nobody need wait for that.
  save(now() + issuer_.ca_.retry, [this] {
    tell(transaction::Informed{});
    ask();
  });
}

Answer ProgramErrand::issued() const {
  const OtherCa& ca = issuer_.ca_.ca;
  const auto found = [&] {
    return ca.issued->check(memo_.certificate, memo_.subject, ca.anchors, now());
  };
  return transaction::Issued{memo_.certificate,
                             x509::serial_of(memo_.certificate).value_or(Bytes{}),
                             chain_ ? *chain_ : found().value_or(ca.chain),
                             ca.root,
                             {}};
}

// ---- what comes of it
void ProgramErrand::end(Answer answer) {
  const bool wanted = memo_.stage != Stage::withdrawing || told_;
  memo_.stage = Stage::ended;
  save(std::nullopt, [this, wanted, answer = std::move(answer)]() mutable {
    if (wanted) hand_in(std::move(answer));
  });
}

void ProgramErrand::tell(Answer answer) {
  if (auto told = std::exchange(told_, {})) told(std::move(answer));
}

// To whoever waits, or through the back door.
void ProgramErrand::hand_in(Answer answer) {
  if (told_) return tell(std::move(answer));
  const bool is_certificate = std::holds_alternative<transaction::Issued>(answer);
  world().late(key_, std::move(answer), on_loop<void>([this, is_certificate](Result<> taken) {
                 if (!is_certificate) return;
                 if (taken) return save(std::nullopt, [] {});
                 if (taken.error().code == "server.no-transaction") withdraw();
               }));
}

}  // namespace countersign::issuer
