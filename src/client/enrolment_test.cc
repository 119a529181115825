// Request bodies, field by field. RFC 9483 §4.1, §4.2.
#include "client/enrolment.h"

#include <gtest/gtest.h>

#include "crypto/sign.h"
#include "support/certificates.h"

namespace countersign::client {
namespace {

using test::key_of;

const Time kNow = from_unix(1'795'000'000);
const CertificateWish kNamed{x509::common_name("me"), {}};
const CertificateWish kOnlySan{{}, {x509::dns_name("me.example")}};

crmf::CertReqMsg only_request(const message::PKIBody& body) {
  const auto& requests = std::get<crmf::CertReqMessages>(body.content);
  EXPECT_EQ(requests.size(), 1U);
  return requests.front();
}

TEST(Request, HasNameKeyAndASignatureOverCertReq) {
  const auto& key = key_of("p256");
  const auto body = certificate_request(message::BodyType::ir, kNamed, key, kNow).value();
  const auto request = only_request(body);
  EXPECT_EQ(request.cert_req.cert_req_id, RequestId{0});
  const auto& wish = request.cert_req.cert_template;
  EXPECT_EQ(wish.subject, x509::common_name("me"));
  EXPECT_EQ(wish.public_key, copy(key.public_key().spki()));
  EXPECT_FALSE(wish.version || wish.serial_number || wish.signing_alg || wish.issuer ||
               wish.validity || wish.issuer_uid || wish.subject_uid);
  EXPECT_TRUE(wish.extensions.empty());
  const auto& proof = std::get<crmf::POPOSigningKey>(request.popo.value());
  EXPECT_FALSE(proof.popo_sk_input);
  auto again = request;
  EXPECT_TRUE(crypto::verify(key.public_key(), proof.algorithm_identifier,
                             crmf::encode_cert_req(again), proof.signature.octets));
}

TEST(Request, WithASanAloneHasTheNullDnAndACriticalExtension) {
  const auto& key = key_of("p256");
  const auto wish =
      only_request(certificate_request(message::BodyType::cr, kOnlySan, key, kNow).value())
          .cert_req.cert_template;
  ASSERT_TRUE(wish.subject);
  EXPECT_TRUE(wish.subject->is_null());
  ASSERT_EQ(wish.extensions.size(), 1U);
  EXPECT_EQ(wish.extensions[0], x509::make_subject_alt_name(kOnlySan.alternative_names, true));
}

TEST(Request, InPkcs10HasTheSame) {
  for (const CertificateWish& wish : {kNamed, kOnlySan}) {
    const auto csr = x509::parse_csr(make_csr(wish, key_of("p256")).value()).value();
    EXPECT_EQ(csr.subject, wish.subject);
    const auto* names = x509::find(csr.extensions, x509::oids::subject_alt_name);
    ASSERT_EQ(names != nullptr, !wish.alternative_names.empty());
    if (names != nullptr) {
      EXPECT_EQ(*names, x509::make_subject_alt_name(wish.alternative_names, true));
    }
  }
}

TEST(Request, OfRevocationNamesCertificateAndOneReason) {
  const CertificateId id{x509::common_name("CA"), {0x05}};
  for (const int reason : {x509::CrlReason::unspecified, x509::CrlReason::superseded}) {
    const auto body = revocation_request(id, reason);
    const auto& all = std::get<message::RevReqContent>(body.content);
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].cert_details.issuer, id.issuer);
    EXPECT_EQ(all[0].cert_details.serial_number, id.serial);
    ASSERT_EQ(all[0].crl_entry_details.size(), 1U);
    EXPECT_EQ(all[0].crl_entry_details[0], x509::make_reason_code(reason));
  }
}

}  // namespace
}  // namespace countersign::client
