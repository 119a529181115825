// What a registration authority sends up to its CA, and what it does not: RFC 9483 §3.1, §3.3,
// §5.2, §5.3, §6.1.
#include "scenarios/ra_host.h"

namespace countersign::test {
namespace {

using message::BodyType;
using message::PKIMessage;
using Words = std::vector<std::string>;

class RaUpward : public WholeRa {
 protected:
  // An ir that has to wait, its pollReq and its certConf, and an rr in a transaction of its own.
  std::vector<PKIMessage> all_kinds() {
    scripted_.ahead[0] = {IssuerSays::Kind::pending, {}, {}, Seconds{60}};
    EXPECT_EQ(Upstream::ask(), "pending");
    scripted_.ahead.clear();
    ca_.advance("certificate:" + to_hex(crypto::sha256(ra_)), sent(0).header.transaction_id.value(),
                transaction::AnswerArrived{0, scripted_.late(0, {}, clock_.at)}, clock_.at);
    clock_.at += Seconds{90};
    due();
    EXPECT_EQ(settle(ports::Settlement::accepted), "ok");
    auto other = key();
    other.id = "order-2";
    issuer_->revoke(other, {std::get<transaction::Issued>(late_.at(0)).serial, 1, {}}, clock_.at,
                    [this](Result<transaction::Answer> a) { said_ = std::move(a); });
    pass(Seconds{0});
    EXPECT_EQ(word(said_), "revoked");
    std::vector<PKIMessage> out;
    out.reserve(wire_.sent.size());
    for (std::size_t i = 0; i < wire_.sent.size(); ++i) out.push_back(sent(i));
    return out;
  }
  static Words types(const std::vector<PKIMessage>& messages) {
    Words out;
    for (const auto& m : messages) out.emplace_back(message::name(m.body.type));
    return out;
  }
  // What goes up around that message when our protection is added to it.
  PKIMessage nested_around(const PKIMessage& m) {
    relay_->forward({m, ports::Relay::How::vouched_for}, [](Result<Bytes>) {});
    pass(Seconds{0});
    return sent(wire_.sent.size() - 1);
  }
  static crmf::CertReqMsg& only_request(PKIMessage& m) {
    return std::get<crmf::CertReqMessages>(m.body.content).at(0);
  }
};

TEST_F(RaUpward, every_message_has_the_header_and_the_certificates_of_an_ra) {
  const auto all = all_kinds();
  ASSERT_EQ(types(all), (Words{"ir", "pollReq", "certConf", "rr"}));
  const auto ra = x509::parse_certificate(ra_).value();
  for (const auto& m : all) {
    SCOPED_TRACE(message::name(m.body.type));
    // RFC 9483 §3.1 [MUST] 2 where nothing asks for 3
    EXPECT_EQ(m.header.pvno, 2);
    EXPECT_EQ(m.header.sender, x509::directory_name(ra.subject));
    EXPECT_EQ(m.header.sender_kid, ra.subject_key_identifier());
    // RFC 9483 §3.3 [MUST] the protection certificate first, then its chain
    EXPECT_EQ(m.extra_certs, (std::vector<Bytes>{ra_, authority().issuing.der}));
  }
}

// RFC 9483 §3.1 [MUST] 128 random bits, at the start of each transaction
TEST_F(RaUpward, each_transaction_has_an_id_of_its_own) {
  const auto all = all_kinds();
  ASSERT_EQ(all.size(), 4u);
  const auto id = [&](std::size_t i) { return all[i].header.transaction_id.value(); };
  EXPECT_EQ(id(1), id(0));
  EXPECT_EQ(id(2), id(0));
  EXPECT_NE(id(3), id(0));
  for (const auto& first : {id(0), id(3)}) {
    EXPECT_EQ(first.octets.size(), 16u);
    EXPECT_NE(first, key().transaction) << "that of the end entity could block another's";
    const std::set<Byte> different(first.octets.begin(), first.octets.end());
    EXPECT_GT(different.size(), 8u) << first.hex();
  }
}

// RFC 9483 §3.1 [MUST] also a nested message around what is not the first of its transaction
TEST_F(RaUpward, a_nested_message_has_the_nonces_of_what_it_is_around) {
  const PKIMessage request = ir();
  const PKIMessage around_first = nested_around(request);
  EXPECT_EQ(around_first.header.recip_nonce, std::nullopt);
  PKIMessage answer;
  answer.header.transaction_id = request.header.transaction_id;
  answer.header.sender_nonce = nonce();
  for (const auto& body :
       {poll(), message::PKIBody{BodyType::certConf, message::CertConfirmContent{}}}) {
    const PKIMessage inner = next(answer, body);
    const PKIMessage outer = nested_around(inner);
    SCOPED_TRACE(message::name(body.type));
    ASSERT_EQ(outer.body.type, BodyType::nested);
    EXPECT_EQ(outer.header.recip_nonce, answer.header.sender_nonce);
    EXPECT_EQ(outer.header.sender_nonce, inner.header.sender_nonce);
    EXPECT_EQ(outer.header.transaction_id, inner.header.transaction_id);
    EXPECT_EQ(outer.extra_certs, (std::vector<Bytes>{ra_, authority().issuing.der}));
  }
}

// RFC 9483 §4.4 [MUST]
TEST_F(RaUpward, a_ca_that_is_silent_about_a_certConf_is_waited_for) {
  const PKIMessage ip = WholeRa::ask(ir());
  ASSERT_EQ(said(ip), "ip accepted");
  wire_.next.assign(200, Wire::loses_reply);
  const PKIMessage told = WholeRa::ask(next(ip, confirmation(ip)));
  EXPECT_EQ(said(told), "error waiting");
  const PKIMessage again = WholeRa::ask(next(told, poll()));
  EXPECT_EQ(said(again), "pollRep");
  wire_.next.clear();
  EXPECT_EQ(said(WholeRa::ask(next(again, poll()))), "pkiconf");
  EXPECT_EQ(at_ca(), "valid CN=device-7;");
}

// ---- RFC 9483 §5.2 [MAY], §5.2.3, §5.2.3.2 and §5.3.1 [MUST]: the proof of possession is verified
// before it is broken, and nothing is asked for in the name of who has none.
TEST_F(RaUpward, nothing_goes_up_without_a_proof_of_possession) {
  const auto with = [&](auto spoil) {
    PKIMessage m = ir();
    spoil(only_request(m));
    return said(WholeRa::ask(std::move(m)));
  };
  const auto by_another_key = [](crmf::CertReqMsg& r) {
    r.popo = Device::request(0, "CN=device-7", key_of("p384")).popo;
  };
  const auto of_another_template = [](crmf::CertReqMsg& r) {
    r.cert_req.cert_template.subject = x509::common_name("device-8");
    r.cert_req_der.clear();
  };
  // RFC 9483 §5.1.1: of whoever the message is from
  const auto of_another_sender = [](crmf::CertReqMsg& r) {
    r.cert_req.cert_template.subject.reset();
    r.cert_req.cert_template.extensions = {
        x509::make_subject_alt_name({x509::dns_name("device-7.example")}, false)};
    r.cert_req_der.clear();
    crmf::POPOSigningKey proof = std::get<crmf::POPOSigningKey>(*r.popo);
    proof.popo_sk_input =
        crmf::POPOSigningKeyInput{x509::directory_name(x509::common_name("device-8")),
                                  copy(key_of("p256").public_key().spki())};
    const auto algorithm = proof.algorithm_identifier;
    proof.signature = {
        crypto::sign(key_of("p256"), algorithm, crmf::encode(*proof.popo_sk_input)).value(), 0};
    r.popo = std::move(proof);
  };
  for (const auto relaying : {server::Relaying::updates, server::Relaying::vouched}) {
    serve(relaying);
    EXPECT_EQ(with(by_another_key), "ip rejection badPOP");
    EXPECT_EQ(with(of_another_template), "ip rejection badPOP");
    EXPECT_EQ(with(of_another_sender), "ip rejection badPOP");
    EXPECT_EQ(with([](crmf::CertReqMsg& r) { r.popo.reset(); }), "ip rejection badPOP");
    EXPECT_EQ(with([](crmf::CertReqMsg& r) { r.popo = crmf::RaVerified{}; }),
              "ip rejection notAuthorized");
    Bytes csr = make_csr("CN=device-7", key_of("p256")).der;
    csr.back() ^= 1;
    EXPECT_EQ(said(WholeRa::ask(first({BodyType::p10cr, x509::parse_csr(csr).value()}))),
              "cp rejection badPOP");
    EXPECT_TRUE(wire_.sent.empty());
  }
  EXPECT_EQ(with([](crmf::CertReqMsg&) {}), "ip accepted") << "that was all that was wrong";
}

// RFC 9483 §6.1 [MUST]
TEST_F(RaUpward, an_http_status_in_the_place_of_an_answer_is_told) {
  wire_.next.assign(200, Wire::answers_404);
  EXPECT_EQ(said(WholeRa::ask(ir())), "ip rejection systemFailure");
  EXPECT_EQ(wire_.sent.size(), 1u) << "only a person can help that";
  wire_.next.assign(200, Wire::answers_500);
  EXPECT_EQ(said(WholeRa::ask(ir())), "ip waiting") << "it may have done it, and is asked again";
  EXPECT_GT(wire_.sent.size(), 3u);
  serve(server::Relaying::vouched);
  wire_.sent.clear();
  wire_.next.assign(200, Wire::answers_404);
  EXPECT_EQ(said(WholeRa::ask(ir())), "error rejection systemFailure");
  EXPECT_EQ(wire_.sent.size(), 1u);
  wire_.next.assign(200, Wire::answers_500);
  EXPECT_EQ(said(WholeRa::ask(ir())), "error rejection systemUnavail");
}

}  // namespace
}  // namespace countersign::test
