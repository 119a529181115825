#include "client/central_key.h"

#include <gtest/gtest.h>

#include "client/identity.h"
#include "crypto/key_package.h"
#include "crypto/os_entropy.h"
#include "crypto/sign.h"
#include "x509/certificate.h"

namespace countersign::client {
namespace {

namespace cms = crypto::cms;

constexpr Seconds kDay{86400};
const Time kNow = from_unix(1'795'000'000);

// A root, a key generation authority under it, and what it sends; each part may be made wrong.
class CentralKey : public testing::Test {
 protected:
  struct Making {
    der::Oid purpose = x509::oids::kp_cm_kga;
    der::Oid outer_type = cms::oids::signed_data;
    der::Oid inner_type = cms::oids::key_package;
    bool signed_by_another = false;
    bool under_another_root = false;
    bool without_certificate = false;
  };

  static Bytes certify(const std::string& cn, const crypto::PrivateKey& key,
                       const std::string& issuer, const crypto::PrivateKey& issuer_key,
                       const x509::Extensions& extensions) {
    x509::CertificateFields fields;
    fields.serial = {7};
    fields.signature_algorithm = issuer_key.default_signature_algorithm();
    fields.issuer = x509::common_name(issuer);
    fields.subject = x509::common_name(cn);
    fields.validity = {kNow - kDay, kNow + kDay};
    fields.spki = copy(key.public_key().spki());
    fields.extensions = extensions;
    fields.extensions.push_back(
        x509::make_subject_key_identifier(key.public_key().key_identifier()));
    const Bytes tbs = x509::encode_tbs(fields);
    return x509::join_signed(tbs, fields.signature_algorithm,
                             crypto::sign(issuer_key, fields.signature_algorithm, tbs).value());
  }
  Bytes root_of(const std::string& cn, const crypto::PrivateKey& key) {
    return certify(cn, key, cn, key, {x509::make_basic_constraints({true, {}})});
  }

  Bytes enveloped(const Making& making) {
    const auto& issuer_key = making.under_another_root ? other_ : root_key_;
    const Bytes kga = certify("KGA", kga_key_, making.under_another_root ? "Other" : "Root",
                              issuer_key, {x509::make_ext_key_usage({making.purpose})});
    const Secret package = crypto::key_package(made_);
    const Bytes key_id = kga_key_.public_key().key_identifier();
    cms::Signing signing{making.inner_type,
                         package.expose(),
                         key_id,
                         kga_key_.default_signature_algorithm(),
                         {kga},
                         kNow};
    if (making.without_certificate) signing.certificates.clear();
    const auto& signer = making.signed_by_another ? other_ : kga_key_;
    const auto signature =
        crypto::sign(signer, signing.algorithm, cms::to_be_signed(signing).value()).value();
    const Secret data = cms::signed_data(signing, signature).value();
    return cms::envelop(making.outer_type, data.expose(), cms::PasswordRecipient{secret_, 1000},
                        entropy_)
        .value();
  }

  std::string received(const Making& making,
                       message::ProofKind proof = message::ProofKind::signature) {
    transaction::Examine issued;
    issued.private_key = crmf::EncryptedKey{crmf::EnvelopedData{enveloped(making)}};
    return received(issued, proof);
  }
  std::string received(const transaction::Examine& issued, message::ProofKind proof) {
    Trust trust;
    trust.anchor_list = {root_of("Root", root_key_)};
    const auto key = receive_key(issued, {.secret = &secret_}, trust, proof, kNow);
    if (!key) return std::string(key.error().code);
    return key->matches(made_.public_key()) ? "ok" : "another key";
  }

  crypto::OsEntropy entropy_;
  Secret secret_{view("a long secret")};
  crypto::PrivateKey root_key_ = generate_key("p256").value();
  crypto::PrivateKey kga_key_ = generate_key("p256").value();
  crypto::PrivateKey other_ = generate_key("p256").value();
  crypto::PrivateKey made_ = generate_key("p256").value();
};

TEST_F(CentralKey, TakesWhatAKeyGenerationAuthoritySends) {
  EXPECT_EQ(received(Making{}), "ok");
  EXPECT_EQ(received(Making{}, message::ProofKind::mac), "ok");
  EXPECT_EQ(received({.outer_type = cms::oids::data, .inner_type = cms::oids::data}), "ok")
      << "as OpenSSL's server says";
}

TEST_F(CentralKey, RefusesWhatIsNotSentAsItShould) {
  struct Case {
    const char* why;
    Making making;
    const char* code;
  };
  for (const Case& c :
       {Case{"a signer with another purpose",
             {.purpose = x509::oids::kp_cmc_ra},
             "client.central-key-signer"},
        {"a signature by another key", {.signed_by_another = true}, "client.central-key-signer"},
        {"a signer under another root", {.under_another_root = true}, "client.central-key-signer"},
        {"a signer without certificate",
         {.without_certificate = true},
         "client.central-key-signer"},
        {"content that claims to be something else",
         {.outer_type = cms::oids::key_package},
         "client.central-key-format"},
        {"signed content that is no key",
         {.inner_type = cms::oids::signed_data},
         "client.central-key-format"}})
    EXPECT_EQ(received(c.making), c.code) << c.why;
}

// RFC 9483 §4.1.6: the shared secret authorizes who made the key; a wrong signature is wrong still.
TEST_F(CentralKey, UnderASecretTheSignersStandingIsNotAsked) {
  EXPECT_EQ(received({.purpose = x509::oids::kp_cmc_ra}, message::ProofKind::mac), "ok");
  EXPECT_EQ(received({.under_another_root = true}, message::ProofKind::mac), "ok");
  EXPECT_EQ(received({.signed_by_another = true}, message::ProofKind::mac),
            "client.central-key-signer");
}

TEST_F(CentralKey, RefusesAnAnswerWithoutOneOrInTheOldForm) {
  transaction::Examine issued;
  EXPECT_EQ(received(issued, message::ProofKind::mac), "client.central-key-missing");
  issued.private_key = crmf::EncryptedKey{crmf::EncryptedValue{}};
  EXPECT_EQ(received(issued, message::ProofKind::mac), "client.central-key-format");
}

}  // namespace
}  // namespace countersign::client
