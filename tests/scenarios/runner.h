// Plays a script before a driver, as the client would: builds and protects every message, checks
// the protection of every answer, and compares what was said with what the script expects.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/driver.h"
#include "scenarios/script.h"
#include "support/device.h"

namespace countersign::test {

class Runner {
 public:
  Runner(const Script& script, MakeDriver make);
  // What did not happen as written, one sentence each with its line.
  std::vector<std::string> play();

 private:
  struct Obtained {  // a certificate and the key that it is for
    Bytes certificate;
    std::string key;
  };
  void step(const Step& s);
  void client(const Step& s);
  void issuer(const Step& s);
  void server(const Step& s);

  // client.cc: the messages
  message::PKIMessage compose(const Step& s);
  message::PKIHeader header(const Step& s, bool first);
  message::PKIBody body(const Step& s);
  message::PKIBody requests(const Step& s, message::BodyType type);
  message::CertConfirmContent confirmation(const Step& s) const;
  message::RevReqContent revocations(const Step& s) const;
  std::vector<crmf::Attribute> controls(const Step& s) const;
  Bytes serial_of(const std::string& which) const;
  Bytes seal(const Step& s, message::PKIMessage m);
  Credentials credentials_for(const Step& s) const;
  Nonce nonce();

  void send();
  void hear(const Step& s);
  void expect(const Step& s, const std::vector<std::string>& said);
  void remember(const message::PKIMessage& reply);
  void obtain_identity();
  std::string status_of(const Step& s);
  std::vector<std::string> audited();
  void complain(const Step& s, const std::string& what);

  const Script& script_;
  std::unique_ptr<Driver> driver_;
  Time now_ = kStart;
  CountingEntropy entropy_{5};

  TransactionId id_;
  std::string sender_;  // as the server names it
  std::string key_;     // kind of key of the requests in this transaction
  Nonce our_nonce_, server_nonce_;
  std::map<RequestId, Obtained> obtained_;
  std::optional<Obtained> identity_;

  struct Sent {
    std::string operation;
    Bytes octets;
    std::optional<Bytes> reply;
    bool mac = true;
  };
  std::vector<Sent> sent_;
  std::size_t audit_begins_ = 0;
  std::vector<std::string> complaints_;
};

ServerSetting read_setting(const std::map<std::string, std::string>& options);
// "5s", "2m", "1h", "30d" or seconds.
Seconds read_seconds(const std::string& text);
IssuerSays read_issuer(const std::vector<std::string>& words);

}  // namespace countersign::test
