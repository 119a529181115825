// What only the lightweight variant refuses of a request that proved itself: RFC 9483 §3.1, §4.1,
// §4.2.
#include <gtest/gtest.h>

#include "scenarios/nested_fixture.h"
#include "transaction/confirmation.h"

namespace countersign::test {
namespace {

class LightweightRights : public Nested {
 protected:
  LightweightRights() {
    host_.change([](auto& profile) {
      profile.rules.variant = message::Variant::lightweight;
      profile.central_keys = enrol::CentralKeys::any;
    });
    vendor_ = certificate({.subject = "CN=device-7",
                           .issuer = "CN=CA of RAs",
                           .spki = spki("p256"),
                           .signed_by = "p521"});
  }
  PKIMessage first(BodyType type, message::BodyContent content) {
    PKIMessage m;
    m.header.transaction_id = TransactionId{nonce().octets};
    m.header.sender_nonce = nonce();
    m.body = {type, std::move(content)};
    return m;
  }
  static crmf::CertReqMessages request(const std::string& subject = "CN=device-7") {
    return {Device::request(0, subject, key_of("p256"))};
  }
  // With a certificate of this CA, and its chain.
  Bytes by_ours(const x509::Certificate& signer, PKIMessage m) {
    Credentials who;
    who.mac.reset();
    who.certificate = signer;
    who.chain = {authority().issuing.der};
    return Device(std::move(who)).seal(std::move(m), kStart);
  }
  x509::Certificate enrolled() {
    PKIMessage m = ir();
    m.header.general_info = {
        message::make_info(message::it::implicitConfirm, message::NullValue{})};
    const PKIMessage ip = ask(message::encode(sealed(std::move(m))));
    const auto& response = std::get<message::CertRepMessage>(ip.body.content).response.at(0);
    return x509::parse_certificate(std::get<Bytes>(response.certified_key_pair->cert_or_enc_cert))
        .value();
  }
  // The type of the answer, and the code that the audit has.
  std::string outcome(const Bytes& octets) {
    const std::string type(message::name(ask(octets).body.type));
    const auto rows = host_.store().audit(1).value();
    return type + " " + (rows.empty() ? "" : rows.front().code);
  }

  x509::Certificate vendor_;
};

TEST_F(LightweightRights, a_first_certificate_is_asked_for_by_ir) {
  const Bytes cr = by(vendor_, "p256", first(BodyType::cr, request()));
  EXPECT_EQ(outcome(cr), "cp lightweight.first-certificate");
  const Bytes ir = by(vendor_, "p256", first(BodyType::ir, request()));
  EXPECT_EQ(ask(ir).body.type, BodyType::ip);
  EXPECT_EQ(certificates(), 1u);
}

TEST_F(LightweightRights, nobody_updates_the_certificate_of_another) {
  const auto mine = enrolled();
  der::Writer id;
  crmf::write(id, crmf::CertId{x509::directory_name(mine.issuer), mine.serial});
  auto update = Device::request(0, "CN=device-7", key_of("p256"),
                                {{crmf::oids::old_cert_id, std::move(id).take()}});
  EXPECT_EQ(outcome(by_ra(first(BodyType::kur, crmf::CertReqMessages{update}))),
            "kup lightweight.update");
  EXPECT_EQ(ask(by_ours(mine, first(BodyType::kur, crmf::CertReqMessages{update}))).body.type,
            BodyType::kup);
  EXPECT_EQ(certificates(), 2u);
}

TEST_F(LightweightRights, a_key_made_here_needs_version_3_and_every_request_a_subject) {
  crmf::CertReqMessages wish = request();
  wish[0].cert_req.cert_template.public_key.reset();
  wish[0].popo.reset();
  wish[0].cert_req_der.clear();
  EXPECT_EQ(outcome(message::encode(sealed(first(BodyType::ir, wish)))), "ip lightweight.version");
  crmf::CertReqMessages nameless = request();
  nameless[0].cert_req.cert_template.subject.reset();
  nameless[0].cert_req_der.clear();
  EXPECT_EQ(outcome(message::encode(sealed(first(BodyType::ir, nameless)))),
            "ip lightweight.subject");
}

TEST_F(LightweightRights, a_revocation_has_a_reason_and_nothing_else) {
  const auto mine = enrolled();
  message::RevDetails details;
  details.cert_details.issuer = mine.issuer;
  details.cert_details.serial_number = mine.serial;
  const auto asked = [&](x509::Extensions entry) {
    details.crl_entry_details = std::move(entry);
    return outcome(by_ours(mine, first(BodyType::rr, message::RevReqContent{details})));
  };
  const auto reason = x509::make_reason_code(x509::CrlReason::superseded);
  EXPECT_EQ(asked({}), "rp lightweight.revocation-details");
  EXPECT_EQ(asked({reason, x509::make_invalidity_date(kStart)}),
            "rp lightweight.revocation-details");
  EXPECT_EQ(asked({x509::make_invalidity_date(kStart)}), "rp lightweight.revocation-details");
  EXPECT_EQ(asked({reason}), "rp ") << "this one does";
}

}  // namespace
}  // namespace countersign::test
