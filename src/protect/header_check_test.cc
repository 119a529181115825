#include "protect/header_check.h"

#include <functional>

#include "protect/test_support.h"

namespace countersign::protect {
namespace {

using message::BodyType;
using message::PKIMessage;
using test::code;
using test::failure;

PKIMessage whole() {
  PKIMessage out = test::question();
  out.header.protection_alg = der::AlgorithmIdentifier{kPbmac1, {}};
  out.protection = der::BitString{Bytes(32), 0};
  return out;
}

void set_body(PKIMessage& m, BodyType type, message::BodyContent content) {
  m.body = {type, std::move(content)};
}

struct Case {
  const char* sentence;
  std::function<void(PKIMessage&)> change;
  const char* code;
  std::optional<Failure> failure;
};

void run(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    SCOPED_TRACE(c.sentence);
    PKIMessage message = whole();
    c.change(message);
    const auto checked = check_header(message);
    EXPECT_EQ(code(checked), c.code);
    EXPECT_EQ(failure(checked), c.failure);
  }
}

TEST(CheckHeader, version) {
  run({
      {"pvno 2", [](auto& m) { m.header.pvno = 2; }, "", {}},
      {"pvno 3", [](auto& m) { m.header.pvno = 3; }, "", {}},
      {"pvno 1", [](auto& m) { m.header.pvno = 1; }, "protect.unsupported-version",
       Failure::unsupportedVersion},
      {"pvno 4", [](auto& m) { m.header.pvno = 4; }, "protect.unsupported-version",
       Failure::unsupportedVersion},
      {"pvno -2", [](auto& m) { m.header.pvno = -2; }, "protect.unsupported-version",
       Failure::unsupportedVersion},
  });
}

TEST(CheckHeader, nonces) {
  const auto sender = [](std::size_t size) {
    return [size](PKIMessage& m) { m.header.sender_nonce = Nonce{Bytes(size, 1)}; };
  };
  const auto recip = [](std::size_t size) {
    return [size](PKIMessage& m) { m.header.recip_nonce = Nonce{Bytes(size, 1)}; };
  };
  run({
      {"no senderNonce", [](auto& m) { m.header.sender_nonce.reset(); },
       "protect.sender-nonce-missing", Failure::badSenderNonce},
      {"senderNonce empty", sender(0), "protect.sender-nonce-length", Failure::badSenderNonce},
      {"senderNonce of 15", sender(15), "protect.sender-nonce-length", Failure::badSenderNonce},
      {"senderNonce of 16", sender(16), "", {}},
      {"senderNonce of 64", sender(64), "", {}},
      {"senderNonce of 65", sender(65), "protect.sender-nonce-length", Failure::badSenderNonce},
      {"recipNonce of 16", recip(16), "", {}},
      {"recipNonce of 64", recip(64), "", {}},
      {"recipNonce of 65", recip(65), "protect.recip-nonce-length", Failure::badRecipientNonce},
  });
}

TEST(CheckHeader, transactionId) {
  const auto id = [](std::size_t size) {
    return [size](PKIMessage& m) { m.header.transaction_id = TransactionId{Bytes(size, 1)}; };
  };
  const auto none = [](BodyType type, const message::BodyContent& content) {
    return [=](PKIMessage& m) {
      set_body(m, type, content);
      m.header.transaction_id.reset();
    };
  };
  run({
      {"empty", id(0), "protect.transaction-id-length", Failure::badDataFormat},
      {"one octet", id(1), "", {}},
      {"64 octets", id(64), "", {}},
      {"65 octets", id(65), "protect.transaction-id-length", Failure::badDataFormat},
      {"none in genm", none(BodyType::genm, message::InfoMsgContent{}), "", {}},
      {"none in ir", none(BodyType::ir, crmf::CertReqMessages(1)), "", {}},
      {"none in rr", none(BodyType::rr, message::RevReqContent(1)), "", {}},
      {"none in certConf", none(BodyType::certConf, message::CertConfirmContent{}),
       "protect.transaction-id-missing", Failure::badDataFormat},
      {"none in pollReq", none(BodyType::pollReq, message::PollReqContent(1)),
       "protect.transaction-id-missing", Failure::badDataFormat},
      {"none in popdecr", none(BodyType::popdecr, message::POPODecKeyRespContent{{Bytes{1}}}),
       "protect.transaction-id-missing", Failure::badDataFormat},
  });
}

TEST(CheckHeader, senderKid) {
  const auto kid = [](std::size_t size) {
    return [size](PKIMessage& m) { m.header.sender_kid = Bytes(size, 'a'); };
  };
  run({
      {"empty", kid(0), "protect.key-id-length", Failure::badDataFormat},
      {"one octet", kid(1), "", {}},
      {"256 octets", kid(256), "", {}},
      {"257 octets", kid(257), "protect.key-id-length", Failure::badDataFormat},
  });
}

TEST(CheckHeader, body) {
  const auto body = [](BodyType type, const message::BodyContent& content) {
    return [=](PKIMessage& m) { set_body(m, type, content); };
  };
  run({
      {"ir without requests", body(BodyType::ir, crmf::CertReqMessages{}), "protect.body-empty",
       Failure::badDataFormat},
      {"rr without details", body(BodyType::rr, message::RevReqContent{}), "protect.body-empty",
       Failure::badDataFormat},
      {"pollReq of nothing", body(BodyType::pollReq, message::PollReqContent{}),
       "protect.body-empty", Failure::badDataFormat},
      {"nested without messages", body(BodyType::nested, message::NestedMessageContent{}),
       "protect.body-empty", Failure::badDataFormat},
      {"popdecr without answers", body(BodyType::popdecr, message::POPODecKeyRespContent{}),
       "protect.body-empty", Failure::badDataFormat},
      {"certConf that rejects everything",
       body(BodyType::certConf, message::CertConfirmContent{}),
       "",
       {}},
      {"genm that asks for everything", body(BodyType::genm, message::InfoMsgContent{}), "", {}},
  });
}

TEST(CheckHeader, protection) {
  run({
      {"neither protection nor protectionAlg",
       [](auto& m) {
         m.protection.reset();
         m.header.protection_alg.reset();
       },
       "protect.unprotected", Failure::badMessageCheck},
      {"protectionAlg without protection", [](auto& m) { m.protection.reset(); },
       "protect.unprotected", Failure::badMessageCheck},
      {"protection without protectionAlg", [](auto& m) { m.header.protection_alg.reset(); },
       "protect.algorithm-missing", Failure::badMessageCheck},
      {"protection with unused bits", [](auto& m) { m.protection->unused = 4; },
       "protect.protection-bits", Failure::badDataFormat},
  });
}

TEST(CheckHeader, theFirstFaultCounts) {
  PKIMessage message = whole();
  message.header.pvno = 9;
  message.header.transaction_id = TransactionId{};
  message.header.sender_nonce.reset();
  message.header.recip_nonce = Nonce{Bytes(99)};
  message.header.sender_kid = Bytes{};
  message.body = {BodyType::ir, crmf::CertReqMessages{}};
  message.protection.reset();
  const auto next = [&] { return code(check_header(message)); };
  EXPECT_EQ(next(), "protect.unsupported-version");
  message.header.pvno = 2;
  EXPECT_EQ(next(), "protect.transaction-id-length");
  message.header.transaction_id = TransactionId{Bytes(16)};
  EXPECT_EQ(next(), "protect.sender-nonce-missing");
  message.header.sender_nonce = Nonce{Bytes(16)};
  EXPECT_EQ(next(), "protect.recip-nonce-length");
  message.header.recip_nonce.reset();
  EXPECT_EQ(next(), "protect.key-id-length");
  message.header.sender_kid.reset();
  EXPECT_EQ(next(), "protect.body-empty");
  message.body = {BodyType::genm, message::InfoMsgContent{}};
  EXPECT_EQ(next(), "protect.unprotected");
}

TEST(ReferenceOf, isSenderKidOrElseTheCommonName) {
  const auto of = [](std::optional<std::string> kid, const x509::GeneralName& sender) {
    message::PKIHeader header;
    if (kid) header.sender_kid = to_bytes(*kid);
    header.sender = sender;
    return reference_of(header);
  };
  const auto named = [](const char* text) {
    return x509::directory_name(x509::name_from_text(text).value());
  };
  const x509::GeneralName nobody;
  EXPECT_EQ(of("device-7", nobody), "device-7");
  EXPECT_EQ(of("device-7", named("CN=other")), "device-7");
  EXPECT_EQ(of("device-7", x509::dns_name("host")), "device-7");
  EXPECT_EQ(of({}, named("CN=device-7")), "device-7");
  EXPECT_EQ(of({}, named("CN=device-7,O=Example")), "device-7");
  EXPECT_EQ(of("gerät", nobody), "gerät");
  EXPECT_EQ(of({}, nobody), std::nullopt);
  EXPECT_EQ(of({}, named("O=Example")), std::nullopt);
  EXPECT_EQ(of({}, named("CN=a,CN=b")), std::nullopt) << "which one is meant?";
  EXPECT_EQ(of({}, x509::dns_name("host")), std::nullopt);
  EXPECT_EQ(of(std::string("a\0b", 3), nobody), std::nullopt);
  EXPECT_EQ(of("a\nb", nobody), std::nullopt);
  EXPECT_EQ(of("\xff\xfe", named("CN=device-7")), std::nullopt)
      << "senderKID counts when it is there";
}

TEST(MessageTime, windowAndItsEdges) {
  const struct {
    const char* sentence;
    std::optional<int> offset;
    int window;
    bool required;
    const char* code;
  } cases[] = {
      {"now", 0, 300, false, ""},
      {"at the late edge", 300, 300, false, ""},
      {"past the late edge", 301, 300, false, "protect.time-window"},
      {"at the early edge", -300, 300, false, ""},
      {"past the early edge", -301, 300, false, "protect.time-window"},
      {"years ago, not checked", -100000000, 0, false, ""},
      {"absent", {}, 300, false, ""},
      {"absent though required", {}, 300, true, "protect.message-time-missing"},
      {"present as required", 0, 300, true, ""},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.sentence);
    message::PKIHeader header;
    if (c.offset) header.message_time = test::kNow + Seconds(*c.offset);
    const Policy policy{.time_window = Seconds(c.window), .require_message_time = c.required};
    EXPECT_EQ(code(check_message_time(header, policy, test::kNow)), c.code);
  }
}

TEST(MessageTime, theRefusalTellsOurTime) {
  message::PKIHeader header;
  header.message_time = test::kNow - Seconds(3600);
  const auto refused = check_message_time(header, {}, test::kNow);
  EXPECT_EQ(failure(refused), Failure::badTime);
  EXPECT_NE(refused.error().reply_text.find("2026-06-01T12:00:00Z"), std::string::npos);
  header.message_time.reset();
  EXPECT_EQ(failure(check_message_time(header, {.require_message_time = true}, test::kNow)),
            Failure::missingTimeStamp);
}

}  // namespace
}  // namespace countersign::protect
