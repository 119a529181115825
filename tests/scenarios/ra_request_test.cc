// What a registration authority that replaces protection asks its CA by, and what becomes of the
// proof of possession: RFC 9483 §4.1.2, §5.2.3.1, §5.2.3.2.
#include <gmock/gmock.h>

#include "scenarios/ra_host.h"

namespace countersign::test {
namespace {

using issuer::AskBy;
using message::BodyType;
using message::PKIMessage;

class RaRequest : public WholeRa {
 protected:
  void ask_by(AskBy kind) {
    serve(server::Relaying::updates, [kind](issuer::Upstream& u) { u.ask_by = kind; });
  }
  void keep_proofs(AskBy kind = AskBy::as_asked) {
    serve(server::Relaying::updates, [kind](issuer::Upstream& u) {
      u.ask_by = kind;
      u.possession = issuer::Possession::kept;
      u.labels = issuer::Labels::appended;
    });
  }
  PKIMessage of_kind(BodyType type) {
    if (type == BodyType::p10cr) return first({type, make_csr("CN=device-7", key_of("p256"))});
    PKIMessage m = ir();
    m.body.type = type;
    return m;
  }
  // What goes up for that one, and is granted: "ir", "cr", "p10cr".
  std::string goes_up_as(BodyType type) {
    const std::size_t before = wire_.sent.size();
    const PKIMessage granted = WholeRa::ask(of_kind(type));
    EXPECT_TRUE(said(granted).ends_with(" accepted")) << said(granted);
    EXPECT_EQ(said(WholeRa::ask(next(granted, confirmation(granted)))), "pkiconf");
    return std::string(message::name(sent(before).body.type));
  }
  std::string refusal(PKIMessage m) {
    const std::size_t before = wire_.sent.size();
    const PKIMessage refused = WholeRa::ask(std::move(m));
    EXPECT_EQ(wire_.sent.size(), before) << "nothing goes up";
    const auto& status = std::get<message::CertRepMessage>(refused.body.content).response.at(0);
    return said(refused) + ": " + status.status.status_string.at(0);
  }
  static crmf::CertReqMsg& only_request(PKIMessage& m) {
    return std::get<crmf::CertReqMessages>(m.body.content).at(0);
  }
  static void sign(crmf::CertReqMsg& request, const Bytes& covered,
                   std::optional<crmf::POPOSigningKeyInput> input) {
    const auto& key = key_of("p256");
    const auto algorithm = key.default_signature_algorithm();
    request.popo = crmf::POPOSigningKey{
        std::move(input), algorithm, {crypto::sign(key, algorithm, covered).value(), 0}};
  }
  // The same in another transaction.
  PKIMessage renewed(const PKIMessage& m) { return first(m.body); }
  static const crmf::CertReqMsg& request_in(const PKIMessage& m) {
    return std::get<crmf::CertReqMessages>(m.body.content).at(0);
  }
};

// RFC 9483 §4.1.2 [SHOULD]
TEST_F(RaRequest, asks_by_what_it_was_asked_by_or_as_it_is_told) {
  const auto all = [&] {
    return goes_up_as(BodyType::ir) + " " + goes_up_as(BodyType::cr) + " " +
           goes_up_as(BodyType::p10cr);
  };
  EXPECT_EQ(all(), "ir cr cr") << "as it comes";
  ask_by(AskBy::ir);
  EXPECT_EQ(all(), "ir ir ir");
  ask_by(AskBy::cr);
  EXPECT_EQ(all(), "cr cr cr");
}

// RFC 9483 §5.2.3.1 [SHOULD]
TEST_F(RaRequest, keeps_the_proof_of_possession_octet_for_octet) {
  keep_proofs();
  PKIMessage m = ir();
  auto request = Device::request(77, "CN=device-7", key_of("p256"));
  const auto& template_asked = request.cert_req.cert_template;
  ASSERT_FALSE(template_asked.validity) << "so that what goes up is no template of ours";
  std::get<crmf::CertReqMessages>(m.body.content) = {request};
  const PKIMessage ip = WholeRa::ask(m);
  ASSERT_EQ(said(ip), "ip accepted");
  const PKIMessage up = sent(0);
  EXPECT_EQ(up.header.sender, x509::directory_name(x509::parse_certificate(ra_)->subject));
  EXPECT_EQ(request_in(up).cert_req_der, request.cert_req_der);
  EXPECT_EQ(request_in(up).popo, request.popo);
  EXPECT_EQ(said(WholeRa::ask(next(ip, confirmation(ip)))), "pkiconf");
  EXPECT_EQ(at_ca(), "valid CN=device-7;");
}

TEST_F(RaRequest, keeps_the_proof_whatever_it_asks_by_and_passes_pkcs10_on_as_it_is) {
  keep_proofs(AskBy::cr);
  EXPECT_EQ(goes_up_as(BodyType::ir), "cr");
  const auto csr = make_csr("CN=device-7", key_of("p256"));
  const PKIMessage cp = WholeRa::ask(first({BodyType::p10cr, csr}));
  ASSERT_EQ(said(cp), "cp accepted");
  EXPECT_EQ(said(WholeRa::ask(next(cp, confirmation(cp)))), "pkiconf");
  EXPECT_EQ(std::get<x509::CertificationRequest>(sent(2).body.content).der, csr.der);
  EXPECT_EQ(wire_.urls.at(0), "http://one/certification");
  EXPECT_EQ(wire_.urls.at(2), "http://one/pkcs10");
}

TEST_F(RaRequest, each_of_several_goes_up_with_its_own_proof) {
  keep_proofs();
  const crmf::CertReqMessages requests{Device::request(0, "CN=device-7", key_of("p256")),
                                       Device::request(1, "CN=device-7", key_of("p384"))};
  ASSERT_EQ(said(WholeRa::ask(first({BodyType::ir, requests}))), "ip accepted");
  ASSERT_EQ(wire_.sent.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ(request_in(sent(i)).popo, requests[i].popo) << i;
}

// ---- what cannot keep it
TEST_F(RaRequest, refuses_to_change_what_was_signed) {
  PKIMessage m = ir();
  auto& request = only_request(m);
  request.cert_req.cert_template.validity = crmf::OptionalValidity{
      std::nullopt, crmf::TimeChoice{clock_.at + Seconds{50LL * 365 * 86400}, true}};
  request.cert_req_der.clear();
  sign(request, copy(crmf::encode_cert_req(request)), {});
  EXPECT_EQ(said(WholeRa::ask(m)), "ip grantedWithMods") << "where its proof is vouched for";
  keep_proofs();
  EXPECT_THAT(refusal(renewed(m)),
              testing::AllOf(testing::StartsWith("ip rejection badCertTemplate: "),
                             testing::HasSubstr("validity.notAfter")));
}

TEST_F(RaRequest, refuses_a_proof_that_is_bound_to_its_sender) {
  PKIMessage m = ir();
  auto& request = only_request(m);
  request.cert_req.cert_template.subject.reset();
  request.cert_req.cert_template.extensions = {
      x509::make_subject_alt_name({x509::dns_name("device-7.example")}, false)};
  request.cert_req_der.clear();
  const crmf::POPOSigningKeyInput input{x509::directory_name(x509::common_name("device-7")),
                                        copy(key_of("p256").public_key().spki())};
  sign(request, crmf::encode(input), input);
  EXPECT_EQ(said(WholeRa::ask(m)), "ip accepted") << "where it is vouched for";
  keep_proofs();
  EXPECT_THAT(refusal(renewed(m)), testing::AllOf(testing::StartsWith("ip rejection badPOP: "),
                                                  testing::HasSubstr("poposkInput")));
}

}  // namespace
}  // namespace countersign::test
