#include "protect/lightweight_check.h"

#include <functional>

#include "message/info_type.h"
#include "protect/test_support.h"

namespace countersign::protect {
namespace {

using message::BodyType;
using message::PKIMessage;

const auto kSigned = der::AlgorithmIdentifier{der::Oid::of("1.2.840.10045.4.3.2"), {}};
const auto kMaced = der::AlgorithmIdentifier{kPbmac1, {}};

// As RFC 9483 wants it.
PKIMessage whole(const der::AlgorithmIdentifier& protection) {
  PKIMessage out = test::question();
  out.header.protection_alg = protection;
  out.header.sender = x509::directory_name(x509::common_name("device"));
  out.header.sender_kid = to_bytes("device");
  if (protection == kSigned) out.extra_certs = {{0x30, 0x00}};
  return out;
}

struct Case {
  const char* sentence;
  der::AlgorithmIdentifier protection;
  std::function<void(PKIMessage&)> change;
  const char* code;
  std::optional<Failure> failure;
};

std::function<void(PKIMessage&)> body(BodyType type, const message::BodyContent& content) {
  return [=](PKIMessage& m) { m.body = {type, content}; };
}

message::InfoTypeAndValue implicit_confirm() {
  return message::make_info(message::it::implicitConfirm, message::NullValue{});
}

// RFC 9483 §3.1, §3.3, §3.5, §3.6.1, §4.1.1, §4.4
TEST(CheckLightweight, FirstFaultOfWhatTheMessageShows) {
  const auto nothing = [](PKIMessage&) {};
  const message::CertConfirmContent two_statuses(2);
  const message::PollReqContent two_polls(2);
  message::CertConfirmContent odd_status(1);
  odd_status[0].status_info = message::PKIStatusInfo{message::PKIStatus::waiting, {}, {}};
  const std::vector<Case> cases = {
      {"signed, as it should be", kSigned, nothing, "", {}},
      {"MAC'd, as it should be", kMaced, nothing, "", {}},
      {"no transactionID", kSigned, [](auto& m) { m.header.transaction_id.reset(); },
       "lightweight.transaction-id", Failure::badDataFormat},
      {"a short transactionID", kSigned,
       [](auto& m) { m.header.transaction_id = TransactionId{Bytes(15, 1)}; },
       "lightweight.transaction-id", Failure::badDataFormat},
      {"a long transactionID", kSigned,
       [](auto& m) { m.header.transaction_id = TransactionId{Bytes(17, 1)}; },
       "lightweight.transaction-id", Failure::badDataFormat},
      {"sender is no directoryName", kSigned,
       [](auto& m) { m.header.sender = x509::dns_name("device"); }, "lightweight.sender",
       Failure::badMessageCheck},
      {"MAC: no senderKID", kMaced, [](auto& m) { m.header.sender_kid.reset(); },
       "lightweight.sender-kid", Failure::badMessageCheck},
      {"MAC: another commonName than senderKID", kMaced,
       [](auto& m) { m.header.sender_kid = to_bytes("other"); }, "lightweight.sender",
       Failure::badMessageCheck},
      {"MAC: no commonName", kMaced,
       [](auto& m) { m.header.sender = x509::directory_name(x509::Name{}); }, "lightweight.sender",
       Failure::badMessageCheck},
      {"MAC: two commonNames", kMaced,
       [](auto& m) {
         m.header.sender = x509::directory_name(x509::name_from_text("CN=device,CN=x").value());
       },
       "lightweight.sender", Failure::badMessageCheck},
      {"signed: no extraCerts in a first message", kSigned, [](auto& m) { m.extra_certs.clear(); },
       "lightweight.extra-certs", Failure::badMessageCheck},
      {"an algorithm that is not known is refused for that, elsewhere",
       kMaced,
       [](auto& m) {
         m.header.protection_alg = der::AlgorithmIdentifier{der::Oid::of("1.2.3.4"), {}};
         m.extra_certs.clear();
       },
       "",
       {}},
      {"implicitConfirm beside confirmWaitTime, both malformed", kSigned,
       [](auto& m) {
         m.header.general_info = {{message::it::implicitConfirm, {0x02, 0x01, 0x00}},
                                  {message::it::confirmWaitTime, {0x05, 0x00}}};
       },
       "lightweight.implicit-confirm", Failure::badRequest},
      {"signed: none in a certConf",
       kSigned,
       [](auto& m) {
         m.body = {BodyType::certConf, message::CertConfirmContent(1)};
         m.extra_certs.clear();
       },
       "",
       {}},
      {"an empty certConf", kSigned, body(BodyType::certConf, message::CertConfirmContent{}),
       "lightweight.one", Failure::badRequest},
      {"two statuses in a certConf", kSigned, body(BodyType::certConf, two_statuses),
       "lightweight.one", Failure::badRequest},
      {"a certConf of another status than accepted and rejection", kSigned,
       body(BodyType::certConf, odd_status), "lightweight.confirmation", Failure::badRequest},
      {"implicitConfirm of NULL",
       kSigned,
       [](auto& m) { m.header.general_info = {implicit_confirm()}; },
       "",
       {}},
      {"implicitConfirm of another value", kSigned,
       [](auto& m) {
         m.header.general_info = {{message::it::implicitConfirm, {0x02, 0x01, 0x05}}};
       },
       "lightweight.general-info", Failure::badDataFormat},
      {"confirmWaitTime as UTCTime", kSigned,
       [](auto& m) {
         m.header.general_info = {{message::it::confirmWaitTime, {0x17, 0x01, 0x30}}};
       },
       "lightweight.general-info", Failure::badDataFormat},
      {"a type that nobody knows",
       kSigned,
       [](auto& m) {
         m.header.general_info = {{der::Oid::of("1.3.6.1.4.1.99999.1"), {0x02, 0x01, 0x05}}};
       },
       "",
       {}},
      {"implicitConfirm beside confirmWaitTime", kSigned,
       [](auto& m) {
         m.header.general_info = {implicit_confirm(),
                                  message::make_info(message::it::confirmWaitTime, test::kNow)};
       },
       "lightweight.implicit-confirm", Failure::badRequest},
      {"two entries in a pollReq", kSigned, body(BodyType::pollReq, two_polls), "lightweight.one",
       Failure::badRequest},
      {"an error from below", kSigned, body(BodyType::error, message::ErrorMsgContent{}),
       "lightweight.body", Failure::badRequest},
      {"a cross-certification", kSigned, body(BodyType::ccr, crmf::CertReqMessages{}),
       "lightweight.body", Failure::badRequest},
      {"a response", kSigned, body(BodyType::pkiconf, message::PKIConfirmContent{}),
       "lightweight.body", Failure::badRequest},
  };
  for (const Case& c : cases) {
    PKIMessage message = whole(c.protection);
    c.change(message);
    const auto checked = check_lightweight(message);
    EXPECT_EQ(test::code(checked), c.code) << c.sentence;
    EXPECT_EQ(test::failure(checked), c.failure) << c.sentence;
  }
}

// What it takes to know the protection certificate.
class CheckLightweightSender : public testing::Test {
 protected:
  const test::Identity ca_ = test::certify_ca("CN=CA");
  const test::Identity device_ = test::certify({.subject = "CN=device"}, &ca_);

  std::string checked(const std::function<void(PKIMessage&)>& change) {
    PKIMessage m = test::question_from(device_);
    change(m);
    const auto anchors = test::trust(ca_);
    Evidence evidence;
    evidence.anchors = &anchors;
    const auto proof = test::authenticate(test::sign(m, device_.key), evidence);
    if (!proof) return "!" + test::code(proof);
    return test::code(check_lightweight_sender(proof->message));
  }
};

// RFC 9483 §3.1, §3.3
TEST_F(CheckLightweightSender, ProtectionCertificateFirstAndNamedByItsKeyIdentifier) {
  EXPECT_EQ(checked([](PKIMessage&) {}), "");
  EXPECT_EQ(checked([&](PKIMessage& m) { m.extra_certs.push_back(ca_.certificate.der); }), "");
  EXPECT_EQ(checked([&](PKIMessage& m) {
              m.extra_certs.insert(m.extra_certs.begin(), ca_.certificate.der);
            }),
            "lightweight.extra-certs");
  EXPECT_EQ(checked([](PKIMessage& m) { m.header.sender_kid.reset(); }), "lightweight.sender-kid");
  EXPECT_EQ(checked([](PKIMessage& m) { m.header.sender = x509::directory_name(x509::Name{}); }),
            "lightweight.sender");
}

}  // namespace
}  // namespace countersign::protect
