// The server machine with everything around it in memory and at once: octets in, octets out. What
// server/responder.cc does over a store, as a model: the stored reply first, then authentication,
// then the rules, the machine, and one commit.
#pragma once

#include <map>
#include <set>
#include <string>

#include "enrol/catalogue.h"
#include "enrol/examine.h"
#include "support/authority.h"
#include "transaction/server_machine.h"

namespace countersign::test {

using ServerSetting = enrol::CmpProfile;

class MachineServer {
 public:
  MachineServer(ServerSetting setting, ScriptedIssuer& issuer);

  void add_credential(enrol::CredentialRecord credential);
  Bytes handle(View request, Time now);
  // Late answers and timers; `sender` and `id` name the transaction.
  void advance(const std::string& sender, const TransactionId& id, const transaction::Event& event,
               Time now);
  void run_due(Time now);
  void revoke(View serial, int reason, Time now);  // as an officer does
  // Replies are kept no more.
  void forget_replies() { replies_.clear(); }
  void want_certconf() { setting_.rules.implicit_confirm = false; }

  const std::vector<enrol::CertificateRecord>& certificates() const { return certificates_; }
  const std::vector<enrol::AuditRow>& audit() const { return audit_; }
  const enrol::CredentialRecord* credential(const std::string& reference) const;
  std::size_t commits() const { return commits_; }

 private:
  using Key = std::pair<std::string, TransactionId>;
  struct Exchange;
  Result<Bytes> answer(Exchange& x, View request);
  Result<protect::Authentication> authenticate(Exchange& x, message::PKIMessage m);
  protect::Evidence evidence(const message::PKIMessage& m, Time now);
  transaction::Facts facts(Exchange& x, const message::AuthenticatedMessage& m);
  bool strict() const noexcept;
  transaction::Answer inform(const transaction::InformationOrder& question) const;
  Result<> settle(Exchange& x, transaction::Transaction state, const transaction::Event& event,
                  const transaction::Facts& facts);
  void keep(Exchange& x, const transaction::Issued& issued, std::size_t index,
            const std::string& profile);
  Result<> apply(Exchange& x, const transaction::Effect& effect);
  Result<> commit(Exchange& x);
  void note(const Exchange& x, const std::string& event, const Bytes& serial,
            const std::string& code, const std::string& detail = {});
  Bytes seal(const Exchange& x, message::PKIMessage reply);
  Nonce fresh_nonce();
  enrol::CertificateRecord* find(View serial);
  std::optional<transaction::Transaction> load(const Key& key);

  ServerSetting setting_;
  std::shared_ptr<const enrol::Catalogue> catalogue_;
  ScriptedIssuer& issuer_;
  CountingEntropy entropy_{3};
  crypto::PublicKeyCache keys_;
  crypto::PathCache paths_;
  crypto::DerivedKeys derived_;
  std::map<std::string, enrol::CredentialRecord> credentials_;
  std::map<Key, Bytes> transactions_;
  std::map<RequestDigest, Bytes> replies_;
  std::set<std::pair<RequestDigest, int>> issued_for_;  // request and index
  std::set<Nonce> poll_nonces_;
  std::vector<enrol::CertificateRecord> certificates_;
  std::vector<enrol::AuditRow> audit_;
  std::size_t commits_ = 0;
};

// The octets of ECDSA and the like in place.
Bytes sign_now(const ports::Signer& signer, Bytes tbs);
RequestDigest digest_of(const message::PKIMessage& m);

}  // namespace countersign::test
