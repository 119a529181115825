// What is refused, with which code, at which path and offset.
#include <gtest/gtest.h>

#include <optional>

#include "message/message.h"

namespace countersign::message {
namespace {

// Octets under construction, and where in them the fault is expected.
struct Piece {
  Bytes octets;
  std::optional<std::size_t> mark;
};

Piece hex(std::string_view digits) {
  Piece out;
  EXPECT_TRUE(from_hex(digits, out.octets)) << digits;
  return out;
}
// The fault is reported at the first octet of this.
Piece bad(Piece piece) {
  piece.mark = 0;
  return piece;
}
Piece bad(std::string_view digits) { return bad(hex(digits)); }

void add(Piece& to, const Piece& more) {
  if (more.mark) to.mark = to.octets.size() + *more.mark;
  append(to.octets, more.octets);
}
void add(Piece& to, std::string_view digits) { add(to, hex(digits)); }

template <class... Parts>
Piece join(const Parts&... parts) {
  Piece out;
  (add(out, parts), ...);
  return out;
}

template <class... Parts>
Piece tlv(Byte tag, const Parts&... parts) {
  const Piece content = join(parts...);
  const std::size_t size = content.octets.size();
  Piece out{{tag}, {}};
  if (size >= 0x100) {
    append(out.octets, Bytes{0x82, static_cast<Byte>(size >> 8), static_cast<Byte>(size)});
  } else {
    if (size >= 0x80) out.octets.push_back(0x81);
    out.octets.push_back(static_cast<Byte>(size));
  }
  add(out, content);
  return out;
}
template <class... Parts>
Piece seq(const Parts&... parts) {
  return tlv(0x30, parts...);
}
template <class... Parts>
Piece ex(unsigned n, const Parts&... parts) {
  return tlv(static_cast<Byte>(0xa0 | n), parts...);
}

const Piece kNullDn = hex("a4023000");
const Piece kParties = join("020102", kNullDn, kNullDn);
const Piece kHeader = seq(kParties);
const Piece kConfirm = ex(19, "0500");
const Piece kAlgorithm = hex("300b0609608648016503040201");

template <class... Parts>
Piece header(const Parts&... parts) {
  return seq(seq(kParties, parts...), kConfirm);
}
template <class... Parts>
Piece body(BodyType type, const Parts&... parts) {
  return seq(kHeader, ex(static_cast<unsigned>(type), parts...));
}
// An ir with one CertReqMsg: this template, and what follows the certReq.
template <class... Parts>
Piece ir(const Piece& fields, const Parts&... after) {
  return body(BodyType::ir, seq(seq(seq("020100", seq(fields)), after...)));
}
Piece status(const Piece& info) { return body(BodyType::ip, seq(seq(seq("020100", info)))); }

struct Case {
  std::string_view what;
  Piece input;
  std::string_view code;
  std::string_view path;
  der::Limits limits = {};
  Failure failure = Failure::badDataFormat;
};

void expect_refused(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    const auto message = parse_message(c.input.octets, c.limits);
    ASSERT_FALSE(message);
    EXPECT_EQ(message.error().code, c.code);
    EXPECT_EQ(message.error().failure, c.failure);
    const std::string where = std::string(c.path) + " at " + std::to_string(c.input.mark.value());
    EXPECT_EQ(message.error().reply_text.substr(0, where.size() + 1), where + ":")
        << message.error().reply_text;
  }
}

TEST(MalformedMessage, IsRefusedForItsOutsideForm) {
  expect_refused({
      {"no octets at all", bad(""), "der.truncated", "message"},
      {"octets after the message", join(seq(kHeader, kConfirm), bad("00")), "der.trailing",
       "message"},
      {"an indefinite length", join("30", bad("80"), kHeader, kConfirm, "0000"), "der.length-form",
       "message"},
      {"a length in more octets than needed", join("30", bad("811a"), kHeader, kConfirm),
       "der.length-form", "message"},
      {"a length of five octets", join("30", bad("850000000001"), "00"), "der.length-form",
       "message"},
      {"a length past the end", join(bad("3010"), kHeader), "der.truncated", "message"},
      {"a SET instead of a SEQUENCE", bad(tlv(0x31, kHeader, kConfirm)), "der.tag", "message"},
      {"no body", seq(kHeader, bad("")), "der.truncated", "body"},
      {"a body that is not tagged",
       seq(kHeader, bad("0500")),
       "der.unsupported",
       "body",
       {},
       Failure::badRequest},
      {"a body type that is not assigned",
       seq(kHeader, bad("bb020500")),
       "der.unsupported",
       "body",
       {},
       Failure::badRequest},
      {"two values in one body", body(BodyType::pkiconf, "0500", bad("0500")), "der.trailing",
       "body.pkiconf"},
      {"fields after the last", seq(kHeader, kConfirm, bad("0500")), "der.trailing", "message"},
      {"protection that is no BIT STRING", seq(kHeader, kConfirm, ex(0, bad("040100"))), "der.tag",
       "protection"},
      {"protection with nine unused bits", seq(kHeader, kConfirm, ex(0, bad("03020900"))),
       "der.bit-string", "protection"},
      {"an empty list of extraCerts", seq(kHeader, kConfirm, ex(1, seq(bad("")))), "der.empty",
       "extraCerts"},
      {"extraCerts that are no certificates",
       seq(kHeader, kConfirm, ex(1, seq("3000", bad("0500")))), "der.tag", "extraCerts[1]"},
      {"extraCerts before the protection",
       seq(kHeader, kConfirm, ex(1, seq("3000")), bad(ex(0, "030100"))), "der.trailing", "message"},
      {"more octets than allowed",
       bad(seq(kHeader, kConfirm)),
       "der.too-large",
       "message",
       {.bytes = 10}},
  });
}

TEST(MalformedMessage, IsRefusedForItsHeader) {
  const Piece info = hex("300506032a0304");
  expect_refused({
      {"pvno not in its shortest form", seq(seq(bad("02020002"), kNullDn, kNullDn), kConfirm),
       "der.integer", "header.pvno"},
      {"pvno missing", seq(seq(bad(kNullDn), kNullDn), kConfirm), "der.tag", "header.pvno"},
      {"a sender that is no GeneralName", seq(seq("020102", bad("3000"), kNullDn), kConfirm),
       "der.tag", "header.sender"},
      {"a fraction of a second that ends in 0",
       header(ex(0, bad("181232303236313132313039343531372e35305a"))), "der.time-format",
       "header.messageTime"},
      {"a fraction without digits", header(ex(0, bad("181032303236313132313039343531372e5a"))),
       "der.time-format", "header.messageTime"},
      {"a fraction with a letter", header(ex(0, bad("181132303236313132313039343531372e785a"))),
       "der.time-format", "header.messageTime"},
      {"a fraction of a comma", header(ex(0, bad("181132303236313132313039343531372c355a"))),
       "der.time-format", "header.messageTime"},
      {"a fraction without a Z", header(ex(0, bad("181032303236313132313039343531372e35"))),
       "der.time-format", "header.messageTime"},
      {"a time zone", header(ex(0, bad("181332303236313132313039343531372b30313030"))),
       "der.time-format", "header.messageTime"},
      {"a day that does not exist", header(ex(0, bad("180f32303236303233303030303030305a"))),
       "der.time-format", "header.messageTime"},
      {"UTCTime", header(ex(0, bad("170d3236313132313039343531375a"))), "der.tag",
       "header.messageTime"},
      {"an implicit tag on protectionAlg", header(ex(1, bad("0603550403"))), "der.tag",
       "header.protectionAlg"},
      {"parameters that are no DER", header(ex(1, seq("0603550403", bad("010101")))), "der.boolean",
       "header.protectionAlg.parameters"},
      {"two values under one tag", header(ex(4, "040101", bad("0400"))), "der.trailing",
       "header.transactionID"},
      {"a constructed OCTET STRING", header(ex(4, bad("2403040101"))), "der.tag",
       "header.transactionID"},
      {"fields in another order", header(ex(5, "040101"), bad(ex(4, "040101"))), "der.trailing",
       "header"},
      {"a field twice", header(ex(5, "040101"), bad(ex(5, "040101"))), "der.trailing", "header"},
      {"empty freeText", header(ex(7, seq(bad("")))), "der.empty", "header.freeText"},
      {"freeText that is no UTF-8", header(ex(7, seq("0c00", bad("0c01ff")))), "der.string",
       "header.freeText[1]"},
      {"empty generalInfo", header(ex(8, seq(bad("")))), "der.empty", "header.generalInfo"},
      {"an infoType cut off", header(ex(8, seq(info, seq(bad("06022a83"))))), "der.oid",
       "header.generalInfo[1].infoType"},
      {"an infoValue that is no DER",
       header(ex(8, seq(info, seq("06032a0304", seq("0500", bad("2403040100")))))), "der.tag",
       "header.generalInfo[1].infoValue"},
      {"an infoValue with an end of contents", header(ex(8, seq(seq("06032a0304", bad("0000"))))),
       "der.tag", "header.generalInfo[0].infoValue"},
      {"a high tag number", header(ex(8, seq(seq("06032a0304", bad("9f8101017f"))))), "der.tag",
       "header.generalInfo[0].infoValue"},
      {"two infoValues", header(ex(8, seq(seq("06032a0304", "0500", bad("0500"))))), "der.trailing",
       "header.generalInfo[0]"},
      {"more items than allowed",
       header(ex(8, seq(info, info, bad(info)))),
       "der.too-many",
       "header.generalInfo",
       {.items = 2}},
  });
}

TEST(MalformedMessage, IsRefusedForItsRequest) {
  const Piece none = hex("");
  const Piece wrong_time = hex("180d32303236313132313030303030305a");
  expect_refused({
      {"no CertReqMsg", body(BodyType::ir, seq(bad(""))), "der.empty", "body.ir"},
      {"certReqId of nine octets",
       body(BodyType::cr, seq(seq(seq("0209", bad("010000000000000000"), "3000")))),
       "der.integer-range", "body.cr[0].certReq.certReqId"},
      {"a validity without dates", ir(ex(4, bad(""))), "der.empty",
       "body.ir[0].certReq.certTemplate.validity"},
      {"a date without seconds", ir(ex(4, ex(0, bad("170b323631313231303030305a")))),
       "der.time-format", "body.ir[0].certReq.certTemplate.validity.notBefore"},
      {"a date under an implicit tag", ir(ex(4, bad("810d3236313132313030303030305a"))),
       "der.trailing", "body.ir[0].certReq.certTemplate.validity"},
      {"an issuer under an implicit tag", ir(ex(3, bad("310b3009060355040313026161"))), "der.tag",
       "body.ir[0].certReq.certTemplate.issuer"},
      {"a serialNumber without octets", ir(bad("8100")), "der.integer",
       "body.ir[0].certReq.certTemplate.serialNumber"},
      {"a publicKey without its bits", ir(ex(6, kAlgorithm, bad(""))), "der.truncated",
       "body.ir[0].certReq.certTemplate.publicKey.subjectPublicKey"},
      {"critical FALSE written out", ir(ex(9, seq("0603551d0f", bad("010100"), "0400"))),
       "der.value", "body.ir[0].certReq.certTemplate.extensions[0].critical"},
      {"an extension twice", ir(ex(9, seq("0603551d0f", "0400"), bad(seq("0603551d0f", "0400")))),
       "der.duplicate", "body.ir[0].certReq.certTemplate.extensions[1]"},
      {"no extensions in the list", ir(ex(9, bad(""))), "der.empty",
       "body.ir[0].certReq.certTemplate.extensions"},
      {"no controls in the list",
       body(BodyType::kur, seq(seq(seq("020100", "3000", seq(bad("")))))), "der.empty",
       "body.kur[0].certReq.controls"},
      {"a control without a value",
       body(BodyType::kur, seq(seq(seq("020100", "3000", seq(seq("06032a0304", bad(""))))))),
       "der.truncated", "body.kur[0].certReq.controls[0].value"},
      {"a regInfo value that is no DER", ir(none, seq(seq("06032a0304", bad("0c01c0")))),
       "der.string", "body.ir[0].regInfo[0].value"},
      {"a proof of possession of no known kind", ir(none, bad("a4023000")), "der.tag",
       "body.ir[0].regInfo"},
      {"raVerified that is not empty", ir(none, join("8001", bad("00"))), "der.trailing",
       "body.ir[0].popo.raVerified"},
      {"a subsequentMessage that is not assigned", ir(none, ex(2, bad("810102"))), "der.value",
       "body.ir[0].popo.keyEncipherment.subsequentMessage"},
      {"a POPOPrivKey of no known kind", ir(none, ex(3, bad("a500"))), "der.tag",
       "body.ir[0].popo.keyAgreement.encryptedKey"},
      {"an EnvelopedData that is no DER", ir(none, ex(2, ex(4, "02010030", bad("80")))),
       "der.length-form", "body.ir[0].popo.keyEncipherment.encryptedKey"},
      {"a signature with bits that do not count", ir(none, ex(1, kAlgorithm, bad("03020101"))),
       "der.bit-string", "body.ir[0].popo.signature.signature"},
      {"authInfo that is neither choice", ir(none, ex(1, ex(0, bad(kNullDn)))), "der.tag",
       "body.ir[0].popo.signature.poposkInput.authInfo.publicKeyMAC"},
      {"the second request of two",
       body(BodyType::ir, seq(seq(seq("020100", "3000")), seq(seq("020101", bad("3100"))))),
       "der.tag", "body.ir[1].certReq.certTemplate"},
      {"too many requests",
       body(BodyType::ir, seq(seq(seq("020100", "3000")), bad(seq(seq("020101", "3000"))))),
       "der.too-many",
       "body.ir",
       {.items = 1}},
      {"a p10cr that is no CertificationRequest", body(BodyType::p10cr, bad("0500")), "der.tag",
       "body.p10cr"},
      {"crlEntryDetails without entries", body(BodyType::rr, seq(seq("3000", seq(bad(""))))),
       "der.empty", "body.rr[0].crlEntryDetails"},
      {"willBeRevokedAt that does not exist",
       body(BodyType::rann, seq("020105", seq(kNullDn, "020101"), bad(wrong_time), wrong_time)),
       "der.time-format", "body.rann.willBeRevokedAt"},
  });
}

TEST(MalformedMessage, IsRefusedForItsResponse) {
  const std::string_view outside = "body.ip.response[0].status";
  const std::string status_path = std::string(outside) + ".status";
  const std::string text_path = std::string(outside) + ".statusString";
  const std::string fail_path = std::string(outside) + ".failInfo";
  expect_refused({
      {"a status that is not assigned", status(seq(bad("020107"))), "der.value", status_path},
      {"a negative status", status(seq(bad("0201ff"))), "der.value", status_path},
      {"an empty statusString", status(seq("020102", seq(bad("")))), "der.empty", text_path},
      {"failInfo with a trailing zero bit", status(seq("020102", bad("03020620"))),
       "der.bit-string", fail_path},
      {"failInfo with a trailing zero octet", status(seq("020102", bad("0303008000"))),
       "der.bit-string", fail_path},
      {"failInfo with unused bits set", status(seq("020102", bad("03020660"))), "der.bit-string",
       fail_path},
      {"failInfo before statusString", status(seq("020102", "03020520", bad(seq("0c0161")))),
       "der.trailing", outside},
      {"empty caPubs", body(BodyType::ip, seq(ex(1, seq(bad(""))), "3000")), "der.empty",
       "body.ip.caPubs"},
      {"neither certificate nor encryptedCert",
       body(BodyType::cp, seq(seq(seq("020100", seq("020100"), seq(bad("a2023000")))))), "der.tag",
       "body.cp.response[0].certifiedKeyPair.certOrEncCert.certificate"},
      {"an EnvelopedData that is no DER",
       body(BodyType::kup, seq(seq(seq("020100", seq("020100"),
                                       seq(ex(0, "3000"), ex(0, ex(0, bad("01020000")))))))),
       "der.boolean", "body.kup.response[0].certifiedKeyPair.privateKey.envelopedData"},
      {"no pubInfos in the list",
       body(BodyType::kup, seq(seq(seq("020100", seq("020100"),
                                       seq(ex(0, "3000"), ex(1, seq("020101", seq(bad(""))))))))),
       "der.empty", "body.kup.response[0].certifiedKeyPair.publicationInfo.pubInfos"},
      {"no status in an rp", body(BodyType::rp, seq(seq(bad("")))), "der.empty", "body.rp.status"},
      {"no CRL in an rp", body(BodyType::rp, seq(seq(seq("020100")), ex(1, seq(bad(""))))),
       "der.empty", "body.rp.crls"},
      {"an empty key history", body(BodyType::krp, seq(seq("020100"), ex(2, seq(bad(""))))),
       "der.empty", "body.krp.keyPairHist"},
      {"a certHash that is no OCTET STRING",
       body(BodyType::certConf, seq(seq("0400", "020100"), seq(bad("020100"), "020100"))),
       "der.tag", "body.certConf[1].certHash"},
      {"hashAlg before statusInfo",
       body(BodyType::certConf, seq(seq("0400", "020100", ex(0, kAlgorithm), bad(seq("020102"))))),
       "der.trailing", "body.certConf[0]"},
      {"checkAfter of nine octets",
       body(BodyType::pollRep, seq(seq("020100", "0209", bad("010000000000000000")))),
       "der.integer-range", "body.pollRep[0].checkAfter"},
      {"a popdecr without an integer", body(BodyType::popdecr, seq("020100", bad("0200"))),
       "der.integer", "body.popdecr[1]"},
      {"an owf that is no algorithm",
       body(BodyType::popdecc, seq(seq(seq(bad("0500")), "0400", "0400"))), "der.tag",
       "body.popdecc[0].owf.algorithm"},
      {"a ckuann of two certificates", body(BodyType::ckuann, seq("3000", "3000", bad(""))),
       "der.truncated", "body.ckuann.cAKeyUpdAnnV2.newWithNew"},
      {"a CRL that is none", body(BodyType::crlann, seq(bad("0500"))), "der.tag", "body.crlann[0]"},
      {"errorDetails that are no text", body(BodyType::error, seq(seq("020102"), bad("0c0161"))),
       "der.tag", "body.error.errorDetails"},
      {"a pkiconf that is not NULL", body(BodyType::pkiconf, bad("3000")), "der.tag",
       "body.pkiconf"},
  });
}

Piece nested(unsigned levels, const Piece& innermost) {
  Piece out = innermost;
  for (unsigned i = 0; i < levels; ++i) out = body(BodyType::nested, seq(out));
  return out;
}

TEST(MalformedMessage, IsRefusedForWhatIsNestedInIt) {
  expect_refused({
      {"nothing nested", nested(1, bad("")), "der.empty", "body.nested"},
      {"a fault one level down", nested(1, seq(kHeader, ex(19, bad("0501")))), "der.truncated",
       "body.nested[0].body.pkiconf"},
      {"a fault two levels down", nested(2, seq(seq(bad("3000")), kConfirm)), "der.tag",
       "body.nested[0].body.nested[0].header.pvno"},
  });
}

// Each level opens three TLVs: the message, its body and the list.
TEST(MalformedMessage, IsRefusedWhenNestedTooDeep) {
  const Piece innermost = seq(kHeader, kConfirm);
  EXPECT_TRUE(parse_message(nested(12, innermost).octets));
  const auto refused = parse_message(nested(14, innermost).octets);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "der.too-deep");
  EXPECT_TRUE(parse_message(nested(1, innermost).octets, {.depth = 7}));
  EXPECT_FALSE(parse_message(nested(1, innermost).octets, {.depth = 4}));
}

TEST(MalformedMessage, IsRefusedWhenAKeptValueIsTooDeep) {
  Piece value = hex("0500");
  for (int i = 0; i < 36; ++i) value = seq(value);
  const auto refused = parse_message(header(ex(8, seq(seq("06032a0304", value)))).octets);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "der.too-deep");
  EXPECT_EQ(refused.error().reply_text.substr(0, 34), "header.generalInfo[0].infoValue at");
}

// X.690 §11.7: DER allows a fraction, and peers send one.
TEST(MessageTime, KeepsItsFraction) {
  for (const std::string fraction : {"", "5", "123", "000001"}) {
    PKIMessage m;
    m.header.message_time = from_iso("2026-11-21T09:45:17Z");
    m.header.message_time_fraction = fraction;
    m.body = {BodyType::pkiconf, PKIConfirmContent{}};
    const Bytes der = encode(m);
    const auto back = parse_message(der);
    ASSERT_TRUE(back) << fraction << back.error().reply_text;
    EXPECT_EQ(back->header.message_time, m.header.message_time);
    EXPECT_EQ(back->header.message_time_fraction, fraction);
    EXPECT_EQ(encode(*back), der);
  }
}

}  // namespace
}  // namespace countersign::message
