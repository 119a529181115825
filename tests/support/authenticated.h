// Messages whose sender has proved itself, made the only way there is: really protected by a MAC,
// then authenticated. One iteration and one salt for all, so that a test can make thousands.
#pragma once

#include <stdexcept>
#include <string>

#include "crypto/os_entropy.h"
#include "protect/protect.h"

namespace countersign::test {

inline const Time kStart = *from_iso("2026-06-01T12:00:00Z");

inline const protect::Policy& quick_policy() {
  static const protect::Policy policy{.time_window = Seconds{0}, .min_iterations_made = 1};
  return policy;
}

inline const Secret& shared_secret() {
  static const Secret secret(to_bytes("correct horse battery staple"));
  return secret;
}

inline const protect::MacKey& quick_mac_key() {
  static const protect::MacKey key = protect::derive_mac_key(protect::make_pbm(Bytes(16, 0x5a), 1),
                                                             shared_secret(), true, quick_policy())
                                         .value();
  return key;
}

// senderKID names the reference.
inline message::PKIMessage with_mac(message::PKIMessage m, const std::string& reference = "alpha") {
  m.header.sender_kid = to_bytes(reference);
  m.header_and_body.clear();
  crypto::OsEntropy entropy;
  protect::protect_with_mac(m, quick_mac_key(), entropy).value();
  return m;
}

inline message::AuthenticatedMessage authenticated(message::PKIMessage m,
                                                   const std::string& reference = "alpha") {
  crypto::PublicKeyCache keys(1);
  crypto::PathCache paths(1);
  crypto::DerivedKeys derived(1);
  protect::Evidence evidence;
  evidence.secret = protect::KnownSecret{reference, &shared_secret(), true};
  auto proof = protect::Authenticator(quick_policy(), keys, paths, derived)
                   .authenticate(with_mac(std::move(m), reference), evidence, kStart);
  if (!proof) throw std::logic_error(std::string(proof.error().code));
  return std::move(proof->message);
}

}  // namespace countersign::test
