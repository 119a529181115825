// An officer before an issuer: orders that need approval wait in the store until somebody decides
// them, everything else passes. The requester polls meanwhile (RFC 9810 §5.3.22, RFC 9483 §4.4).
//
// Keeps nothing but what is stored: may be called by several threads, and goes on where it was
// after a restart. Outlived by the issuer behind it and by what its world names.
//
// Errors that end entities see: notAuthorized "issuer.rejected", with the officer's words; those of
// the issuer behind; systemFailure "issuer.approval-memo".
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/ports.h"
#include "issuer/manual/approval.h"
#include "ports/issuer.h"
#include "ports/store.h"

namespace countersign::issuer {

struct ApprovalRules {
  std::vector<std::string> templates;  // certificate templates that need it; "*": all
  enum class Need { no, yes };
  Need updates = Need::no;      // of a certificate by its holder (kur), of those templates
  Need revocations = Need::no;  // by rr; an officer's own command needs none
  Seconds check_after{60};      // how soon to ask again
  Seconds longest_wait{30LL * 86400};

  bool none() const noexcept { return templates.empty() && revocations == Need::no; }
};

struct ManualWorld {
  ports::Store& store;
  const Clock& clock;
  // The answer to an order that was Pending. "server.no-transaction": nobody wants it.
  std::function<void(ports::OrderKey, transaction::Answer, Done<>)> late;
  std::function<void(const ports::OrderKey&, const std::string& what, const Error&)> complain;
};

class ManualIssuer final : public ports::Issuer {
 public:
  ManualIssuer(ports::Issuer& next, ApprovalRules rules, ManualWorld world)
      : next_(next), rules_(std::move(rules)), world_(std::move(world)) {}

  Speed speed() const noexcept override { return next_.speed(); }
  void issue(const ports::OrderKey& key, const transaction::CertificateOrder& order, Time now,
             Done<transaction::Answer> done) override;
  void settle(const ports::OrderKey& key, ports::Settlement settlement, Time now,
              Done<ports::Heard> done) override {
    next_.settle(key, settlement, now, std::move(done));
  }
  void revoke(const ports::OrderKey& key, const transaction::RevocationOrder& order, Time now,
              Done<transaction::Answer> done) override;

  // Carries out what was decided since; to be called every second or so.
  void run_due();

 private:
  bool needs_approval(const transaction::CertificateOrder& order) const;
  void await_decision(const ports::OrderKey& key, Approval fresh, Done<transaction::Answer> done);
  void ask(const ports::OrderKey& key, const Approval& approval, Done<transaction::Answer> done);
  void carry_out(const enrol::OrderRecord& record);
  void hand_in(const enrol::OrderRecord& record, transaction::Answer answer);
  void end(enrol::OrderRecord record);

  ports::Issuer& next_;
  const ApprovalRules rules_;
  const ManualWorld world_;
};

}  // namespace countersign::issuer
