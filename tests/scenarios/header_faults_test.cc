// Faults of the header and of the protection: each × each kind of request × {alone, nested alone,
// in a batch} × {by MAC, by signature}. RFC 9483 §3.1, §3.5; RFC 9810 §5.1.1, §5.1.3.
//
// However a message comes, the fault is answered by its own bit, for its own transaction, and
// nothing is issued.
#include <gtest/gtest.h>

#include "crypto/sign.h"
#include "scenarios/nested_fixture.h"

namespace countersign::test {
namespace {

enum class Proof { mac, signature };
enum class Way { alone, nested, batch };
constexpr Way kWays[] = {Way::alone, Way::nested, Way::batch};
constexpr Proof kProofs[] = {Proof::mac, Proof::signature};

std::string_view name_of(Way way) {
  return way == Way::alone ? "alone" : way == Way::nested ? "nested" : "in a batch";
}

struct Fault {
  const char* sentence;
  const char* answer;                            // "failure code"
  std::function<void(PKIMessage&)> before = {};  // its protection is made
  std::function<void(PKIMessage&)> after = {};
  Seconds late{0};                 // of messageTime
  const char* signed_answer = "";  // when it differs under a signature
  const char* nested_answer = "";  // when it differs for one that is nested alone
  bool follow_ups_only = false;    // a first message may be so
  bool first_messages_only = false;
};

void set_id(PKIMessage& m, std::size_t size) { m.header.transaction_id->octets.assign(size, 7); }
void set_nonce(PKIMessage& m, std::size_t size) { m.header.sender_nonce->octets.assign(size, 7); }

const std::vector<Fault>& faults() {
  static const std::vector<Fault> all = {
      {"pvno of 1999", "unsupportedVersion protect.unsupported-version",
       [](PKIMessage& m) { m.header.pvno = 1; }},
      {"pvno of the future", "unsupportedVersion protect.unsupported-version",
       [](PKIMessage& m) { m.header.pvno = 4; }},
      {.sentence = "no transactionID",
       .answer = "badDataFormat protect.transaction-id-missing",
       .before = [](PKIMessage& m) { m.header.transaction_id.reset(); },
       .nested_answer = "badDataFormat server.nested-id-missing",
       .follow_ups_only = true},
      {"an empty transactionID", "badDataFormat protect.transaction-id-length",
       [](PKIMessage& m) { set_id(m, 0); }},
      {"a transactionID of 65 octets", "badDataFormat protect.transaction-id-length",
       [](PKIMessage& m) { set_id(m, 65); }},
      {"no senderNonce", "badSenderNonce protect.sender-nonce-missing",
       [](PKIMessage& m) { m.header.sender_nonce.reset(); }},
      {"a senderNonce of 15 octets", "badSenderNonce protect.sender-nonce-length",
       [](PKIMessage& m) { set_nonce(m, 15); }},
      {"a senderNonce of 65 octets", "badSenderNonce protect.sender-nonce-length",
       [](PKIMessage& m) { set_nonce(m, 65); }},
      {.sentence = "a recipNonce in a first message",
       .answer = "badRecipientNonce transaction.recip-nonce-unasked",
       .before = [](PKIMessage& m) { m.header.recip_nonce = Nonce{Bytes(16, 3)}; },
       .first_messages_only = true},
      {"a recipNonce of 65 octets", "badRecipientNonce protect.recip-nonce-length",
       [](PKIMessage& m) { m.header.recip_nonce = Nonce{Bytes(65, 3)}; }},
      {.sentence = "an empty senderKID",
       .answer = "badDataFormat protect.key-id-length",
       .after = [](PKIMessage& m) { m.header.sender_kid = Bytes{}; }},
      {.sentence = "a senderKID of 257 octets",
       .answer = "badDataFormat protect.key-id-length",
       .after = [](PKIMessage& m) { m.header.sender_kid = Bytes(257, 'x'); }},
      {.sentence = "no protection",
       .answer = "badMessageCheck protect.unprotected",
       .after = [](PKIMessage& m) { m.protection.reset(); }},
      {.sentence = "no protectionAlg",
       .answer = "badMessageCheck protect.algorithm-missing",
       .after = [](PKIMessage& m) { m.header.protection_alg.reset(); }},
      {.sentence = "a protection of odd bits",
       .answer = "badDataFormat protect.protection-bits",
       .after =
           [](PKIMessage& m) {
             m.protection->unused = 1;
             m.protection->octets.back() &= 0xfe;
           }},
      {.sentence = "a protection that is wrong by a bit",
       .answer = "badMessageCheck protect.mac-mismatch",
       .after = [](PKIMessage& m) { m.protection->octets.back() ^= 1; },
       .signed_answer = "badMessageCheck protect.signature-mismatch"},
      {.sentence = "another senderNonce than was protected",
       .answer = "badMessageCheck protect.mac-mismatch",
       .after = [](PKIMessage& m) { set_nonce(m, 16); },
       .signed_answer = "badMessageCheck protect.signature-mismatch"},
      {.sentence = "a protectionAlg that nobody knows",
       .answer = "badAlg protect.algorithm-not-supported",
       .after =
           [](PKIMessage& m) {
             m.header.protection_alg->algorithm = der::Oid::of("1.3.6.1.4.1.99999.1");
           }},
      {.sentence = "the senderKID of nobody",
       .answer = "badMessageCheck protect.mac-mismatch",
       .after = [](PKIMessage& m) { m.header.sender_kid = to_bytes("nobody"); },
       .signed_answer = "badMessageCheck protect.certificate-missing"},
      {.sentence = "a messageTime of yesterday",
       .answer = "badTime protect.time-window",
       .late = Seconds{-86400}},
      {.sentence = "a messageTime of tomorrow",
       .answer = "badTime protect.time-window",
       .late = Seconds{86400}},
  };
  return all;
}

constexpr BodyType kTypes[] = {BodyType::ir, BodyType::cr,   BodyType::kur,      BodyType::p10cr,
                               BodyType::rr, BodyType::genm, BodyType::certConf, BodyType::pollReq};

bool is_first(BodyType type) { return type != BodyType::certConf && type != BodyType::pollReq; }

class HeaderFaults : public Nested {
 protected:
  HeaderFaults() {
    host_.change([](auto& profile) { profile.protection.time_window = Seconds{300}; });
    device_ = certificate({.subject = "CN=device-7",
                           .issuer = "CN=CA of RAs",
                           .spki = spki("p256"),
                           .signed_by = "p521"});
  }

  static message::PKIBody body(BodyType type) {
    switch (type) {
      case BodyType::p10cr:
        return {type, csr()};
      case BodyType::rr: {
        message::RevDetails details;
        details.cert_details.issuer = authority().issuing.subject;
        details.cert_details.serial_number = Bytes{1};
        return {type, message::RevReqContent{details}};
      }
      case BodyType::genm:
        return {type, message::InfoMsgContent{}};
      case BodyType::certConf:
        return {type, message::CertConfirmContent{{Bytes(32, 1), RequestId{0}, {}, {}}}};
      case BodyType::pollReq:
        return {type, message::PollReqContent{{RequestId{0}}}};
      default:
        return {type, crmf::CertReqMessages{Device::request(0, "CN=device-7", key_of("p256"))}};
    }
  }
  static x509::CertificationRequest csr();

  PKIMessage faulty(const Fault& fault, BodyType type, Proof proof) {
    PKIMessage m;
    m.header.transaction_id = TransactionId{nonce().octets};
    m.header.sender_nonce = nonce();
    if (!is_first(type)) m.header.recip_nonce = nonce();
    m.body = body(type);
    if (fault.before) fault.before(m);
    Credentials who;
    if (proof == Proof::signature) {
      who.mac.reset();
      who.certificate = device_;
    }
    const Bytes sealed = Device(std::move(who)).seal(std::move(m), kStart + fault.late);
    PKIMessage out = message::parse_message(sealed).value();
    if (!fault.after) return out;
    fault.after(out);
    out.header_and_body.clear();  // written anew, under the old protection
    return out;
  }
  // What its sender gets for it.
  PKIMessage answer(const PKIMessage& m, Way way) {
    if (way == Way::alone) return ask(message::encode(m));
    if (way == Way::nested) return ask(by_ra(added_to(m)));
    PKIMessage reply = ask(by_ra(outer({m, sealed(ir("CN=good"))})));
    EXPECT_EQ(reply.body.type, BodyType::nested) << said(reply);
    if (reply.body.type != BodyType::nested) return reply;
    EXPECT_EQ(inside(reply).size(), 2u);
    EXPECT_EQ(said(inside(reply).back()), "ip") << "the other one of the batch is none the worse";
    return inside(reply).front();
  }

  x509::Certificate device_;
};

x509::CertificationRequest HeaderFaults::csr() {
  const auto& key = key_of("p256");
  const auto algorithm = key.default_signature_algorithm();
  const Bytes info = x509::encode_csr_info(x509::name_from_text("CN=device-7").value(),
                                           key.public_key().spki(), {});
  const Bytes signature = crypto::sign(key, algorithm, info).value();
  return x509::parse_csr(x509::join_signed(info, algorithm, signature)).value();
}

std::string expected(const Fault& fault, Proof proof, Way way) {
  if (way == Way::nested && *fault.nested_answer != 0) return fault.nested_answer;
  if (proof == Proof::signature && *fault.signed_answer != 0) return fault.signed_answer;
  return fault.answer;
}

// RFC 9810 §7: unsupportedVersion names the nearest version that is supported
std::int64_t expected_version(std::int64_t asked) { return std::clamp<std::int64_t>(asked, 2, 3); }

TEST_F(HeaderFaults, are_told_whatever_is_asked_and_however_it_comes) {
  std::size_t good = 0;
  const auto check = [&](const Fault& fault, BodyType type, Proof proof, Way way) {
    const PKIMessage m = faulty(fault, type, proof);
    const PKIMessage reply = answer(m, way);
    if (way == Way::batch) ++good;
    SCOPED_TRACE(std::string(fault.sentence) + ", " + std::string(name(type)) + ", " +
                 std::string(name_of(way)) + (proof == Proof::mac ? ", by MAC" : ", by signature"));
    EXPECT_EQ(said(reply), expected(fault, proof, way));
    EXPECT_EQ(reply.header.pvno, expected_version(m.header.pvno));
    if (!m.header.transaction_id) return;
    EXPECT_EQ(reply.header.transaction_id, m.header.transaction_id);
  };
  for (const Fault& fault : faults()) {
    for (const BodyType type : kTypes) {
      if (is_first(type) ? fault.follow_ups_only : fault.first_messages_only) continue;
      for (const Proof proof : kProofs)
        for (const Way way : kWays) check(fault, type, proof, way);
    }
  }
  EXPECT_EQ(certificates(), good) << "of the good ones alone";
}

TEST_F(HeaderFaults, are_all_that_is_wrong_with_these_messages) {
  const std::map<BodyType, std::string> right = {{BodyType::ir, "ip"},   {BodyType::cr, "cp"},
                                                 {BodyType::kur, "kup"}, {BodyType::p10cr, "cp"},
                                                 {BodyType::rr, "rp"},   {BodyType::genm, "genp"}};
  for (const auto& [type, response] : right)
    for (const Proof proof : kProofs)
      for (const Way way : kWays)
        EXPECT_EQ(said(answer(faulty({"none", ""}, type, proof), way)), response)
            << name(type) << " " << name_of(way);
}

}  // namespace
}  // namespace countersign::test
