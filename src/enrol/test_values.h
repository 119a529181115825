// For the tests of this folder: keys, certificates and senders made on the spot.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>

#include "crypto/digest.h"
#include "crypto/keys.h"
#include "crypto/sign.h"
#include "enrol/records.h"
#include "message/authenticated.h"

namespace countersign::enrol::test {

inline const Time kNow = *from_iso("2026-06-01T12:00:00Z");
inline const x509::Name kIssuer = x509::common_name("Issuing CA");

// One key of each kind for the whole program.
inline const crypto::PrivateKey& key(const std::string& kind) {
  static std::map<std::string, crypto::PrivateKey> keys;
  auto at = keys.find(kind);
  if (at == keys.end())
    at = keys.emplace(kind, crypto::PrivateKey::generate(*crypto::key_spec(kind))).first;
  return at->second;
}
inline Bytes spki(const std::string& kind) { return copy(key(kind).public_key().spki()); }

inline x509::Name name(const std::string& text) {
  return text.empty() ? x509::Name{} : x509::name_from_text(text).value();
}
inline std::vector<x509::GeneralName> sans(const std::vector<std::string>& texts) {
  std::vector<x509::GeneralName> out;
  out.reserve(texts.size());
  for (const std::string& text : texts) out.push_back(x509::general_name_from_text(text).value());
  return out;
}

// Signed by its own key whatever its issuer: nothing here verifies it.
inline x509::Certificate certificate(const std::string& subject,
                                     const std::vector<std::string>& names = {}, Byte serial = 1,
                                     const std::string& kind = "p256") {
  const crypto::PrivateKey& signer = key(kind);
  x509::CertificateFields fields;
  fields.serial = {0x41, serial};
  fields.signature_algorithm = signer.default_signature_algorithm();
  fields.issuer = kIssuer;
  fields.subject = name(subject);
  fields.validity = {*from_iso("2026-01-01"), *from_iso("2027-01-01")};
  fields.spki = copy(signer.public_key().spki());
  if (!names.empty()) fields.extensions.push_back(x509::make_subject_alt_name(sans(names), false));
  const Bytes tbs = x509::encode_tbs(fields);
  const Bytes signature = crypto::sign(signer, fields.signature_algorithm, tbs).value();
  return x509::parse_certificate(x509::join_signed(tbs, fields.signature_algorithm, signature))
      .value();
}

inline CertificateRecord record(const x509::Certificate& certificate,
                                CertificateStatus status = CertificateStatus::valid,
                                const std::string& reference = "") {
  CertificateRecord out;
  out.serial = certificate.serial;
  out.der = certificate.der;
  out.fingerprint = crypto::sha256(certificate.der);
  out.subject = x509::to_text(certificate.subject);
  out.validity = certificate.validity;
  out.status = status;
  out.reference = reference;
  return out;
}

inline message::Sender by_secret(const std::string& reference) {
  message::Sender out;
  out.identity = "secret:" + reference;
  out.reference = reference;
  return out;
}
inline message::Sender by_certificate(const x509::Certificate& certificate, bool ra = false) {
  message::Sender out;
  out.proof = message::ProofKind::signature;
  out.certificate = certificate;
  out.issued_by_us = true;
  out.may_act_as_ra = ra;
  return out;
}

template <class T>
std::string code(const Result<T>& result) {
  return result ? "ok" : std::string(result.error().code);
}
template <class T>
std::string failure(const Result<T>& result) {
  return result ? "none" : std::string(countersign::name(result.error().failure));
}

inline Bytes read_vector(const std::string& name) {
  std::ifstream in(COUNTERSIGN_SOURCE_DIR "/tests/vectors/enrol/" + name, std::ios::binary);
  EXPECT_TRUE(in) << name;
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace countersign::enrol::test
