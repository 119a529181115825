// Nested messages at the server, in one process over a real store: RFC 9483 §5.2.2.
#include <gtest/gtest.h>

#include "scenarios/nested_fixture.h"

namespace countersign::test {
namespace {

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
  for (const auto& row : rows)
    EXPECT_TRUE(row.detail.ends_with(vouched)) << row.event << row.detail;
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
  m = added_to(sealed(ir()));
  m.header.recip_nonce = nonce();
  EXPECT_EQ(refused(m), "badRecipientNonce server.nested-recip-nonce");
  m = outer({sealed(ir()), sealed(ir())});
  m.header.transaction_id = inside(m)[1].header.transaction_id;
  EXPECT_EQ(refused(m), "badRequest server.nested-id");
  m = outer({sealed(ir())});
  m.header.recip_nonce = nonce();
  EXPECT_EQ(refused(m), "badRecipientNonce server.nested-recip-nonce");
  m = outer({sealed(ir()), sealed(ir())});
  m.header.sender_nonce = inside(m)[1].header.sender_nonce;
  EXPECT_EQ(refused(m), "badSenderNonce server.nested-nonce") << "a batch has one of its own";
  m = added_to(sealed(ir()));
  m.header.transaction_id = TransactionId{nonce().octets};
  EXPECT_EQ(refused(m), "badRequest server.nested-id") << "half a copy is none";
  m = outer({sealed(ir())});
  m.header.transaction_id.reset();
  EXPECT_EQ(refused(m), "badDataFormat server.nested-id-missing");
  host_.change([](auto& profile) { profile.most_nested = 1; });
  EXPECT_EQ(refused(outer({sealed(ir()), sealed(ir())})), "badRequest server.nested-count");
  EXPECT_EQ(said(ask(by_ra(outer({sealed(ir())})), "initialization")), "badRequest server.label");
  EXPECT_EQ(said(ask(by_ra(added_to(sealed(ir()))), "keyupdate")), "badRequest server.label");
  EXPECT_EQ(certificates(), 0u);
}

}  // namespace
}  // namespace countersign::test
