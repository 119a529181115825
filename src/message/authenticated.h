// A message whose sender has proved itself. Only protect can make one: the constructor wants a
// passkey that nobody else can have. What takes an Authenticated<T> need not ask again.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/secret.h"
#include "message/message.h"
#include "x509/certificate.h"

namespace countersign::protect {
class Authenticator;
}

namespace countersign::message {

enum class ProofKind : Byte { mac, signature };

// What has been proved, and how.
struct Sender {
  ProofKind proof = ProofKind::mac;
  // "secret:<reference>" or "certificate:<SHA-256 hex>": the key of everything the sender owns.
  std::string identity;
  // MAC: the reference that the secret was found under. Signature: empty.
  std::string reference;
  // Signature: the protection certificate and its path (leaf first, anchor last).
  std::optional<x509::Certificate> certificate;
  std::vector<Bytes> path;
  bool issued_by_us = false;  // its certificate is in our store
  bool unconfirmed = false;   // … and waits for its certConf: it may send nothing else
  // cmcRA in a certificate of our own CA; or the certificate, or the secret, is named so.
  bool may_act_as_ra = false;
};

class AuthenticationPasskey {
  friend class protect::Authenticator;
  AuthenticationPasskey() = default;
};

template <class T>
class Authenticated {
 public:
  Authenticated(AuthenticationPasskey, T value, Sender sender)
      : value_(std::move(value)), sender_(std::move(sender)) {}
  const T& value() const noexcept { return value_; }
  const T* operator->() const noexcept { return &value_; }
  const Sender& sender() const noexcept { return sender_; }

 private:
  T value_;
  Sender sender_;
};

using AuthenticatedMessage = Authenticated<PKIMessage>;

}  // namespace countersign::message
