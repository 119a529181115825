#include "message/info_type.h"

#include <gmock/gmock.h>

#include "support/vectors.h"

namespace countersign::message {
namespace {

using testing::ElementsAre;

std::vector<InfoTypeAndValue> items_of(std::string_view vector) {
  auto message = parse_message(test::vector_named("message", vector));
  if (!message) throw std::runtime_error(message.error().reply_text);
  auto items = message->header.general_info;
  const auto& more = std::get<InfoMsgContent>(message->body.content).items;
  items.insert(items.end(), more.begin(), more.end());
  return items;
}

template <class Value>
Value value_of(std::string_view vector, const der::Oid& type) {
  const auto items = items_of(vector);
  const auto value = decode(*find(items, type));
  if (!value) throw std::runtime_error(value.error().reply_text);
  return std::get<Value>(*value);
}
constexpr std::string_view kRequest = "genm_every_type";
constexpr std::string_view kAnswer = "genp_every_type";

TEST(InfoValue, HasTheShapeOfItsType) {
  value_of<NullValue>(kRequest, it::implicitConfirm);
  EXPECT_EQ(value_of<Time>(kRequest, it::confirmWaitTime), from_iso("2026-11-21T10:00:00Z"));
  EXPECT_EQ(value_of<OrigMessages>(kRequest, it::origPKIMessage).messages[0].body.type,
            BodyType::ir);
  EXPECT_THAT(value_of<Texts>(kRequest, it::certProfile).texts, ElementsAre("tls", ""));
  EXPECT_EQ(value_of<KemCiphertextInfo>(kRequest, it::kemCiphertextInfo).ct, Bytes(40, 0xc7));
  EXPECT_EQ(value_of<der::Oid>(kRequest, it::keyPairParamReq).dotted(), "1.2.840.10040.4.1");
  EXPECT_TRUE(std::holds_alternative<crmf::EnvelopedData>(
      value_of<crmf::EncryptedKey>(kRequest, it::revPassphrase)));
  EXPECT_TRUE(std::holds_alternative<crmf::EncryptedValue>(
      value_of<crmf::EncryptedKey>(kAnswer, it::revPassphrase)));
  EXPECT_EQ(value_of<Algorithms>(kAnswer, it::signKeyPairTypes).algorithms.size(), 2U);
  EXPECT_EQ(value_of<Oids>(kAnswer, it::unsupportedOIDs).oids[1].dotted(), "2.999.1");
  EXPECT_EQ(value_of<Certificates>(kAnswer, it::caCerts).certificates.size(), 2U);
  EXPECT_EQ(value_of<Crls>(kAnswer, it::crls).crls.size(), 1U);
  EXPECT_FALSE(value_of<RootCaKeyUpdateContent>(kAnswer, it::rootCaKeyUpdate).old_with_new);
}

TEST(InfoValue, OfCrlStatusListHasEverySource) {
  const auto statuses = value_of<CrlStatuses>(kRequest, it::crlStatusList).statuses;
  ASSERT_EQ(statuses.size(), 3U);
  EXPECT_EQ(std::get<CRLStatus::DistributionPointName>(statuses[0].source).der[0], 0xa0);
  EXPECT_FALSE(statuses[0].this_update->generalized);
  EXPECT_EQ(std::get<std::vector<x509::GeneralName>>(statuses[1].source).size(), 1U);
  EXPECT_FALSE(statuses[1].this_update);
  EXPECT_EQ(std::get<CRLStatus::DistributionPointName>(statuses[2].source).der[0], 0xa1);
  EXPECT_TRUE(statuses[2].this_update->generalized);
}

TEST(InfoValue, OfCertReqTemplateMayLeaveTheNameForTheAskerToFillIn) {
  const auto content = value_of<CertReqTemplateContent>(kAnswer, it::certReqTemplate);
  EXPECT_TRUE(content.cert_template.subject);
  ASSERT_EQ(content.key_spec.size(), 2U);
  EXPECT_EQ(content.key_spec[1].type, crmf::oids::rsa_key_len);
}

TEST(InfoValue, MayBeAbsentForEveryType) {
  for (const InfoType& type : kInfoTypes) {
    const auto value = decode({type.id, {}});
    ASSERT_TRUE(value) << type.name;
    EXPECT_TRUE(std::holds_alternative<Absent>(*value)) << type.name;
    EXPECT_EQ(make_info(type.id, *value), (InfoTypeAndValue{type.id, {}}));
  }
}

TEST(InfoValue, OfAnUnknownTypeIsLeftToTheCaller) {
  const auto value = decode({der::Oid::of("1.2.3.4"), {0x05, 0x00}});
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().code, "message.unknown-info-type");
  EXPECT_EQ(value.error().failure, Failure::badRequest);
}

struct Malformed {
  std::string_view what;
  der::Oid type;
  std::string_view hex;
  std::string_view code;
  std::string_view where;
};

TEST(InfoValue, IsRefusedWhenMalformed) {
  const Malformed cases[] = {
      {"a value that is not NULL", it::implicitConfirm, "0101ff", "der.tag",
       "implicitConfirm at 0"},
      {"two values", it::implicitConfirm, "05000500", "der.trailing", "implicitConfirm at 2"},
      {"a time with a fraction", it::confirmWaitTime, "181132303236313132313039343531372e355a",
       "der.time-format", "confirmWaitTime at 0"},
      {"no certificates", it::caCerts, "3000", "der.empty", "caCerts at 2"},
      {"a second certificate that is none", it::caCerts, "300430000500", "der.tag",
       "caCerts[1] at 4"},
      {"no algorithms", it::signKeyPairTypes, "3000", "der.empty", "signKeyPairTypes at 2"},
      {"no language tags", it::suppLangTags, "3000", "der.empty", "suppLangTags at 2"},
      {"no profile names", it::certProfile, "3000", "der.empty", "certProfile at 2"},
      {"no unsupported OIDs", it::unsupportedOIDs, "3000", "der.empty", "unsupportedOIDs at 2"},
      {"no messages", it::origPKIMessage, "3000", "der.empty", "origPKIMessage at 2"},
      {"no CRL statuses", it::crlStatusList, "3000", "der.empty", "crlStatusList at 2"},
      {"a CRL source of no known kind", it::crlStatusList, "30043002a200", "der.tag",
       "crlStatusList[0].source.dpn at 4"},
      {"a distribution point name of no known kind", it::crlStatusList, "30063004a002a200",
       "der.tag", "crlStatusList[0].source.dpn at 6"},
      {"an empty keySpec", it::certReqTemplate, "300430003000", "der.empty",
       "certReqTemplate.keySpec at 6"},
      {"a ciphertext that is missing", it::kemCiphertextInfo, "300730050603550403", "der.truncated",
       "kemCiphertextInfo.ct at 9"},
  };
  for (const Malformed& c : cases) {
    SCOPED_TRACE(c.what);
    InfoTypeAndValue item{c.type, {}};
    ASSERT_TRUE(from_hex(c.hex, item.value));
    const auto value = decode(item);
    ASSERT_FALSE(value);
    EXPECT_EQ(value.error().code, c.code);
    EXPECT_THAT(value.error().reply_text, testing::StartsWith(std::string(c.where) + ":"));
  }
}

TEST(InfoType, IsFoundByItsOid) {
  EXPECT_EQ(find_info_type(it::caCerts)->name, "caCerts");
  EXPECT_EQ(find_info_type(der::Oid::of("1.3.6.1.5.5.7.4.8")), nullptr);
}

}  // namespace
}  // namespace countersign::message
