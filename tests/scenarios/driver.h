// Where a scenario plays: the machines alone, in one process with a store on disk, or over sockets.
// All take and give octets, and all have the same issuer and the same clock that is only told.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "support/machine_server.h"

namespace countersign::test {

struct CredentialSpec {
  std::string reference;
  std::string secret;
  std::optional<std::int64_t> uses;
  std::string names = "any";
};

struct Driver {
  virtual ~Driver() = default;
  virtual Bytes exchange(const std::string& operation, const Bytes& request) = 0;
  virtual ScriptedIssuer& issuer() = 0;
  virtual void late_answer(const std::string& sender, const TransactionId& id, std::size_t index,
                           transaction::Answer answer) = 0;
  virtual void set_time(Time now) = 0;  // what is due until then happens
  virtual void restart() = 0;           // what was stored stays
  virtual void forget_replies() = 0;
  virtual void revoke(const Bytes& serial, int reason) = 0;  // as an officer does
  virtual std::vector<enrol::AuditRow> audit() = 0;          // oldest first
  virtual std::vector<enrol::CertificateRecord> certificates() = 0;
  virtual std::optional<std::int64_t> uses_left(const std::string& reference) = 0;
};

using MakeDriver = std::unique_ptr<Driver> (*)(const ServerSetting&,
                                               const std::vector<CredentialSpec>&);
std::unique_ptr<Driver> machines_driver(const ServerSetting& setting,
                                        const std::vector<CredentialSpec>& credentials);
std::unique_ptr<Driver> in_process_driver(const ServerSetting& setting,
                                          const std::vector<CredentialSpec>& credentials);
std::unique_ptr<Driver> sockets_driver(const ServerSetting& setting,
                                       const std::vector<CredentialSpec>& credentials);

enrol::CredentialRecord make_credential(const CredentialSpec& spec);

}  // namespace countersign::test
