#include "client/central_key.h"

#include <algorithm>

#include "client/failure.h"
#include "crypto/key_package.h"
#include "crypto/path.h"
#include "crypto/sign.h"

namespace countersign::client {
namespace {

namespace cms = crypto::cms;

std::unexpected<Error> wrong_form(std::string why) {
  return fail(Failure::badDataFormat, "client.central-key-format",
              "the private key that the server sent is not in the form of RFC 9483 §4.1.6: " +
                  std::move(why));
}

std::unexpected<Error> wrong_signer(std::string why) {
  return fail(Failure::signerNotTrusted, "client.central-key-signer",
              "who made the private key is not trusted to: " + std::move(why));
}

bool names(const cms::KeyName& name, const x509::Certificate& certificate) {
  if (!name.key_id.empty()) return equal(certificate.subject_key_identifier(), name.key_id);
  return equal(certificate.issuer.der, name.issuer) && equal(certificate.serial, name.serial);
}

// RFC 9483 §4.1.6 [MUST] id-signedData outside, id-ct-KP-aKeyPackage inside. Departure 1: a server
// on OpenSSL's CMP (3.5) writes id-data in both places; what is there is read as the one thing that
// it may be, or not at all.
bool says(const der::Oid& content_type, const der::Oid& right) {
  return content_type == right || content_type == cms::oids::data;
}

Result<x509::Certificate> signer_of(const cms::SignedData& data,
                                    const std::vector<Bytes>& extra_certs) {
  for (const auto* list : {&data.certificates, &extra_certs})
    for (const Bytes& der : *list) {
      auto certificate = x509::parse_certificate(der);
      if (certificate && names(data.signer, *certificate)) return *std::move(certificate);
    }
  return wrong_signer("its certificate did not come along");
}

// RFC 9483 §4.1.6 [MUST] the signer's certificate is validated; [SHOULD] it is authorized by cmKGA.
Result<> authorize(const x509::Certificate& signer, const cms::SignedData& data,
                   const transaction::Examine& issued, const Trust& trust, Time now) {
  if (!signer.has_purpose(x509::oids::kp_cm_kga) && !signer.is_ca())
    return wrong_signer("its certificate lacks the key purpose cmKGA");
  const auto set = TRY(recode(trust_set(trust.anchor_list, trust), "client.central-key-signer",
                              "the trusted roots"));
  std::vector<View> between(data.certificates.begin(), data.certificates.end());
  between.insert(between.end(), issued.extra_certs.begin(), issued.extra_certs.end());
  const auto path =
      crypto::validate_path({signer.der, between, set, now, crypto::Purpose::cmp_signature});
  if (!path) return wrong_signer(path.error().reply_text);
  return {};
}

}  // namespace

Result<crypto::PrivateKey> receive_key(const transaction::Examine& issued,
                                       const cms::Opener& opener, const Trust& trust,
                                       message::ProofKind proof, Time now) {
  if (!issued.private_key)
    return fail(Failure::incorrectData, "client.central-key-missing",
                "the server sent a certificate without the private key that it was to make");
  const auto* enveloped = std::get_if<crmf::EnvelopedData>(&*issued.private_key);
  if (enveloped == nullptr) return wrong_form("it is an EncryptedValue, not an EnvelopedData");
  const auto opened = TRY(cms::open(enveloped->der, opener));
  if (!says(opened.content_type, cms::oids::signed_data)) return wrong_form("it is not signed");
  const auto data = TRY(cms::read_signed_data(opened.content.expose()));
  if (!says(data.content_type, cms::oids::key_package))
    return wrong_form("what is signed is no AsymmetricKeyPackage");
  const auto signer = TRY(signer_of(data, issued.extra_certs));
  const auto signer_key = TRY(recode(crypto::PublicKey::from_spki(signer.spki),
                                     "client.central-key-signer", "the signer's key"));
  if (!crypto::verify(signer_key, data.algorithm, data.signed_attributes, data.signature))
    return wrong_signer("its signature does not verify");
  if (proof == message::ProofKind::signature) TRY(authorize(signer, data, issued, trust, now));
  return crypto::read_key_package(data.content.expose());
}

}  // namespace countersign::client
