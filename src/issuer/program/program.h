// The Issuer of an authority that speaks no CMP: a program that is run, or a web service that is
// asked, for each order; words.h has the words. It must be idempotent: what is asked again under
// the same id gets the same answer, since an answer may get lost.
//
// issue(), settle() and revoke() may be called on any thread; all else happens on the loop behind
// ProgramWorld::after. What is asked is stored before it is asked, and goes on after a restart.
//
// Errors that end entities see: systemUnavail "issuer.program-silent"; "issuer.program-refused";
// systemFailure "issuer.upstream-certificate".
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "issuer/gate.h"
#include "issuer/one_at_a_time.h"
#include "issuer/other_ca.h"
#include "issuer/program/memo.h"
#include "ports/remote_issuer.h"
#include "ports/store.h"

namespace countersign::issuer {

// Carries a question there, and the answer back. On its loop; Done, too. An error is one of the
// way: the program could not be run, or failed; the service was not reached.
struct Courier {
  virtual ~Courier() = default;
  virtual void ask(const std::string& question, Seconds limit, Done<std::string> done) = 0;
};

struct ProgramCa {
  std::string name;  // of the authority
  OtherCa ca;
  Seconds timeout{10};     // of one run
  Seconds patience{15};    // of one who waits here
  Seconds retry{30};       // between tries
  Seconds rest{30};        // after three failures in a row
  Seconds give_up{86400};  // then an order is refused
  GateLimits limits;
};
struct ProgramWorld {
  ports::Store& store;
  Courier& courier;
  const Clock& clock;
  OneAtATime::After after;
  std::function<void(ports::OrderKey, transaction::Answer, Done<>)> late;
  std::function<void(const ports::OrderKey&, const std::string& what, const Error&)> complain;
};

class ProgramIssuer final : public ports::RemoteIssuer {
 public:
  ProgramIssuer(ProgramCa ca, ProgramWorld world);

  void issue(const ports::OrderKey& key, const transaction::CertificateOrder& order, Time now,
             Done<transaction::Answer> done) override;
  void settle(const ports::OrderKey& key, ports::Settlement settlement, Time now,
              Done<ports::Heard> done) override;
  void revoke(const ports::OrderKey& key, const transaction::RevocationOrder& order, Time now,
              Done<transaction::Answer> done) override;
  void resume(const enrol::OrderRecord& record) override;
  ports::Health health() const override { return gate_.health(); }
  const ProgramCa& ca() const noexcept { return ca_; }

 private:
  friend class ProgramErrand;
  std::shared_ptr<class ProgramErrand> begin(const ports::OrderKey& key);

  ProgramCa ca_;
  ProgramWorld world_;
  Gate gate_;
  OneAtATime orders_;
  int failures_ = 0;  // in a row
};

}  // namespace countersign::issuer
