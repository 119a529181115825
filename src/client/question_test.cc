#include "client/question.h"

#include <gtest/gtest.h>

#include "client/files.h"
#include "client/identity.h"
#include "client/inspect/body.h"
#include "client/scratch_for_test.h"
#include "crypto/sign.h"
#include "x509/certificate.h"
#include "x509/crl.h"

namespace countersign::client {
namespace {

const std::string kRoot = COUNTERSIGN_SOURCE_DIR "/tests/vectors/client/old.pem";

// As `countersign inspect` shows it, on one line; or "!" and the code.
std::string words(std::string_view text, const std::vector<Bytes>& roots = {}) {
  const auto question = question_from_text(text, roots);
  if (!question) return "!" + std::string(question.error().code);
  Page page;
  show_info(page, *question);
  std::string out;
  for (const char c : std::move(page).take())
    if (c != '\n' && c != ' ')
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  return out;
}

// RFC 9483 §4.3.4
TEST(Question, IsReadAsPeopleWriteIt) {
  struct Case {
    std::string text;
    std::string says;
  };
  const std::vector<Case> cases = {
      {"caCerts", "caCerts no value"},
      {"1.3.6.1.5.5.7.4.17", "caCerts no value"},
      {"1.3.6.1.4.1.99999.1", "1.3.6.1.4.1.99999.1 no value"},
      {"certReqTemplate", "certReqTemplate no value"},
      {"rootCaCert", "rootCaCert no value"},
      {"rootCaCert=" + kRoot, "subject CN=Root"},
      {"crlStatusList=CN=Issuing,O=Example", "source dn:CN=Issuing,O=Example"},
      {"crlStatusList=" + kRoot, "source dn:CN=Root"},
      {"suppLangTags=de,en", "text \"de\" text \"en\""},
      {"keyPairParamReq=p256", "OID 1.2.840.10045.2.1"},
      {"keyPairParamReq=1.2.840.10040.4.1", "OID 1.2.840.10040.4.1"},
      {"caCerts=x", "!client.usage"},
      {"caCertz", "!client.usage"},
      {"suppLangTags=,", "!client.usage"},
      {"suppLangTags", "!client.usage"},
      {"keyPairParamReq", "!client.usage"},
      {"keyPairParamReq=rot13", "!client.usage"},
      {"crlStatusList", "!client.usage"},
      {"crlStatusList=nonsense", "!client.usage"},
      {"rootCaCert=/nowhere/root.pem", "!client.file-missing"},
  };
  for (const Case& c : cases)
    EXPECT_NE(words(c.text).find(c.says), std::string::npos) << c.text << ": " << words(c.text);
}

// RFC 9810 §5.3.19.15 [SHOULD]
TEST(Question, AboutTheRootNamesTheKnownOne) {
  const auto roots = load_anchor_list(kRoot).value();
  EXPECT_NE(words("rootCaCert", roots).find("subject CN=Root"), std::string::npos);
}

using message::InfoTypeAndValue;
namespace it = message::it;

// A CRL by CN=Issuing, of a distribution point or of none.
Bytes crl_of(std::string_view uri) {
  const auto key = generate_key("p256").value();
  x509::CrlFields fields;
  fields.signature_algorithm = key.default_signature_algorithm();
  fields.issuer = x509::common_name("Issuing");
  fields.this_update = from_unix(1'795'000'000);
  fields.next_update = from_unix(1'796'000'000);
  if (!uri.empty()) {
    der::Writer w;
    w.sequence([&](der::Writer& point) {
      point.tagged(0, [&](der::Writer& name) {
        name.tagged(0, [&](der::Writer& full) {
          x509::write(full, x509::general_name_from_text(uri).value());
        });
      });
    });
    fields.extensions = {{x509::oids::issuing_distribution_point, true, std::move(w).take()}};
  }
  const Bytes tbs = x509::encode_tbs_crl(fields);
  return x509::join_signed(tbs, fields.signature_algorithm,
                           crypto::sign(key, fields.signature_algorithm, tbs).value());
}

// RFC 9483 §4.3.4 [MUST]
TEST(Question, OfACrlNamesItsDistributionPointIfItHasOne) {
  const Scratch scratch;
  for (const std::string_view uri : {"", "uri:http://ca.example/part-1.crl"}) {
    ASSERT_TRUE(write_file(scratch.at("last.crl"), crl_of(uri), Access::open));
    const std::string asked = words("crlStatusList=" + scratch.at("last.crl"));
    EXPECT_NE(asked.find(uri.empty() ? "dn:CN=Issuing" : uri), std::string::npos) << asked;
    EXPECT_NE(asked.find("2026-11-1"), std::string::npos) << asked;
  }
}

InfoTypeAndValue unsupported(const der::Oid& id) {
  return message::make_info(it::unsupportedOIDs, message::Oids{{id}});
}

// RFC 9483 §4.3 [MUST]
TEST(Answers, FitTheQuestion) {
  struct Case {
    std::string_view sentence;
    std::vector<InfoTypeAndValue> questions, answers;
    std::string_view code;
  };
  const InfoTypeAndValue spoilt{it::caCerts, {0x04, 0x00}};
  const der::Oid own = der::Oid::of("1.3.6.1.4.1.99999.1");
  const std::vector<Case> cases = {
      {"the same type", {{it::caCerts, {}}}, {{it::caCerts, {}}}, ""},
      {"rootCaCert by rootCaKeyUpdate", {{it::rootCaCert, {}}}, {{it::rootCaKeyUpdate, {}}}, ""},
      {"crlStatusList by crls", {{it::crlStatusList, {}}}, {{it::crls, {}}}, ""},
      {"keyPairParamReq by -Rep", {{it::keyPairParamReq, {}}}, {{it::keyPairParamRep, {}}}, ""},
      {"a private type", {{own, {}}}, {{own, {0x05, 0x00}}}, ""},
      {"not supported", {{it::caCerts, {}}}, {unsupported(it::caCerts)}, ""},
      {"another not supported", {{it::caCerts, {}}}, {unsupported(own)}, "client.answer"},
      {"another type", {{it::caCerts, {}}}, {{it::currentCRL, {}}}, "client.answer"},
      {"crls by crlStatusList",
       {{it::crlStatusList, {}}},
       {{it::crlStatusList, {}}},
       "client.answer"},
      {"none", {{it::caCerts, {}}}, {}, "client.answer"},
      {"two for one", {{it::caCerts, {}}}, {{it::caCerts, {}}, {it::caCerts, {}}}, "client.answer"},
      {"more than was asked",
       {{it::caCerts, {}}},
       {{it::caCerts, {}}, {it::currentCRL, {}}},
       "client.answer"},
      {"what cannot be read", {{it::caCerts, {}}}, {spoilt}, "client.answer"},
      {"two for two",
       {{it::caCerts, {}}, {it::rootCaCert, {}}},
       {{it::rootCaKeyUpdate, {}}, {it::caCerts, {}}},
       ""},
      {"one for two", {{it::caCerts, {}}, {own, {}}}, {{it::caCerts, {}}}, ""},
      {"one for two, and the other not supported",
       {{it::caCerts, {}}, {own, {}}},
       {{it::caCerts, {}}, unsupported(own)},
       ""},
  };
  for (const Case& c : cases) {
    const auto result = check_answers(c.questions, c.answers);
    EXPECT_EQ(result ? "" : result.error().code, c.code) << c.sentence;
  }
}

}  // namespace
}  // namespace countersign::client
