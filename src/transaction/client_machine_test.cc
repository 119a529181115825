#include "transaction/client_machine.h"

#include <gtest/gtest.h>

#include "support/conversation.h"

namespace countersign::transaction {
namespace {

using message::BodyType;
using message::PKIStatus;
using test::kStart;

std::string in_words(const ClientAction& action) {
  if (const auto* send = std::get_if<Send>(&action))
    return "send " + test::in_words(send->message.body);
  if (const auto* wait = std::get_if<WaitUntil>(&action))
    return "wait " + std::to_string(wait->check_after.count());
  if (const auto* examine = std::get_if<Examine>(&action))
    return std::string("examine") + (examine->with_mods ? " with-mods" : "") +
           (examine->implicitly_confirmed ? " implicitly-confirmed" : "");
  if (std::holds_alternative<Completed>(action)) return "completed";
  if (const auto* told = std::get_if<InformationReceived>(&action))
    return "told " + std::to_string(told->items.size());
  const auto& gave_up = std::get<GaveUp>(action);
  return "!" + std::string(gave_up.error.code) + (gave_up.refused ? " refused " : " ") +
         std::string(name(gave_up.error.failure));
}

// A client and the octets that a server might answer it with.
class Client {
 public:
  explicit Client(message::PKIBody body, Seconds patience = Seconds{3600}, std::int64_t pvno = 2) {
    act(Begin{std::move(body), {}, pvno, patience});
  }

  std::string begun() const { return words_; }
  const message::PKIMessage& sent() const { return std::get<Send>(action_).message; }
  const ClientAction& action() const { return action_; }
  const ClientTransaction& state() const { return t_; }

  std::string gets(message::PKIBody body, std::vector<message::InfoTypeAndValue> info = {}) {
    message::PKIMessage m = answer(std::move(body));
    m.header.general_info = std::move(info);
    return act(ResponseArrived{std::move(m)});
  }
  std::string gets(message::PKIMessage m) { return act(ResponseArrived{std::move(m)}); }
  std::string keeps() { return act(Examined{}); }
  std::string rejects() {
    return act(Examined{Error{Failure::badCertTemplate, "client.subject", "another subject", {}}});
  }
  std::string waits() {
    now = t_.poll_at.value_or(now);
    return act(WaitOver{});
  }

  message::PKIMessage answer(message::PKIBody body) {
    message::PKIMessage m;
    m.header.transaction_id = t_.id;
    m.header.sender_nonce = Nonce{Bytes(16, static_cast<Byte>(0x80 + ++count_))};
    m.header.recip_nonce = t_.last_nonce;
    m.body = std::move(body);
    return m;
  }

  Time now = kStart;

 private:
  std::string act(ClientEvent event) {
    const ClientFacts facts{TransactionId{Bytes(16, 0x77)},
                            Nonce{Bytes(16, static_cast<Byte>(++count_))}};
    auto [next, action] = step(t_, std::move(event), facts, now);
    t_ = std::move(next);
    action_ = std::move(action);
    return words_ = in_words(action_);
  }

  ClientTransaction t_;
  ClientAction action_ = Completed{};
  std::string words_;
  int count_ = 0;
};

message::PKIBody ir(const char* id = "0") { return {BodyType::ir, test::requests({id})}; }

message::PKIBody rep(BodyType type, std::int64_t id, PKIStatus status, const char* by = "p256") {
  message::CertResponse r{RequestId{id}, {status, {}, {}}, {}, {}};
  if (status == PKIStatus::accepted || status == PKIStatus::grantedWithMods ||
      status == PKIStatus::keyUpdateWarning)
    r.certified_key_pair = message::CertifiedKeyPair{test::issued(1, by).certificate, {}, {}};
  if (status == PKIStatus::rejection) r.status = message::rejection(Failure::badPOP, "sign it");
  return {type, message::CertRepMessage{{}, {r}}};
}
message::PKIBody poll_rep(std::int64_t id, std::int64_t after) {
  return {BodyType::pollRep, message::PollRepContent{{RequestId{id}, after, {}}}};
}
message::PKIBody error(message::PKIStatusInfo status) {
  message::ErrorMsgContent content;
  content.status = std::move(status);
  return {BodyType::error, content};
}
const message::PKIBody kPkiconf{BodyType::pkiconf, message::PKIConfirmContent{}};

TEST(ClientMachine, ir_ip_certConf_pkiconf) {
  Client c(ir());
  EXPECT_EQ(c.begun(), "send ir");
  EXPECT_FALSE(c.sent().header.recip_nonce) << "not in a first message";
  auto ip = c.answer(rep(BodyType::ip, 0, PKIStatus::accepted));
  ip.header.sender = x509::directory_name(x509::common_name("CMP signer"));
  EXPECT_EQ(c.gets(ip), "examine");
  EXPECT_EQ(c.keeps(), "send certConf");
  EXPECT_EQ(c.sent().header.recipient, ip.header.sender);
  const auto& status = std::get<message::CertConfirmContent>(c.sent().body.content).at(0);
  EXPECT_EQ(status.cert_hash, crypto::sha256(test::issued(1).certificate));
  EXPECT_FALSE(status.status_info);
  EXPECT_FALSE(status.hash_alg);
  EXPECT_EQ(c.sent().header.recip_nonce, c.state().server_nonce);
  EXPECT_EQ(c.gets(kPkiconf), "completed");
  EXPECT_EQ(c.state().phase, ClientPhase::ended);
}

TEST(ClientMachine, every_message_has_a_nonce_of_its_own_and_the_same_transaction) {
  Client c(ir());
  const auto first = c.sent().header;
  c.gets(rep(BodyType::ip, 0, PKIStatus::accepted));
  c.keeps();
  EXPECT_NE(c.sent().header.sender_nonce, first.sender_nonce);
  EXPECT_EQ(c.sent().header.transaction_id, first.transaction_id);
}

TEST(ClientMachine, a_certificate_that_is_not_wanted_is_rejected) {
  Client c(ir());
  c.gets(rep(BodyType::ip, 0, PKIStatus::accepted));
  EXPECT_EQ(c.rejects(), "send certConf");
  const auto& status = std::get<message::CertConfirmContent>(c.sent().body.content).at(0);
  ASSERT_TRUE(status.status_info);
  EXPECT_EQ(test::in_words(*status.status_info), "rejection(badCertTemplate)");
  EXPECT_EQ(c.gets(kPkiconf), "completed");
}

TEST(ClientMachine,
     a_certificate_without_a_digest_of_its_own_is_confirmed_with_hashAlg_and_pvno_3) {
  Client c(ir());
  c.gets(rep(BodyType::ip, 0, PKIStatus::accepted, "ml-dsa-44"));
  EXPECT_EQ(c.keeps(), "send certConf");
  const auto& status = std::get<message::CertConfirmContent>(c.sent().body.content).at(0);
  ASSERT_TRUE(status.hash_alg);
  EXPECT_EQ(status.hash_alg->algorithm, crypto::oid(crypto::Digest::sha256));
  EXPECT_EQ(c.sent().header.pvno, 3);
}

TEST(ClientMachine, implicit_confirmation_ends_after_the_examination) {
  const std::vector info{message::make_info(message::it::implicitConfirm, message::NullValue{})};
  Client kept(ir());
  EXPECT_EQ(kept.gets(rep(BodyType::ip, 0, PKIStatus::accepted), info),
            "examine implicitly-confirmed");
  EXPECT_EQ(kept.keeps(), "completed");
  Client unwanted(ir());
  unwanted.gets(rep(BodyType::ip, 0, PKIStatus::accepted), info);
  EXPECT_EQ(unwanted.rejects(), "!client.subject badCertTemplate") << "a local matter";
}

TEST(ClientMachine, grantedWithMods_is_examined_with_the_remark) {
  Client c(ir());
  EXPECT_EQ(c.gets(rep(BodyType::ip, 0, PKIStatus::grantedWithMods)), "examine with-mods");
}

// RFC 9810 §5.2.3
TEST(ClientMachine, keyUpdateWarning_is_for_key_updates) {
  Client update({BodyType::kur, test::requests({"0"})});
  EXPECT_EQ(update.gets(rep(BodyType::kup, 0, PKIStatus::keyUpdateWarning)), "examine with-mods");
  Client empty({BodyType::kur, test::requests({"0"})});
  auto without = rep(BodyType::kup, 0, PKIStatus::keyUpdateWarning);
  std::get<message::CertRepMessage>(without.content).response[0].certified_key_pair.reset();
  EXPECT_EQ(empty.gets(std::move(without)).substr(0, 1), "!") << "the update was done already";
  Client first(ir());
  EXPECT_EQ(first.gets(rep(BodyType::ip, 0, PKIStatus::keyUpdateWarning)).substr(0, 1), "!");
}

TEST(ClientMachine, a_rejection_ends_without_certConf) {
  Client c(ir());
  EXPECT_EQ(c.gets(rep(BodyType::ip, 0, PKIStatus::rejection)), "!client.refused refused badPOP");
  EXPECT_EQ(c.state().phase, ClientPhase::ended);
}

TEST(ClientMachine, waiting_is_polled_for_by_the_certReqId) {
  Client c(ir("4"));
  EXPECT_EQ(c.gets(rep(BodyType::ip, 4, PKIStatus::waiting)), "wait 1");
  EXPECT_EQ(c.waits(), "send pollReq");
  EXPECT_EQ(std::get<message::PollReqContent>(c.sent().body.content).at(0).cert_req_id,
            RequestId{4});
  EXPECT_EQ(c.gets(poll_rep(4, 600)), "wait 600");
  EXPECT_EQ(c.waits(), "send pollReq");
  EXPECT_EQ(c.gets(rep(BodyType::ip, 4, PKIStatus::accepted)), "examine");
}

TEST(ClientMachine, an_error_of_status_waiting_is_polled_for_as_a_whole) {
  Client c({BodyType::genm, message::InfoMsgContent{}});
  EXPECT_EQ(c.gets(error({PKIStatus::waiting, {}, {}})), "wait 1");
  EXPECT_EQ(c.waits(), "send pollReq");
  EXPECT_EQ(std::get<message::PollReqContent>(c.sent().body.content).at(0).cert_req_id,
            kWholeMessage);
  EXPECT_EQ(c.gets({BodyType::genp, message::InfoMsgContent{}}), "told 0");
}

// RFC 9483 §4.4
TEST(ClientMachine, a_pkiconf_that_waits_is_polled_for) {
  Client c(ir());
  c.gets(rep(BodyType::ip, 0, PKIStatus::accepted));
  c.keeps();
  EXPECT_EQ(c.gets(error({PKIStatus::waiting, {}, {}})), "wait 1");
  EXPECT_EQ(c.waits(), "send pollReq");
  EXPECT_EQ(c.gets(poll_rep(-1, 5)), "wait 5");
  EXPECT_EQ(c.waits(), "send pollReq");
  EXPECT_EQ(c.gets(kPkiconf), "completed");
}

TEST(ClientMachine, checkAfter_is_cut_to_sense) {
  for (const auto& [after, waits] : {std::pair<std::int64_t, const char*>{0, "wait 1"},
                                     {-5, "wait 1"},
                                     {INT64_MIN, "wait 1"},
                                     {86400, "wait 86400"},
                                     {INT64_MAX, "wait 86400"}}) {
    Client c(ir(), Seconds{1'000'000});
    c.gets(rep(BodyType::ip, 0, PKIStatus::waiting));
    c.waits();
    EXPECT_EQ(c.gets(poll_rep(0, after)), waits) << after;
  }
}

TEST(ClientMachine, patience_ends_the_polling_and_can_be_taken_up_again) {
  Client c(ir(), Seconds{100});
  c.gets(rep(BodyType::ip, 0, PKIStatus::waiting));
  c.waits();
  EXPECT_EQ(c.gets(poll_rep(0, 100)), "!client.still-waiting systemUnavail");
  EXPECT_EQ(c.state().phase, ClientPhase::polling);
  EXPECT_EQ(c.waits(), "send pollReq");
  EXPECT_EQ(c.gets(rep(BodyType::ip, 0, PKIStatus::accepted)), "examine");
}

// RFC 9483 §3.5, §4.4
TEST(ClientMachine, a_delayed_answer_may_have_the_nonce_of_the_request_that_waited) {
  Client c(ir());
  const auto of_ir = c.sent().header.sender_nonce;
  c.gets(rep(BodyType::ip, 0, PKIStatus::waiting));
  c.waits();
  c.gets(poll_rep(0, 5));
  c.waits();
  auto ip = c.answer(rep(BodyType::ip, 0, PKIStatus::accepted));
  ip.header.recip_nonce = of_ir;
  EXPECT_EQ(c.gets(ip), "examine");
  EXPECT_EQ(c.keeps(), "send certConf");
  const auto of_cert_conf = c.sent().header.sender_nonce;
  EXPECT_EQ(c.gets(error({PKIStatus::waiting, {}, {}})), "wait 1");
  c.waits();
  auto pkiconf = c.answer(kPkiconf);
  pkiconf.header.recip_nonce = of_cert_conf;
  EXPECT_EQ(c.gets(pkiconf), "completed");
}

TEST(ClientMachine, p10cr_is_answered_under_minus_1_or_0) {
  for (const std::int64_t id : {-1, 0}) {
    Client c({BodyType::p10cr, test::make_csr("CN=x", test::key_of("p256"))});
    EXPECT_EQ(c.gets(rep(BodyType::cp, id, PKIStatus::accepted)), "examine");
    EXPECT_EQ(c.keeps(), "send certConf");
    EXPECT_EQ(std::get<message::CertConfirmContent>(c.sent().body.content).at(0).cert_req_id,
              RequestId{id});
  }
}

TEST(ClientMachine, an_rr_is_done_or_refused) {
  const message::PKIBody rr{BodyType::rr, message::RevReqContent(1)};
  Client done(rr);
  EXPECT_EQ(done.gets({BodyType::rp, message::RevRepContent{{{}}, {}, {}}}), "completed");
  Client refused(rr);
  EXPECT_EQ(
      refused.gets({BodyType::rp,
                    message::RevRepContent{
                        {message::rejection(Failure::certRevoked, "it is revoked")}, {}, {}}}),
      "!client.refused refused certRevoked");
}

// RFC 9810 §7
TEST(ClientMachine, an_error_of_another_version_is_a_refusal_that_names_it) {
  Client c(ir());
  auto m = c.answer(error(message::rejection(Failure::unsupportedVersion, "too new")));
  m.header.pvno = 1;
  EXPECT_EQ(c.gets(m), "!client.refused refused unsupportedVersion");
  EXPECT_EQ(std::get<GaveUp>(c.action()).details,
            std::vector<std::string>{"the server speaks version 1 of CMP"});
}

// OpenSSL's server does so.
TEST(ClientMachine, version_2_is_tolerated_where_3_was_asked) {
  for (const std::int64_t pvno : {2, 3}) {
    Client c(ir(), Seconds{3600}, 3);
    auto m = c.answer(rep(BodyType::ip, 0, PKIStatus::accepted));
    m.header.pvno = pvno;
    EXPECT_EQ(c.gets(m), "examine") << pvno;
  }
}

TEST(ClientMachine, a_certConf_with_hashAlg_may_be_answered_in_the_version_of_the_transaction) {
  for (const std::int64_t pvno : {2, 3}) {
    Client c(ir());
    c.gets(rep(BodyType::ip, 0, PKIStatus::accepted, "ml-dsa-44"));
    c.keeps();
    auto m = c.answer(kPkiconf);
    m.header.pvno = pvno;
    EXPECT_EQ(c.gets(m), "completed") << pvno;
  }
}

struct Misfit {
  const char* sentence;
  std::function<std::string(Client&)> happens;
  const char* gives;
};
class ClientMisfit : public testing::TestWithParam<Misfit> {};

TEST_P(ClientMisfit, ends_the_transaction) {
  Client c(ir());
  EXPECT_EQ(GetParam().happens(c), GetParam().gives) << GetParam().sentence;
  EXPECT_EQ(c.state().phase, ClientPhase::ended);
}

std::string with(Client& c, const std::function<void(message::PKIMessage&)>& change) {
  auto m = c.answer(rep(BodyType::ip, 0, PKIStatus::accepted));
  change(m);
  return c.gets(std::move(m));
}

const Misfit kMisfits[] = {
    {"another transactionID",
     [](Client& c) { return with(c, [](auto& m) { m.header.transaction_id->octets[0] ^= 1; }); },
     "!client.transaction-id badDataFormat"},
    {"no transactionID",
     [](Client& c) { return with(c, [](auto& m) { m.header.transaction_id.reset(); }); },
     "!client.transaction-id badDataFormat"},
    {"another recipNonce",
     [](Client& c) { return with(c, [](auto& m) { m.header.recip_nonce->octets[0] ^= 1; }); },
     "!client.recip-nonce badRecipientNonce"},
    {"the recipNonce of the ir in a pkiConf that nothing delayed",
     [](Client& c) {
       const auto of_ir = c.sent().header.sender_nonce;
       c.gets(rep(BodyType::ip, 0, PKIStatus::accepted));
       c.keeps();
       auto m = c.answer(kPkiconf);
       m.header.recip_nonce = of_ir;
       return c.gets(std::move(m));
     },
     "!client.recip-nonce badRecipientNonce"},
    {"the recipNonce of a delayed ir in a pkiConf",
     [](Client& c) {
       const auto of_ir = c.sent().header.sender_nonce;
       c.gets(rep(BodyType::ip, 0, PKIStatus::waiting));
       c.waits();
       c.gets(rep(BodyType::ip, 0, PKIStatus::accepted));
       c.keeps();
       auto m = c.answer(kPkiconf);
       m.header.recip_nonce = of_ir;
       return c.gets(std::move(m));
     },
     "!client.recip-nonce badRecipientNonce"},
    {"the recipNonce of the ir in a pollRep",
     [](Client& c) {
       const auto of_ir = c.sent().header.sender_nonce;
       c.gets(rep(BodyType::ip, 0, PKIStatus::waiting));
       c.waits();
       auto m = c.answer(poll_rep(0, 5));
       m.header.recip_nonce = of_ir;
       return c.gets(std::move(m));
     },
     "!client.recip-nonce badRecipientNonce"},
    {"an empty recipNonce",
     [](Client& c) {
       auto m = c.answer(rep(BodyType::ip, 0, PKIStatus::accepted));
       m.header.recip_nonce = Nonce{};
       return c.gets(std::move(m));
     },
     "!client.recip-nonce badRecipientNonce"},
    {"no recipNonce",
     [](Client& c) { return with(c, [](auto& m) { m.header.recip_nonce.reset(); }); },
     "!client.recip-nonce badRecipientNonce"},
    {"another version", [](Client& c) { return with(c, [](auto& m) { m.header.pvno = 3; }); },
     "!client.version unsupportedVersion"},
    {"the answer to another kind of request",
     [](Client& c) { return c.gets(rep(BodyType::cp, 0, PKIStatus::accepted)); },
     "!client.unexpected badRequest"},
    {"pkiconf before certConf", [](Client& c) { return c.gets(kPkiconf); },
     "!client.unexpected badRequest"},
    {"another certReqId",
     [](Client& c) { return c.gets(rep(BodyType::ip, 1, PKIStatus::accepted)); },
     "!client.request-id badRequest"},
    {"accepted without a certificate",
     [](Client& c) {
       return with(c, [](auto& m) {
         std::get<message::CertRepMessage>(m.body.content).response[0].certified_key_pair.reset();
       });
     },
     "!client.no-certificate badRequest"},
    {"an empty pollRep",
     [](Client& c) { return c.gets({BodyType::pollRep, message::PollRepContent{}}); },
     "!client.poll-rep badRequest"},
    {"an error",
     [](Client& c) {
       return c.gets(error(message::rejection(Failure::badTime, "set your clock")));
     },
     "!client.refused refused badTime"},
    {"an error without a failInfo",
     [](Client& c) { return c.gets(error({PKIStatus::rejection, {}, {}})); },
     "!client.refused refused badRequest"},
    {"a second answer to what was answered",
     [](Client& c) {
       c.gets(rep(BodyType::ip, 0, PKIStatus::accepted));
       return c.gets(rep(BodyType::ip, 0, PKIStatus::accepted));
     },
     "!client.unasked badRequest"},
    {"an ip in place of pkiconf",
     [](Client& c) {
       c.gets(rep(BodyType::ip, 0, PKIStatus::accepted));
       c.keeps();
       return c.gets(rep(BodyType::ip, 0, PKIStatus::accepted));
     },
     "!client.unexpected badRequest"},
    {"an error in place of pkiconf",
     [](Client& c) {
       c.gets(rep(BodyType::ip, 0, PKIStatus::accepted));
       c.keeps();
       return c.gets(error(message::rejection(Failure::certConfirmed, "too late")));
     },
     "!client.refused refused certConfirmed"},
    {"an examination of nothing", [](Client& c) { return c.keeps(); },
     "!client.unasked badRequest"},
};
INSTANTIATE_TEST_SUITE_P(Answers, ClientMisfit, testing::ValuesIn(kMisfits));

}  // namespace
}  // namespace countersign::transaction
