// For the tests of this folder: certificates and messages made on the spot, and stored vectors.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <stdexcept>

#include "base/ports.h"
#include "crypto/keys.h"
#include "crypto/sign.h"
#include "protect/protect.h"
#include "x509/certificate.h"

namespace countersign::protect::test {

inline const Time kNow = *from_iso("2026-06-01T12:00:00Z");

// Counts upwards: what is random in the product is plain to see in a test.
struct CountingEntropy final : Entropy {
  Result<> fill(std::span<Byte> out) noexcept override {
    for (Byte& octet : out) octet = next++;
    return {};
  }
  Byte next = 1;
};

struct Identity {
  crypto::PrivateKey key;
  x509::Certificate certificate;
};

struct Wish {
  std::string subject;
  std::string key = "p256";
  bool ca = false;
  std::optional<x509::KeyUsages> key_usage = x509::usages({x509::KeyUsage::digitalSignature});
  std::vector<der::Oid> purposes = {};
  std::string from = "2026-01-01";
  std::string to = "2027-01-01";
  bool key_identifier = true;
};

// Self-signed without an issuer.
inline Identity certify(const Wish& wish, const Identity* issuer = nullptr) {
  static Byte serial = 0;
  const auto key = crypto::PrivateKey::generate(*crypto::key_spec(wish.key));
  const auto& signing_key = issuer == nullptr ? key : issuer->key;
  x509::CertificateFields fields;
  fields.serial = {1, ++serial};
  fields.signature_algorithm = signing_key.default_signature_algorithm();
  fields.subject = x509::name_from_text(wish.subject).value();
  fields.issuer = issuer == nullptr ? fields.subject : issuer->certificate.subject;
  fields.validity = {*from_iso(wish.from), *from_iso(wish.to)};
  fields.spki = copy(key.public_key().spki());
  if (wish.ca) fields.extensions.push_back(x509::make_basic_constraints({true, {}}));
  if (wish.key_usage) fields.extensions.push_back(x509::make_key_usage(*wish.key_usage));
  if (!wish.purposes.empty()) fields.extensions.push_back(x509::make_ext_key_usage(wish.purposes));
  if (wish.key_identifier)
    fields.extensions.push_back(
        x509::make_subject_key_identifier(key.public_key().key_identifier()));
  const Bytes tbs = x509::encode_tbs(fields);
  const Bytes signature = crypto::sign(signing_key, fields.signature_algorithm, tbs).value();
  const Bytes der = x509::join_signed(tbs, fields.signature_algorithm, signature);
  return {key, x509::parse_certificate(der).value()};
}

inline Identity certify_ca(const std::string& subject, const Identity* issuer = nullptr) {
  using enum x509::KeyUsage;
  return certify({.subject = subject,
                  .ca = true,
                  .key_usage = x509::usages({digitalSignature, keyCertSign, cRLSign})},
                 issuer);
}

inline crypto::TrustSet trust(const Identity& anchor) {
  return crypto::TrustSet::make(std::vector<Bytes>{anchor.certificate.der}).value();
}

// An empty genm, dated kNow, with IDs, not protected.
inline message::PKIMessage question() {
  message::PKIMessage out;
  out.header.message_time = kNow;
  out.header.transaction_id = TransactionId{Bytes(16, 0x11)};
  out.header.sender_nonce = Nonce{Bytes(16, 0x22)};
  out.body = {message::BodyType::genm, message::InfoMsgContent{}};
  return out;
}

// As it arrives at the other side.
inline message::PKIMessage sent(const message::PKIMessage& message) {
  return message::parse_message(message::encode(message)).value();
}

inline message::PKIMessage question_from(const Identity& who) {
  message::PKIMessage out = question();
  out.header.sender = x509::directory_name(who.certificate.subject);
  out.header.sender_kid = who.certificate.subject_key_identifier();
  out.extra_certs = {who.certificate.der};
  return out;
}

inline message::PKIMessage sign(message::PKIMessage message, const crypto::PrivateKey& key) {
  const auto algorithm = key.default_signature_algorithm();
  const Bytes tbs = prepare_signature(message, algorithm);
  attach_signature(message, crypto::sign(key, algorithm, tbs).value());
  return sent(message);
}
inline message::PKIMessage signed_by(const Identity& who) {
  return sign(question_from(who), who.key);
}

inline message::PKIMessage maced(message::PKIMessage message, const Secret& secret,
                                 MacChoice choice = MacChoice::pbmac1,
                                 std::int64_t iterations = 100) {
  CountingEntropy entropy;
  const auto algorithm = new_mac_algorithm(choice, iterations, entropy).value();
  const MacKey key = derive_mac_key(algorithm, secret, true, Policy{}).value();
  EXPECT_TRUE(protect_with_mac(message, key, entropy));
  return sent(message);
}

// Every authentication with caches of its own.
inline Result<Authentication> authenticate(const message::PKIMessage& message,
                                           const Evidence& evidence, const Policy& policy = {},
                                           Time now = kNow) {
  crypto::PublicKeyCache keys;
  crypto::PathCache paths;
  crypto::DerivedKeys derived;
  return Authenticator(policy, keys, paths, derived).authenticate(message, evidence, now);
}

// Every authentication with caches of its own, but for that of derived keys.
inline Result<Authentication> authenticate(const message::PKIMessage& message,
                                           const Evidence& evidence, crypto::DerivedKeys& derived,
                                           const Policy& policy = {}) {
  crypto::PublicKeyCache keys;
  crypto::PathCache paths;
  return Authenticator(policy, keys, paths, derived).authenticate(message, evidence, kNow);
}

// "" for success.
template <class T>
std::string code(const Result<T>& result) {
  return result ? std::string() : std::string(result.error().code);
}
template <class T>
std::optional<Failure> failure(const Result<T>& result) {
  return result ? std::nullopt : std::optional(result.error().failure);
}

inline Bytes file(const std::string& name) {
  std::ifstream in(std::string(COUNTERSIGN_SOURCE_DIR "/tests/vectors/protect/") + name,
                   std::ios::binary);
  if (!in) throw std::runtime_error("no vector " + name);
  const std::string all{std::istreambuf_iterator<char>(in), {}};
  return to_bytes(all);
}
inline message::PKIMessage vector(const std::string& name) {
  return message::parse_message(file(name)).value();
}
inline crypto::TrustSet vector_anchors() {
  return crypto::TrustSet::make(x509::certificates_from_file(file("ca.pem")).value()).value();
}
inline const Secret& vector_secret() {
  static const Secret secret(to_bytes("an agreed secret"));
  return secret;
}

}  // namespace countersign::protect::test
