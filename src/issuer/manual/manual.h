// An officer before an issuer: orders that need approval wait in the store until somebody decides
// them, everything else passes. The requester polls meanwhile (RFC 9810 §5.3.22, RFC 9483 §4.4).
// What nobody decides for a while is escalated, and officers are told of it all: rows of the same
// commits say so, which somebody else carries to them.
//
// Keeps nothing but what is stored: may be called by several threads, and goes on where it was
// after a restart. Outlived by the issuer behind it and by what its world names.
//
// Errors that end entities see: notAuthorized "issuer.rejected", with the officer's words, and
// "issuer.undecided"; those of
// the issuer behind; systemFailure "issuer.approval-memo".
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/ports.h"
#include "enrol/approval.h"
#include "issuer/manual/notices.h"
#include "ports/issuer.h"
#include "ports/store.h"

namespace countersign::issuer {

// What an order needs before it is passed on.
struct ApprovalNeed {
  std::size_t officers = 0;  // none: it passes
  Seconds wait{30LL * 86400};
  Seconds check_after{60};               // how soon to ask again
  Seconds escalate_after{0};             // 0: never
  std::vector<std::string> escalate_to;  // operators or roles; empty: administrators
};
struct ApprovalRules {  // asked with each order: what operators set may change
  std::function<ApprovalNeed(const transaction::CertificateOrder&)> of_certificate;
  std::function<ApprovalNeed(const transaction::RevocationOrder&)> of_revocation;
};

// How officers are told of what waits: by rows in the store, which notices.h carries to them.
struct NoticePlan {
  Seconds remind_every{0};  // 0: never
  std::string desk;         // URL of the desk; the id of the request follows it
};

struct ManualWorld {
  ports::Store& store;
  const Clock& clock;
  // The answer to an order that was Pending. "server.no-transaction": nobody wants it.
  std::function<void(ports::OrderKey, transaction::Answer, Done<>)> late;
  std::function<void(const ports::OrderKey&, const std::string& what, const Error&)> complain;
  std::optional<NoticePlan> notices;  // nullopt: nobody is told
  // What has come to stand against an approved order since it was asked for; empty: nothing can.
  std::function<Result<>(const transaction::CertificateOrder&)> check = {};
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
  void await_decision(const ports::OrderKey& key, enrol::Approval fresh, const ApprovalNeed& need,
                      Done<transaction::Answer> done);
  void ask(const ports::OrderKey& key, const enrol::Approval& approval,
           Done<transaction::Answer> done);
  void carry_out(const enrol::OrderRecord& record);
  void go_on_waiting(const enrol::OrderRecord& record, const enrol::Approval& approval);
  std::vector<enrol::OrderRecord> told(NoticeKind kind, const enrol::OrderRecord& record,
                                       const enrol::Approval& approval) const;
  Time next_due(const enrol::Approval& approval, Time after) const;
  void hand_in(const enrol::OrderRecord& record, transaction::Answer answer);
  void told_on_its_own(const enrol::OrderRecord& record, const transaction::Answer& answer);
  void end(enrol::OrderRecord record);

  ports::Issuer& next_;
  const ApprovalRules rules_;
  const ManualWorld world_;
};

}  // namespace countersign::issuer
