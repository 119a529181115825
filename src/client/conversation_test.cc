// The first message of a conversation as it goes over the wire. RFC 9483 §3.1, §3.3.
#include "client/conversation.h"

#include <gtest/gtest.h>

#include "client/fake_ca_for_test.h"
#include "support/certificates.h"

namespace countersign::client {
namespace {

using test::key_of;

enum class KeyMaker { us, server };

class FirstMessage : public testing::Test {
 protected:
  Parties parties(Protection protection, KeyMaker who = KeyMaker::us) {
    Parties out{std::move(protection), {}, {}, {}, {}};
    out.expectation = Expectation{{}, x509::common_name("me"), {}};
    if (who == KeyMaker::us) out.expectation->key = key_of("p256").public_key();
    return out;
  }
  message::PKIMessage sent(Parties parties) {
    Conversation conversation(std::move(parties), nullptr, clock_, entropy_);
    const auto next = conversation.begin(
        {certificate_request(message::BodyType::ir, {x509::common_name("me"), {}}, key_of("p256"),
                             clock_.now())
             .value(),
         {}});
    EXPECT_TRUE(next) << next.error().reply_text;
    return message::parse_message(std::get<SendNow>(*next).message).value();
  }

  static Protection by_secret() {
    return Protection(SharedSecret{"device-1", Secret(to_bytes("a secret")), {}});
  }
  // Its file holds leaf, issuing CA and root.
  Protection by_certificate() {
    const Bytes key_id = key_of("p384").public_key().key_identifier();
    leaf_ = test::make_certificate({.subject = "CN=born,O=Vendor",
                                    .issuer = "CN=Issuing",
                                    .spki = copy(key_of("p384").public_key().spki()),
                                    .extensions = {x509::make_subject_key_identifier(key_id)}});
    issuing_ = test::make_certificate({.subject = "CN=Issuing", .issuer = "CN=Root"});
    const Bytes root = test::make_certificate({.subject = "CN=Root", .issuer = "CN=Root"});
    return Protection(SigningIdentity{key_of("p384"),
                                      {x509::parse_certificate(leaf_).value(), {issuing_, root}}});
  }

  FixedClock clock_;
  crypto::OsEntropy entropy_;
  Bytes leaf_, issuing_;
};

TEST_F(FirstMessage, UnderASecretIsNamedByItsReference) {
  const auto m = sent(parties(by_secret()));
  EXPECT_EQ(m.header.pvno, 2);
  EXPECT_EQ(x509::to_text(m.header.sender), "dn:CN=device-1");
  EXPECT_EQ(m.header.sender_kid, to_bytes("device-1"));
  EXPECT_EQ(m.header.recipient, x509::GeneralName{}) << "nobody is known";
  EXPECT_EQ(m.header.message_time, clock_.now());
  EXPECT_TRUE(m.extra_certs.empty());
}

TEST_F(FirstMessage, HasFreshIdsOf128BitsAndAnswersNothing) {
  const auto one = sent(parties(by_secret())), other = sent(parties(by_secret()));
  EXPECT_EQ(one.header.transaction_id->octets.size(), 16U);
  EXPECT_EQ(one.header.sender_nonce->octets.size(), 16U);
  EXPECT_FALSE(one.header.recip_nonce);
  EXPECT_NE(one.header.transaction_id, other.header.transaction_id);
  EXPECT_NE(one.header.sender_nonce, other.header.sender_nonce);
  EXPECT_NE(one.header.transaction_id->octets, one.header.sender_nonce->octets);
}

TEST_F(FirstMessage, OfASignerHasItsCertificateFirstThenItsChainWithoutTheRoot) {
  const auto m = sent(parties(by_certificate()));
  EXPECT_EQ(m.header.pvno, 2);
  EXPECT_EQ(x509::to_text(m.header.sender), "dn:CN=born,O=Vendor");
  EXPECT_EQ(m.header.sender_kid, key_of("p384").public_key().key_identifier());
  EXPECT_EQ(m.extra_certs, (std::vector<Bytes>{leaf_, issuing_}));
}

// RFC 9483 §3.1 [MUST] pvno 3 where EnvelopedData is expected
TEST_F(FirstMessage, IsOfVersion3WhereTheServerMakesTheKey) {
  EXPECT_EQ(sent(parties(by_secret(), KeyMaker::server)).header.pvno, 3);
}

TEST_F(FirstMessage, NamesTheRecipientThatIsKnown) {
  auto who = parties(by_secret());
  who.recipient = x509::directory_name(x509::common_name("CA"));
  EXPECT_EQ(x509::to_text(sent(std::move(who)).header.recipient), "dn:CN=CA");
}

}  // namespace
}  // namespace countersign::client
