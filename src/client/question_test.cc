#include "client/question.h"

#include <gtest/gtest.h>

#include "client/identity.h"
#include "client/inspect/body.h"

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

}  // namespace
}  // namespace countersign::client
