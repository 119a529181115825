// The issuer contract's places for our own CA: alone, and with an officer before it.
#pragma once

#include "issuer/manual/manual.h"
#include "scenarios/issuer_place.h"
#include "server/decisions.h"

namespace countersign::test {

class LocalCaPlace : public IssuerPlace {
 public:
  static constexpr std::string_view kKind = "own";

  LocalCaPlace() : IssuerPlace(kStart) { reopen(); }
  ~LocalCaPlace() override { LocalCaPlace::shut(); }
  ports::Issuer& issuer() { return *ca_; }
  // It refuses nothing but what outlives it.
  void will(Turn turn) {
    constexpr Seconds kCentury{100LL * 365 * 86400};
    if (turn == Turn::refuses) pass(kCentury);
  }
  void decide() {}

 protected:
  void open() override {
    ca_ = issuer::LocalCa::create(
              {authority().issuing.der, authority().root.der, "http://127.0.0.1:8829"},
              authority().issuing_signer, entropy())
              .value();
  }
  void forget() override { ca_.reset(); }
  void hand_in() override {}

 private:
  std::unique_ptr<issuer::LocalCa> ca_;
};

class ManualPlace final : public IssuerPlace {
 public:
  static constexpr std::string_view kKind = {};

  ManualPlace() : IssuerPlace(kStart) { reopen(); }
  ~ManualPlace() override { shut(); }
  ports::Issuer& issuer() { return *manual_; }
  void will(Turn turn) { turn_ = turn; }
  void hold() {}  // an officer always takes time
  void decide() {
    const auto voice = turn_ == Turn::grants ? enrol::Voice::approves : enrol::Voice::rejects;
    auto all = server::waiting_requests(store(), now()).value();
    for (auto& request : all)
      if (request.approval.stage == enrol::Approval::Stage::awaited)
        server::decide(store(), request, {"ada", voice, now(), "as the contract has it"}, {})
            .value();
  }

 private:
  void open() override {
    ca_ = issuer::LocalCa::create(
              {authority().issuing.der, authority().root.der, "http://127.0.0.1:8829"},
              authority().issuing_signer, entropy())
              .value();
    issuer::ApprovalNeed need;
    need.officers = 1;
    manual_ = std::make_unique<issuer::ManualIssuer>(
        *ca_,
        issuer::ApprovalRules{[need](const transaction::CertificateOrder&) { return need; },
                              [need](const transaction::RevocationOrder&) { return need; }},
        issuer::ManualWorld{store(), clock(), take_late(), complain(), {}});
  }
  void forget() override {
    manual_.reset();
    ca_.reset();
  }
  void hand_in() override { manual_->run_due(); }

  Turn turn_ = Turn::grants;
  std::unique_ptr<issuer::LocalCa> ca_;
  std::unique_ptr<issuer::ManualIssuer> manual_;
};

}  // namespace countersign::test
