// An authority for tests: one key of each kind for the whole program, certificates on demand.
#pragma once

#include <map>
#include <string>

#include "authenticated.h"
#include "crypto/keys.h"
#include "crypto/sign.h"
#include "transaction/values.h"
#include "x509/certificate.h"
#include "x509/csr.h"

namespace countersign::test {

inline const crypto::PrivateKey& key_of(const std::string& kind) {
  static std::map<std::string, crypto::PrivateKey> keys;
  auto at = keys.find(kind);
  if (at == keys.end())
    at = keys.emplace(kind, crypto::PrivateKey::generate(*crypto::key_spec(kind))).first;
  return at->second;
}

inline Bytes signed_der(View tbs, const crypto::PrivateKey& key) {
  const auto algorithm = key.default_signature_algorithm();
  return x509::join_signed(tbs, algorithm, crypto::sign(key, algorithm, tbs).value());
}

struct CertificateWish {
  std::string subject = "CN=device";
  std::string issuer = "CN=Test CA";
  Bytes serial = {0x01};
  Bytes spki = copy(key_of("p256").public_key().spki());
  std::string signed_by = "p256";  // kind of the issuer's key
  x509::Extensions extensions = {};
};

inline Bytes make_certificate(const CertificateWish& wish) {
  x509::CertificateFields fields;
  const auto& key = key_of(wish.signed_by);
  fields.serial = wish.serial;
  fields.signature_algorithm = key.default_signature_algorithm();
  fields.issuer = x509::name_from_text(wish.issuer).value();
  fields.subject = x509::name_from_text(wish.subject).value();
  fields.validity = {*from_iso("2026-01-01"), *from_iso("2027-01-01")};
  fields.spki = wish.spki;
  fields.extensions = wish.extensions;
  return signed_der(x509::encode_tbs(fields), key);
}

inline const Bytes& root_certificate() {
  static const Bytes root = make_certificate({.subject = "CN=Test Root", .serial = {0x70}});
  return root;
}

// Serial numbers are one octet; the same serial gives the same certificate.
inline transaction::Issued issued(Byte serial, const std::string& signed_by = "p256") {
  static std::map<std::pair<Byte, std::string>, Bytes> made;
  auto& certificate = made[{serial, signed_by}];
  if (certificate.empty())
    certificate = make_certificate({.serial = {serial}, .signed_by = signed_by});
  static const Bytes issuing =
      make_certificate({.subject = "CN=Test CA", .issuer = "CN=Test Root", .serial = {0x71}});
  return {certificate, {serial}, {issuing}, root_certificate()};
}

// The sender's certificate is a trust anchor itself.
inline message::AuthenticatedMessage authenticated_by_signature(message::PKIMessage m) {
  static const auto signer = x509::parse_certificate(make_certificate({.serial = {0x72}})).value();
  static const auto anchors = crypto::TrustSet::make(std::vector<Bytes>{signer.der}).value();
  const auto& key = key_of("p256");
  m.header.sender = x509::directory_name(signer.subject);
  m.extra_certs = {signer.der};
  const auto algorithm = key.default_signature_algorithm();
  const Bytes tbs = protect::prepare_signature(m, algorithm);
  protect::attach_signature(m, crypto::sign(key, algorithm, tbs).value());
  crypto::PublicKeyCache keys(1);
  crypto::PathCache paths(1);
  crypto::DerivedKeys derived(1);
  protect::Evidence evidence;
  evidence.anchors = &anchors;
  auto proof = protect::Authenticator(quick_policy(), keys, paths, derived)
                   .authenticate(std::move(m), evidence, kStart);
  if (!proof) throw std::logic_error(std::string(proof.error().code));
  return std::move(proof->message);
}

inline x509::CertificationRequest make_csr(const std::string& subject,
                                           const crypto::PrivateKey& key) {
  const Bytes info =
      x509::encode_csr_info(x509::name_from_text(subject).value(), key.public_key().spki(), {});
  return x509::parse_csr(signed_der(info, key)).value();
}

}  // namespace countersign::test
