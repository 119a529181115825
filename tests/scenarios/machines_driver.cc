#include "scenarios/driver.h"

namespace countersign::test {
namespace {

// Keeps everything in memory: a restart changes nothing.
class MachinesDriver final : public Driver {
 public:
  MachinesDriver(const ServerSetting& setting, const std::vector<CredentialSpec>& credentials)
      : server_(setting, issuer_) {
    for (const auto& spec : credentials) server_.add_credential(make_credential(spec));
  }

  Bytes exchange(const std::string&, const Bytes& request) override {
    return server_.handle(request, now_);
  }
  ScriptedIssuer& issuer() override { return issuer_; }
  void late_answer(const std::string& sender, const TransactionId& id, std::size_t index,
                   transaction::Answer answer) override {
    server_.advance(sender, id, transaction::AnswerArrived{index, std::move(answer)}, now_);
  }
  void set_time(Time now) override {
    now_ = now;
    server_.run_due(now);
  }
  void restart() override {}
  void forget_replies() override { server_.forget_replies(); }
  void revoke(const Bytes& serial, int reason) override { server_.revoke(serial, reason, now_); }
  std::vector<enrol::AuditRow> audit() override { return server_.audit(); }
  std::vector<enrol::CertificateRecord> certificates() override { return server_.certificates(); }
  std::optional<std::int64_t> uses_left(const std::string& reference) override {
    const auto* credential = server_.credential(reference);
    return credential == nullptr ? std::nullopt : credential->uses_left;
  }

 private:
  ScriptedIssuer issuer_;
  MachineServer server_;
  Time now_ = kStart;
};

}  // namespace

enrol::CredentialRecord make_credential(const CredentialSpec& spec) {
  enrol::CredentialRecord out;
  out.reference = spec.reference;
  out.secret = Secret(to_bytes(spec.secret));
  out.names = spec.names;
  out.uses_left = spec.uses;
  out.uses_granted = spec.uses.value_or(0);
  out.created = kStart;
  return out;
}

std::unique_ptr<Driver> machines_driver(const ServerSetting& setting,
                                        const std::vector<CredentialSpec>& credentials) {
  return std::make_unique<MachinesDriver>(setting, credentials);
}

}  // namespace countersign::test
