// How the client protects what it sends: with a shared secret, or with a certificate and its key.
// The same for all messages of a transaction (RFC 9483 §3.2), under one MAC key, also when the
// transaction goes on in another process.
// Errors: client.secret-changed, and what protect and crypto say.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "base/ports.h"
#include "base/secret.h"
#include "client/identity.h"
#include "message/message.h"
#include "protect/mac_key.h"
#include "x509/certificate.h"

namespace countersign::client {

struct SharedSecret {
  std::string reference;
  Secret secret;
  // OpenSSL's CMP knows PasswordBasedMac alone, and takes PBMAC1 for a signature.
  protect::MacChoice choice = protect::MacChoice::password_based_mac;
};
struct SigningIdentity {
  crypto::PrivateKey key;
  CertificateFile certificate;
};

class Protection {
 public:
  explicit Protection(SharedSecret secret) : with_(std::move(secret)) {}
  explicit Protection(SigningIdentity identity) : with_(std::move(identity)) {}

  // For a new transaction: fresh MAC parameters.
  Result<> begin(Entropy& entropy);
  // For one that goes on: the parameters of what was sent before.
  Result<> resume(const message::PKIMessage& sent);

  // Fills in sender, senderKID, messageTime and protection; gives the octets to send.
  Result<Bytes> seal(message::PKIMessage message, Time now, Entropy& entropy);

  // What a MAC'd answer is verified with; null when we sign.
  const Secret* secret() const noexcept;
  // What opens what is encrypted for our certificate; null when we MAC.
  const crypto::PrivateKey* key() const noexcept;
  // Our own certificate and its chain; null when we MAC.
  const CertificateFile* certificate() const noexcept;

 private:
  Result<Bytes> seal_with(SharedSecret& secret, message::PKIMessage message, Entropy& entropy);
  Result<Bytes> seal_with(SigningIdentity& identity, message::PKIMessage message, Entropy& entropy);

  std::variant<SharedSecret, SigningIdentity> with_;
  std::optional<protect::MacKey> mac_key_;
};

}  // namespace countersign::client
