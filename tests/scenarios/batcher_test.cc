// Messages of several transactions in one, and their answers taken apart: RFC 9483 §5.2.2.2.
#include "scenarios/upstream_host.h"

namespace countersign::test {
namespace {

using message::BodyType;
using message::PKIMessage;

class Batches : public Upstream {
 protected:
  Batches() {
    wire_.server = [this](View request) { return answer_to(request); };
  }
  PKIMessage request(Byte id) const {
    PKIMessage m;
    m.header.transaction_id = TransactionId{Bytes(16, id)};
    m.header.sender_nonce = Nonce{Bytes(16, static_cast<Byte>(0x80 + id))};
    m.body = {BodyType::genm, message::InfoMsgContent{}};
    if (polling_) m.body = {BodyType::pollReq, message::PollReqContent{{kWholeMessage}}};
    return m;
  }
  // A pkiconf for each inner message but those of `lost`, and one that nobody asked for.
  Bytes answer_to(View octets) {
    const PKIMessage asked = message::parse_message(octets).value();
    PKIMessage reply;
    reply.header.transaction_id = asked.header.transaction_id;
    reply.header.sender_nonce = Nonce{Bytes(16, 0x77)};
    reply.header.recip_nonce = asked.header.sender_nonce;
    if (wrong_nonce_) reply.header.recip_nonce = Nonce{Bytes(16, 0x66)};
    message::NestedMessageContent content;
    for (const auto& m : std::get<message::NestedMessageContent>(asked.body.content).messages) {
      if (m.header.transaction_id == lost_) continue;
      PKIMessage one;
      one.header.transaction_id = m.header.transaction_id;
      one.header.recip_nonce = m.header.sender_nonce;
      if (m.header.transaction_id == delayed_) one.header.recip_nonce = Nonce{Bytes(16, 0x33)};
      content.messages.push_back(std::move(one));
    }
    content.messages.push_back(request(0x55));
    reply.body = {BodyType::nested, std::move(content)};
    if (refuses_) {
      message::ErrorMsgContent error;
      error.status = message::rejection(Failure::notAuthorized, "you are no RA");
      reply.body = {BodyType::error, std::move(error)};
    }
    const auto& ca = authority();
    reply.header.sender = x509::directory_name(ca.cmp.subject);
    reply.header.sender_kid = ca.cmp.subject_key_identifier();
    reply.header.message_time = clock_.at;
    reply.extra_certs = {ca.cmp.der, ca.issuing.der};
    Bytes tbs = protect::prepare_signature(reply, ca.cmp_signer->algorithm());
    protect::attach_signature(reply, sign_now(*ca.cmp_signer, std::move(tbs)));
    return message::encode(reply);
  }
  // What each of them got: "pkiconf" of its own transaction, or a code.
  std::vector<std::string> send(const std::vector<Byte>& ids) {
    issuer::Forwarder forwarder(issuer_->upstream(), issuer_->world(), issuer_->endpoints());
    std::vector<std::string> got(ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i)
      forwarder.forward({request(ids[i]), ports::Relay::How::batched}, [&, i](Result<Bytes> reply) {
        if (!reply) {
          got[i] = std::string(reply.error().code) + " " + std::string(name(reply.error().failure));
          return;
        }
        const auto m = message::parse_message(*reply).value();
        got[i] = m.header.transaction_id == TransactionId{Bytes(16, ids[i])}
                     ? std::string(message::name(m.body.type))
                     : "another's";
      });
    pass(Seconds{30});
    return got;
  }

  TransactionId lost_, delayed_;
  bool wrong_nonce_ = false, refuses_ = false, polling_ = false;
  using Words = std::vector<std::string>;
};

TEST_F(Batches, give_each_its_own_answer) {
  EXPECT_EQ(send({1, 2, 3}), (Words{"pkiconf", "pkiconf", "pkiconf"}));
  ASSERT_EQ(wire_.sent.size(), 1u);
  const auto outer = message::parse_message(wire_.sent[0]).value();
  EXPECT_EQ(std::get<message::NestedMessageContent>(outer.body.content).messages.size(), 3u);
}

TEST_F(Batches, say_which_answer_is_missing) {
  lost_ = TransactionId{Bytes(16, 2)};
  EXPECT_EQ(send({1, 2, 3}),
            (Words{"pkiconf", "issuer.upstream-missing systemUnavail", "pkiconf"}));
}

// RFC 9483 §5.2.2.2, §4.4: by its transactionID, since what was waited for may name the nonce of
// the message that began the wait.
TEST_F(Batches, find_an_answer_that_was_delayed) {
  delayed_ = TransactionId{Bytes(16, 2)};
  EXPECT_EQ(send({1, 2, 3}), (Words{"pkiconf", "issuer.upstream-missing systemUnavail", "pkiconf"}))
      << "of what has not waited it is another's";
  polling_ = true;
  EXPECT_EQ(send({1, 2, 3}), (Words{"pkiconf", "pkiconf", "pkiconf"}));
}

TEST_F(Batches, hold_one_message_of_a_transaction) {
  EXPECT_EQ(send({1, 1}), (Words{"pkiconf", "pkiconf"}));
  EXPECT_EQ(wire_.sent.size(), 2u);
}

TEST_F(Batches, tell_each_what_is_wrong_with_the_whole) {
  refuses_ = true;
  EXPECT_EQ(send({1, 2}), (Words{"issuer.upstream-refused notAuthorized",
                                 "issuer.upstream-refused notAuthorized"}));
  refuses_ = false;
  wrong_nonce_ = true;
  EXPECT_EQ(send({1}), (Words{"issuer.upstream-answer systemFailure"}));
}

TEST_F(Batches, are_sent_again_as_they_were) {
  wire_.next = {Wire::loses_reply};
  EXPECT_EQ(send({1}), (Words{"pkiconf"}));
  ASSERT_EQ(wire_.sent.size(), 2u);
  EXPECT_EQ(wire_.sent[0], wire_.sent[1]);
}

}  // namespace
}  // namespace countersign::test
