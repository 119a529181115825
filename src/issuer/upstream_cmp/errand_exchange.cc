// How an order's messages travel: signed, stored, sent until an answer that proves itself is there.
#include <algorithm>

#include "issuer/upstream_cmp/errand.h"
#include "issuer/upstream_cmp/wire_failure.h"
#include "message/operation_label.h"

namespace countersign::issuer {
namespace {

using Stage = Memo::Stage;

constexpr Seconds kKeep{86400};                // a memo that has ended
constexpr Seconds kKeepGranted{35LL * 86400};  // one whose end entity has not spoken

}  // namespace

void Errand::sign(message::PKIMessage message) {
  const Time now = world_.clock.now();
  const RaPtr ra = ra_of(upstream_, memo_.signed_by, now);
  memo_.signed_by = ra != nullptr ? ra->fingerprint : Bytes();
  address(upstream_, ra, message, now);
  seal(upstream_, ra, std::move(message), world_.entropy,
       on_loop<Bytes>([this](Result<Bytes> octets) {
         if (!octets) return tell(transaction::Refused{octets.error()});
         memo_.pending = std::move(*octets);
         // Should this process die, another run sends it again.
         const Time due = world_.clock.now() + upstream_.patience + upstream_.retry;
         save(due, [this] {
           // A rejection is durable now: it will be sent, and nobody need wait for that.
           if (memo_.stage == Stage::rejecting) tell(transaction::Informed{});
           send();
         });
       }));
}

// The certificate that it began by is revoked, or trusted no more: a CA that knows transactions by
// their ID takes what comes by the present one.
bool Errand::is_refused_as_former(const message::PKIMessage& answer) const {
  const auto* error = std::get_if<message::ErrorMsgContent>(&answer.body.content);
  if (error == nullptr || !error->status.fail_info || upstream_.ra == nullptr) return false;
  if (memo_.signed_by.empty() || memo_.signed_by == upstream_.ra->fingerprint) return false;
  return std::ranges::any_of(message::failures(*error->status.fail_info), [](Failure failure) {
    return failure == Failure::certRevoked || failure == Failure::signerNotTrusted;
  });
}

ports::Commit Errand::row(std::optional<Time> due) const {
  ports::Commit commit;
  const Seconds keep = memo_.stage == Stage::granted ? kKeepGranted : kKeep;
  commit.orders.push_back({key_.id, key_.endpoint, key_.sender, key_.transaction, key_.index,
                           encode(memo_), due, world_.clock.now() + keep,
                           enrol::OrderKind::upstream, key_.authority});
  return commit;
}

void Errand::save(std::optional<Time> due, Then then) {
  world_.store.commit(
      row(due), on_loop<ports::Committed>(
                    [this, then = std::move(then)](Result<ports::Committed> committed) mutable {
                      if (committed) return then();
                      world_.complain(key_, "an order could not be stored", committed.error());
                      tell(transaction::Refused{committed.error()});
                    }));
}

// One that fails leaves the row as it was: its due comes, and the same octets get the same answer.
void Errand::save_soon(std::optional<Time> due) {
  ports::Commit commit = row(due);
  commit.urgency = ports::Urgency::with_the_next;
  world_.store.commit(std::move(commit),
                      on_loop<ports::Committed>([this](const Result<ports::Committed>& committed) {
                        if (!committed)
                          world_.complain(key_, "an order could not be stored", committed.error());
                      }));
}

// ---- the wire
// When its turn has come. Who waits longer than it may is told so; what is to be sent is stored.
void Errand::send() {
  const Time asked = world_.clock.now();
  if (!deadline_) deadline_ = asked + upstream_.patience;
  const auto turn = std::make_shared<bool>(false);
  endpoints_.gate().enter([self = shared_from_this(), turn, asked] {
    *turn = true;
    const Time now = self->world_.clock.now();
    if (now > asked) self->deadline_ = now + self->upstream_.patience;
    self->exchange();
  });
  if (*turn || !told_) return;
  world_.after(upstream_.patience, [watched = weak_from_this(), turn] {
    const auto self = watched.lock();
    if (self && !*turn) self->tell(transaction::Pending{self->upstream_.retry});
  });
}

void Errand::exchange() {
  const Time now = world_.clock.now();
  ++tries_;
  const Seconds left = std::max(Seconds{1}, *deadline_ - now);
  // Where a transaction was begun it goes on; one that nobody answered yet may begin elsewhere.
  const ports::Target* known = endpoints_.find(memo_.url);
  ports::Target target = known != nullptr ? *known : endpoints_.choose(now, url_);
  url_ = target.url;
  // RFC 9483 §6.1 [MUST] certConf and pollReq go where the first message of their operation went
  target =
      labelled(upstream_, std::move(target), message::operation_label(memo_.transaction.initial));
  world_.transport.exchange(target, memo_.pending, std::min(upstream_.timeout, left),
                            on_loop<Bytes>([this](Result<Bytes> reply) {
                              endpoints_.gate().leave();
                              if (!reply) return failed(reply.error());
                              arrived(*reply);
                            }));
}

void Errand::failed(const Error& error) {
  may_have_arrived_ = may_have_arrived_ || !is_surely_lost(error);
  const Time now = world_.clock.now();
  endpoints_.failed(url_, now);
  endpoints_.gate().failed(error);
  const bool asks = memo_.stage == Stage::asking || memo_.stage == Stage::revoking;
  if (now < *deadline_ && !is_lasting(error)) {
    return world_.after(delay_after(tries_), [self = shared_from_this()] { self->send(); });
  }
  world_.complain(key_, "the upstream CA does not answer", error);
  // RFC 9483 §6.1 [MUST] an HTTP status that says nothing of CMP is an error for the requester.
  if (asks && (!may_have_arrived_ || is_lasting(error)))
    return end(Stage::ended, transaction::Refused{unanswered(error)});
  save(now + upstream_.retry, [this] {
    if (told_) tell(transaction::Pending{upstream_.retry});
  });
}

void Errand::arrived(View octets) {
  endpoints_.answered(url_);
  auto known = memo_.responder_certificates;
  std::ranges::copy(endpoints_.certificates(), std::back_inserter(known));
  auto answer = open_answer(upstream_, octets, known, world_.clock.now());
  if (!answer) {
    world_.complain(key_, "an answer of the upstream CA cannot be trusted", answer.error());
    const bool asks = memo_.stage == Stage::asking || memo_.stage == Stage::revoking;
    if (asks) return end(Stage::ended, transaction::Refused{answer.error()});
    return save(world_.clock.now() + upstream_.retry, [this] {
      if (told_) tell(transaction::Pending{upstream_.retry});
    });
  }
  memo_.url = url_;
  if (!answer->extra_certs.empty()) memo_.responder_certificates = answer->extra_certs;
  endpoints_.met(answer->extra_certs);
  deadline_.reset();
  tries_ = 0;
  if (is_refused_as_former(*answer))
    if (auto asked = message::parse_message(memo_.pending)) {
      memo_.signed_by = upstream_.ra->fingerprint;
      return sign(*std::move(asked));
    }
  take(transaction::ResponseArrived{std::move(*answer)});
}

}  // namespace countersign::issuer
