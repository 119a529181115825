// Who grants: our own CA, an upstream one, an officer. Answers now or later.
#pragma once

#include <functional>
#include <string>

#include "transaction/values.h"

namespace countersign::ports {

// Which request of which transaction an order is for.
struct OrderKey {
  std::string id;        // unique and the same for ever: of transaction, sender and index
  std::string endpoint;  // CMP profile
  std::string sender;    // identity
  TransactionId transaction;
  std::size_t index = 0;
  std::string authority = {};  // empty: the server's own
};

// What became of a certificate at the end entity.
enum class Settlement { accepted, rejected };
// later: it was told, and has not answered; it is to be told again, after a while.
enum class Heard { now, later };

struct Issuer {
  virtual ~Issuer() = default;
  // in_place: Done is called before issue() returns or soon after, and the reply waits for it.
  // queued: it is elsewhere. It may answer Pending, and later by an event; and it has to hear, by
  // settle(), what became of what it granted.
  enum class Speed { in_place, queued };
  virtual Speed speed() const noexcept = 0;
  // Idempotent by key.id. The certificate exists here only once the commit that holds it succeeds.
  virtual void issue(const OrderKey& key, const transaction::CertificateOrder& order, Time now,
                     Done<transaction::Answer> done) = 0;
  // Before the commit that settles a certificate which issue() gave: an error of an acceptance
  // refuses it. Whoever made the certificate itself has nothing to do.
  virtual void settle(const OrderKey&, Settlement, Time, Done<Heard> done) { done(Heard::now); }
  // Before the commit that revokes it; whoever signs CRLs of that store has nothing to do.
  virtual void revoke(const OrderKey&, const transaction::RevocationOrder& order, Time,
                      Done<transaction::Answer> done) {
    done(transaction::Revoked{order.serial, order.reason, order.invalidity_date});
  }
};

}  // namespace countersign::ports
