// The client's side in octets: what a device knows, how it protects what it sends, and how it
// checks what it gets.
#pragma once

#include <string>

#include "support/authority.h"

namespace countersign::test {

struct Credentials {
  std::optional<protect::MacChoice> mac = protect::MacChoice::password_based_mac;  // or signature
  std::string reference = "device-7";
  Secret secret{to_bytes("an agreed secret of some length")};
  std::int64_t iterations = 100;
  std::optional<x509::Certificate> certificate;  // for signatures, with key
  std::string key = "p256";                      // kind, as key_of has it
  bool send_certificate = true;                  // in extraCerts
  std::vector<Bytes> chain = {};                 // after it
};

class Device {
 public:
  explicit Device(Credentials credentials) : credentials_(std::move(credentials)) {}

  // Protects and encodes; sets sender, senderKID and messageTime.
  Bytes seal(message::PKIMessage m, Time now);
  // Parses and checks the protection, by the secret or up to the root.
  Result<message::PKIMessage> open(View reply, Time now) const;

  Credentials& credentials() { return credentials_; }

  // One CertReqMsg with a proof of possession by that key.
  static crmf::CertReqMsg request(std::int64_t id, const std::string& subject,
                                  const crypto::PrivateKey& key,
                                  std::vector<crmf::Attribute> controls = {});

 private:
  Credentials credentials_;
  CountingEntropy entropy_{11};
  std::optional<protect::MacKey> mac_key_;
};

}  // namespace countersign::test
