#include <gmock/gmock.h>

#include "message/body_table.h"
#include "message/info_type.h"
#include "support/vectors.h"

namespace countersign::message {
namespace {

using testing::ElementsAre;

PKIMessage vector_message(std::string_view name) {
  auto message = parse_message(test::vector_named("message", name));
  if (!message) throw std::runtime_error(message.error().reply_text);
  return *std::move(message);
}

template <class Content>
Content content_of(std::string_view name) {
  return std::get<Content>(vector_message(name).body.content);
}

x509::Name named(std::string_view cn) { return x509::common_name(cn); }

TEST(PkiMessage, HasItsHeaderFieldByField) {
  const PKIHeader header = vector_message("genm_every_type").header;
  EXPECT_EQ(header.pvno, 2);
  EXPECT_EQ(header.sender, x509::directory_name(named("sender")));
  EXPECT_EQ(header.recipient, x509::dns_name("ca.example"));
  EXPECT_EQ(header.message_time, from_iso("2026-11-21T09:45:17Z"));
  EXPECT_EQ(header.protection_alg->algorithm.dotted(), "1.2.840.113549.2.9");
  EXPECT_EQ(header.protection_alg->parameters, (Bytes{0x05, 0x00}));
  EXPECT_EQ(header.sender_kid, to_bytes("ref-1"));
  EXPECT_EQ(header.recip_kid, to_bytes("kid"));
  EXPECT_EQ(header.transaction_id, (TransactionId{Bytes(16, 3)}));
  EXPECT_EQ(header.sender_nonce, (Nonce{Bytes(16, 4)}));
  EXPECT_EQ(header.recip_nonce, (Nonce{Bytes(16, 5)}));
  EXPECT_THAT(header.free_text, ElementsAre("de", "grüße"));
  ASSERT_EQ(header.general_info.size(), 6U);
  EXPECT_NE(find(header.general_info, it::implicitConfirm), nullptr);
  EXPECT_EQ(find(header.general_info, it::caCerts), nullptr);
}

TEST(PkiMessage, HasItsResponsesFieldByField) {
  const auto ip = content_of<CertRepMessage>("ip_every_field");
  EXPECT_EQ(ip.ca_pubs.size(), 1U);
  ASSERT_EQ(ip.response.size(), 7U);
  const CertResponse& first = ip.response[0];
  EXPECT_EQ(first.status.status, PKIStatus::grantedWithMods);
  EXPECT_THAT(first.status.status_string, ElementsAre("changed"));
  EXPECT_EQ(first.rsp_info, to_bytes("info"));
  EXPECT_TRUE(std::holds_alternative<CMPCertificate>(first.certified_key_pair->cert_or_enc_cert));
  EXPECT_TRUE(std::holds_alternative<crmf::EnvelopedData>(*first.certified_key_pair->private_key));
  EXPECT_EQ(first.certified_key_pair->publication_info->action, 0);
  EXPECT_TRUE(
      std::holds_alternative<EncryptedCert>(ip.response[1].certified_key_pair->cert_or_enc_cert));
  EXPECT_THAT(failures(*ip.response[3].status.fail_info), ElementsAre(Failure::badSenderNonce));
  EXPECT_EQ(ip.response[4].status.status, PKIStatus::waiting);
  EXPECT_EQ(ip.response[6].cert_req_id, RequestId{6});
}

TEST(PkiMessage, HasItsOtherBodiesFieldByField) {
  const auto confirmed = content_of<CertConfirmContent>("certConf_every_field");
  EXPECT_EQ(confirmed[1].cert_req_id, kWholeMessage);
  EXPECT_EQ(confirmed[1].status_info->status, PKIStatus::rejection);
  EXPECT_EQ(confirmed[1].hash_alg->algorithm.dotted(), "2.16.840.1.101.3.4.2.1");
  const auto poll = content_of<PollRepContent>("pollRep_reason");
  EXPECT_EQ(poll[0].check_after, 86400);
  EXPECT_THAT(poll[0].reason, ElementsAre("an officer must approve"));
  const auto revoked = content_of<RevAnnContent>("rann");
  EXPECT_EQ(revoked.bad_since_date, from_iso("2026-11-20T23:59:59Z"));
  EXPECT_EQ(revoked.crl_details.size(), 1U);
  const auto update = content_of<CAKeyUpdContent>("ckuann_v3");
  EXPECT_TRUE(std::get<RootCaKeyUpdateContent>(update).old_with_new);
  const auto challenge = content_of<POPODecKeyChallContent>("popdecc_v3");
  EXPECT_EQ(challenge[0].encrypted_rand->der[0], 0x30);
  const auto error = content_of<ErrorMsgContent>("error_every_field");
  EXPECT_EQ(to_hex(*error.error_code), "0100000000000000000000");
  EXPECT_THAT(error.error_details, ElementsAre("protect.mac-mismatch"));
}

TEST(PkiMessage, KeepsWhatWasProtectedAsItArrived) {
  const Bytes octets = test::vector_named("message", "nested_batch");
  const PKIMessage message = *parse_message(octets);
  EXPECT_TRUE(std::ranges::search(octets, message.header_and_body));
  const auto& inner = std::get<NestedMessageContent>(message.body.content).messages;
  ASSERT_EQ(inner.size(), 2U);
  EXPECT_EQ(inner[0].body.type, BodyType::ir);
  EXPECT_EQ(inner[1].body.type, BodyType::nested);
  for (const PKIMessage& m : inner) {
    EXPECT_FALSE(m.header_and_body.empty());
    EXPECT_FALSE(std::ranges::search(octets, m.header_and_body).empty());
    EXPECT_EQ(encode_header_and_body(m), m.header_and_body);
  }
}

TEST(PkiMessage, ProtectsASequenceOfHeaderAndBody) {
  PKIMessage message = vector_message("pkiconf_bare");
  const Bytes expected = protected_part(View(message.header_and_body));
  EXPECT_EQ(expected[0], 0x30);
  EXPECT_EQ(expected.size(), message.header_and_body.size() + 2);
  EXPECT_EQ(protected_part(message), expected);
  message.header_and_body.clear();
  EXPECT_EQ(protected_part(message), expected);
}

TEST(PkiMessage, ThatWasBuiltParsesToTheSame) {
  PKIMessage built;
  built.header.sender_nonce = Nonce{Bytes(16, 7)};
  built.header.general_info = {make_info(it::implicitConfirm, NullValue{})};
  built.body = {BodyType::certConf, CertConfirmContent{{Bytes(32, 1), RequestId{0}, {}, {}}}};
  built.extra_certs = {{0x30, 0x00}};
  const auto parsed = parse_message(encode(built));
  ASSERT_TRUE(parsed) << parsed.error().reply_text;
  EXPECT_EQ(parsed->header, built.header);
  EXPECT_EQ(parsed->extra_certs, built.extra_certs);
  EXPECT_EQ(parsed->header_and_body, encode_header_and_body(built));
  EXPECT_EQ(std::get<CertConfirmContent>(parsed->body.content),
            std::get<CertConfirmContent>(built.body.content));
}

TEST(PkiMessage, HasANameForEveryBody) {
  EXPECT_EQ(name(BodyType::ir), "ir");
  EXPECT_EQ(name(BodyType::certConf), "certConf");
  EXPECT_EQ(name(BodyType::pollRep), "pollRep");
  for (const BodyRow& row : kBodyTable) EXPECT_TRUE(row.section.starts_with("RFC 9810 §5."));
}

TEST(SalvagedHeader, IsThereWhenTheBodyIsBroken) {
  const PKIMessage whole = vector_message("popdecr");
  Bytes octets = encode(whole);
  octets.back() ^= 0xff;
  octets[octets.size() - 20] ^= 0xff;
  const auto header = salvage_header(octets);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->transaction_id, whole.header.transaction_id);
}

TEST(SalvagedHeader, EndsAtTheFirstFaultInTheHeader) {
  Bytes octets = encode(vector_message("genm_every_type"));
  const Bytes nonce(16, 5);  // recipNonce
  const auto at = std::ranges::search(octets, nonce).begin();
  *(at - 2) = 0x02;  // no longer an OCTET STRING
  const auto header = salvage_header(octets);
  ASSERT_TRUE(header);
  EXPECT_TRUE(header->transaction_id);
  EXPECT_TRUE(header->sender_nonce);
  EXPECT_FALSE(header->recip_nonce);
  EXPECT_TRUE(header->general_info.empty());
}

TEST(SalvagedHeader, IsNotMadeUp) {
  EXPECT_FALSE(salvage_header({}));
  EXPECT_FALSE(salvage_header(Bytes{0x30}));
  EXPECT_FALSE(salvage_header(Bytes{0x30, 0x80}));
  EXPECT_FALSE(salvage_header(Bytes{0x30, 0xff, 0x00}));
  EXPECT_FALSE(salvage_header(to_bytes("GET / HTTP/1.1\r\n")));
}

}  // namespace
}  // namespace countersign::message
