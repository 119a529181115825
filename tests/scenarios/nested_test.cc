// Nested messages at the server, in one process over a real store: RFC 9483 §5.2.2.
#include <gtest/gtest.h>

#include "crypto/digest.h"
#include "message/info_type.h"
#include "scenarios/engine_host.h"
#include "support/certificates.h"
#include "support/device.h"

namespace countersign::test {
namespace {

using message::BodyType;
using message::PKIMessage;

x509::Certificate certificate(CertificateWish wish) {
  wish.extensions.push_back(x509::make_subject_key_identifier(crypto::key_identifier(wish.spki)));
  return x509::parse_certificate(make_certificate(wish)).value();
}

Bytes spki(const std::string& kind) { return copy(key_of(kind).public_key().spki()); }

class Nested : public testing::Test {
 protected:
  Nested() {
    (void)host_.store().add_credential(
        make_credential({"device-7", "an agreed secret of some length", {}, "any"}));
    // One certificate that is an RA by its name in the configuration, and one CA of RAs.
    ra_ = certificate(
        {.subject = "CN=RA", .issuer = "CN=RA", .spki = spki("p384"), .signed_by = "p384"});
    ca_of_ras_ = certificate({.subject = "CN=CA of RAs",
                              .issuer = "CN=CA of RAs",
                              .spki = spki("p521"),
                              .signed_by = "p521",
                              .extensions = {x509::make_basic_constraints({true, {}})}});
    const std::vector<Bytes> anchors = {ra_.der, ca_of_ras_.der};
    server::Trust trust{authority().own, crypto::TrustSet::make(anchors).value(), {}, {}};
    for (const Bytes& der : anchors) {
      trust.records.push_back({crypto::sha256(der), der, "any", true, kStart});
      trust.ra_fingerprints.push_back(crypto::sha256(der));
    }
    host_.engine().trust.set(std::make_shared<server::Trust>(std::move(trust)));
  }

  Nonce nonce() {
    Nonce out{Bytes(16)};
    (void)entropy_.fill(out.octets);
    return out;
  }
  PKIMessage ir(const std::string& subject = "CN=device-7") {
    PKIMessage m;
    m.header.transaction_id = TransactionId{nonce().octets};
    m.header.sender_nonce = nonce();
    m.body = {BodyType::ir, crmf::CertReqMessages{Device::request(0, subject, key_of("p256"))}};
    return m;
  }
  PKIMessage sealed(PKIMessage m) {
    return message::parse_message(Device({}).seal(std::move(m), kStart)).value();
  }
  // An outer message around those; a batch unless told otherwise.
  PKIMessage outer(std::vector<PKIMessage> inner) {
    PKIMessage m;
    m.header.transaction_id = TransactionId{nonce().octets};
    m.header.sender_nonce = nonce();
    m.body = {BodyType::nested, message::NestedMessageContent(std::move(inner))};
    return m;
  }
  PKIMessage added_to(const PKIMessage& inner) {
    PKIMessage m = outer({inner});
    m.header.transaction_id = inner.header.transaction_id;
    m.header.sender_nonce = inner.header.sender_nonce;
    return m;
  }
  Bytes by(const x509::Certificate& signer, const std::string& key, PKIMessage m) {
    Credentials who;
    who.mac.reset();
    who.certificate = signer;
    who.key = key;
    return Device(std::move(who)).seal(std::move(m), kStart);
  }
  Bytes by_ra(PKIMessage m) { return by(ra_, "p384", std::move(m)); }

  ports::Outbound exchange(const Bytes& request, const std::string& operation = "") {
    std::optional<ports::Outbound> out;
    const auto guard = boost::asio::make_work_guard(host_.loop());
    host_.responder().handle({{"default", operation}, request, "127.0.0.1:1"},
                             [&out](Result<ports::Outbound> done) { out = std::move(*done); });
    host_.loop().restart();
    while (!out) host_.loop().run_one();
    return std::move(*out);
  }
  PKIMessage ask(const Bytes& request, const std::string& operation = "") {
    return message::parse_message(exchange(request, operation).body).value();
  }
  // "ip", or the failure and code of an error, as the device that sent it sees them.
  static std::string said(const PKIMessage& m) {
    const auto* error = std::get_if<message::ErrorMsgContent>(&m.body.content);
    if (error == nullptr) return std::string(message::name(m.body.type));
    std::string out(name(message::failures(*error->status.fail_info).at(0)));
    return out + " " + error->error_details.at(0);
  }
  std::string refused(PKIMessage m) { return said(ask(by_ra(std::move(m)))); }
  std::size_t certificates() { return host_.store().certificates({})->size(); }
  static const std::vector<PKIMessage>& inside(const PKIMessage& m) {
    return std::get<message::NestedMessageContent>(m.body.content).messages;
  }

  TemporaryFolder folder_;
  ToldClock clock_;
  CountingEntropy entropy_{5};
  ScriptedIssuer issuer_;
  ServerSetting setting_;
  EngineHost host_{folder_.path(), setting_, issuer_, clock_, entropy_};
  x509::Certificate ra_, ca_of_ras_;
};

TEST_F(Nested, one_request_is_answered_as_if_it_had_come_alone) {
  const PKIMessage request = sealed(ir());
  const auto out = exchange(by_ra(added_to(request)), "initialization");
  const auto reply = Device({}).open(out.body, kStart);
  ASSERT_TRUE(reply) << reply.error().code;
  EXPECT_EQ(said(*reply), "ip");
  EXPECT_EQ(reply->header.transaction_id, request.header.transaction_id);
  EXPECT_EQ(reply->header.recip_nonce, request.header.sender_nonce);
  EXPECT_EQ(protect::proof_kind(*reply->header.protection_alg), message::ProofKind::mac)
      << "in the kind of the inner one";
  const std::string vouched = "approved by certificate:" + to_hex(crypto::sha256(ra_.der));
  const auto rows = host_.store().audit(10).value();
  ASSERT_FALSE(rows.empty());
  for (const auto& row : rows) EXPECT_EQ(row.detail, vouched) << row.event;
  EXPECT_EQ(exchange(message::encode(request)).body, out.body) << "the same request, sent directly";
  EXPECT_EQ(certificates(), 1u);
}

TEST_F(Nested, a_batch_holds_an_answer_for_each_and_its_protection_approves_of_nothing) {
  PKIMessage bad = sealed(ir());
  bad.protection->octets.back() ^= 1;
  PKIMessage for_ras = ir();
  std::get<crmf::CertReqMessages>(for_ras.body.content)[0].popo = crmf::RaVerified{};
  const PKIMessage batch = outer({sealed(ir("CN=a")), bad, sealed(for_ras), sealed(ir("CN=b"))});
  const Bytes request = by_ra(batch);
  const auto reply = ask(request, "nested");
  ASSERT_EQ(said(reply), "nested");
  EXPECT_EQ(reply.header.transaction_id, batch.header.transaction_id);
  EXPECT_EQ(reply.header.recip_nonce, batch.header.sender_nonce);
  EXPECT_EQ(protect::proof_kind(*reply.header.protection_alg), message::ProofKind::signature);
  ASSERT_EQ(inside(reply).size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(inside(reply)[i].header.transaction_id, inside(batch)[i].header.transaction_id) << i;
    EXPECT_EQ(inside(reply)[i].header.recip_nonce, inside(batch)[i].header.sender_nonce) << i;
  }
  EXPECT_EQ(said(inside(reply)[0]), "ip");
  EXPECT_EQ(said(inside(reply)[1]), "badMessageCheck protect.mac-mismatch");
  const auto& third = std::get<message::CertRepMessage>(inside(reply)[2].body.content).response[0];
  EXPECT_EQ(third.status.status, message::PKIStatus::rejection);
  EXPECT_EQ(message::failures(*third.status.fail_info), std::vector{Failure::notAuthorized});
  EXPECT_EQ(said(inside(reply)[3]), "ip");
  EXPECT_EQ(certificates(), 2u);

  const auto again = ask(request, "nested");
  EXPECT_EQ(message::encode(inside(again)[0]), message::encode(inside(reply)[0])) << "kept";
  EXPECT_EQ(certificates(), 2u) << "sent again, nothing is issued twice";
}

TEST_F(Nested, an_ra_behind_an_ra_is_bounded) {
  PKIMessage m = sealed(ir());
  for (int i = 0; i < 3; ++i) m = message::parse_message(by_ra(added_to(m))).value();
  EXPECT_EQ(said(ask(message::encode(m))), "ip");
  PKIMessage deep = sealed(ir());
  for (int i = 0; i < 4; ++i) deep = message::parse_message(by_ra(added_to(deep))).value();
  EXPECT_EQ(said(ask(message::encode(deep))), "badRequest server.nested-depth");
}

TEST_F(Nested, who_may_add_protection) {
  const CertificateWish wish{.subject = "CN=Some RA",
                             .issuer = "CN=CA of RAs",
                             .serial = {0x33},
                             .spki = spki("p256"),
                             .signed_by = "p521"};
  CertificateWish with_purpose = wish;
  with_purpose.serial = {0x34};
  with_purpose.extensions = {x509::make_ext_key_usage({x509::oids::kp_cmc_ra})};
  const auto asked = [&](const x509::Certificate& signer, const std::string& key) {
    return said(ask(by(signer, key, added_to(sealed(ir())))));
  };
  EXPECT_EQ(asked(certificate(with_purpose), "p256"), "ip") << "cmcRA, by a CA that is named";
  EXPECT_EQ(asked(certificate(wish), "p256"), "notAuthorized server.nested-sender")
      << "the purpose is missing";
  EXPECT_EQ(asked(ra_, "p384"), "ip") << "named itself";
  EXPECT_EQ(said(ask(Device({}).seal(added_to(sealed(ir())), kStart))),
            "wrongIntegrity server.nested-mac");
  EXPECT_EQ(said(ask(by(ra_, "p256", added_to(sealed(ir()))))),
            "badMessageCheck protect.signature-mismatch");
}

TEST_F(Nested, faults_of_the_outer_message_are_told) {
  PKIMessage m = added_to(sealed(ir()));
  m.header.sender_nonce = nonce();
  EXPECT_EQ(refused(m), "badSenderNonce server.nested-nonce");
  m = outer({sealed(ir()), sealed(ir())});
  m.header.transaction_id = inside(m)[1].header.transaction_id;
  EXPECT_EQ(refused(m), "badRequest server.nested-id");
  m = outer({sealed(ir())});
  m.header.recip_nonce = nonce();
  EXPECT_EQ(refused(m), "badRecipientNonce server.nested-recip-nonce");
  m = outer({sealed(ir())});
  m.header.transaction_id.reset();
  EXPECT_EQ(refused(m), "badDataFormat server.nested-id-missing");
  host_.engine().profile.most_nested = 1;
  EXPECT_EQ(refused(outer({sealed(ir()), sealed(ir())})), "badRequest server.nested-count");
  EXPECT_EQ(said(ask(by_ra(outer({sealed(ir())})), "initialization")), "badRequest server.label");
  EXPECT_EQ(said(ask(by_ra(added_to(sealed(ir()))), "keyupdate")), "badRequest server.label");
  EXPECT_EQ(certificates(), 0u);
}

}  // namespace
}  // namespace countersign::test
