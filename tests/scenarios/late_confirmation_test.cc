// A certConf whose pkiconf waits for an issuer elsewhere: RFC 9810 §5.3.22, RFC 9483 §4.4, §5.1.5.
#include <gtest/gtest.h>

#include "scenarios/nested_fixture.h"
#include "server/timers.h"
#include "transaction/confirmation.h"

namespace countersign::test {
namespace {

class LateConfirmation : public Nested {
 protected:
  // The next message of the transaction that `last` is the latest answer of.
  PKIMessage next(const PKIMessage& last, message::PKIBody body) {
    PKIMessage m;
    m.header.transaction_id = last.header.transaction_id;
    m.header.sender_nonce = nonce();
    m.header.recip_nonce = last.header.sender_nonce;
    m.body = std::move(body);
    return ask(message::encode(sealed(std::move(m))));
  }
  static message::PKIBody confirmation(const PKIMessage& ip) {
    const auto& response = std::get<message::CertRepMessage>(ip.body.content).response.at(0);
    const auto& der = std::get<Bytes>(response.certified_key_pair->cert_or_enc_cert);
    message::CertStatus status;
    status.cert_req_id = response.cert_req_id;
    status.cert_hash = transaction::certificate_hash(der, {}).value();
    return {BodyType::certConf, message::CertConfirmContent{status}};
  }
  static message::PKIBody poll() {
    return {BodyType::pollReq, message::PollReqContent{{kWholeMessage}}};
  }
  static message::PKIStatus status_of(const PKIMessage& m) {
    return std::get<message::ErrorMsgContent>(m.body.content).status.status;
  }
  std::string only_certificate() {
    const auto all = host_.store().certificates({}).value();
    return all.size() == 1 ? std::string(enrol::name(all[0].status)) : "not one";
  }
};

TEST_F(LateConfirmation, is_waited_for_and_polled_for) {
  issuer_.deaf_for = 4;
  const PKIMessage ip = ask(message::encode(sealed(ir())));
  ASSERT_EQ(said(ip), "ip");
  const PKIMessage told = next(ip, confirmation(ip));
  ASSERT_EQ(told.body.type, BodyType::error);
  EXPECT_EQ(status_of(told), message::PKIStatus::waiting);
  EXPECT_EQ(only_certificate(), "unconfirmed") << "nobody says yes before the issuer has heard";
  const PKIMessage again = next(told, poll());
  ASSERT_EQ(said(again), "pollRep");
  EXPECT_GT(std::get<message::PollRepContent>(again.body.content).at(0).check_after, 0);
  const PKIMessage once_more = next(again, poll());
  ASSERT_EQ(said(once_more), "pollRep");
  EXPECT_EQ(said(next(once_more, poll())), "pkiconf");
  EXPECT_EQ(only_certificate(), "valid");
}

TEST_F(LateConfirmation, comes_by_itself_when_nobody_polls) {
  issuer_.deaf_for = 2;
  const PKIMessage ip = ask(message::encode(sealed(ir())));
  const PKIMessage told = next(ip, confirmation(ip));
  ASSERT_EQ(status_of(told), message::PKIStatus::waiting);
  clock_.set(kStart + host_.profile().rules.confirm_wait + Seconds{1});
  ASSERT_TRUE(host_.run([](server::Engine& engine) -> boost::asio::awaitable<Result<>> {
    co_await server::run_due(engine);
    co_return Result<>{};
  }(host_.engine())));
  EXPECT_EQ(only_certificate(), "valid") << "its end entity said so";
}

// What its certConf said, the issuer may have heard of: an error after it takes nothing back.
TEST_F(LateConfirmation, holds_when_its_sender_breaks_off) {
  issuer_.deaf_for = 2;
  const PKIMessage ip = ask(message::encode(sealed(ir())));
  const PKIMessage told = next(ip, confirmation(ip));
  ASSERT_EQ(status_of(told), message::PKIStatus::waiting);
  message::ErrorMsgContent broken;
  broken.status = message::rejection(Failure::systemFailure, "no more patience");
  EXPECT_EQ(said(next(told, {BodyType::error, broken})), "pkiconf");
  EXPECT_EQ(only_certificate(), "valid");
}

}  // namespace
}  // namespace countersign::test
