// Support messages between our own programs: what the client asks and follows. RFC 9483 §4.3
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/process.h"

namespace countersign::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class SupportMessages : public testing::Test {
 protected:
  Workshop shop_;
  RunningServer server_{shop_};

  Ran by_secret(Words words, const Words& more) {
    words.push_back(server_.url());
    words.insert(words.end(),
                 {"--reference", server_.reference(), "--secret", "pass:" + server_.secret()});
    words.insert(words.end(), more.begin(), more.end());
    return shop_.countersign(words);
  }
};

TEST_F(SupportMessages, AreShownInWords) {
  struct Case {
    Words words;
    std::vector<std::string> says;
  };
  const std::vector<Case> cases = {
      {{"--type", "certReqTemplate", "--profile", "tls-server"},
       {"subjectAltName", "(empty)", "rsa3072", "p521"}},
      {{"--type", "signKeyPairTypes"}, {"p256", "p384", "ml-dsa-65"}},
      {{"--type", "suppLangTags=fr,de,en"}, {"\"de\""}},
      {{"--type", "rootCaCert=" + server_.data() + "/root.pem"}, {"the server has none"}},
      {{"--type", "crlStatusList=" + server_.data() + "/cmp.pem"},
       {"BEGIN X509 CRL", "Countersign Issuing CA"}},
      {{"--type", "1.3.6.1.4.1.99999.1"}, {"unsupportedOIDs", "1.3.6.1.4.1.99999.1"}},
  };
  for (const Case& c : cases) {
    const Ran ran = by_secret({"info"}, c.words);
    EXPECT_EQ(ran.exit, 0) << c.words[1] << ran.err;
    for (const auto& text : c.says) EXPECT_THAT(ran.out, HasSubstr(text)) << c.words[1];
  }
}

TEST_F(SupportMessages, AListThatIsTheNewestStaysAsItIs) {
  const std::string file = shop_.at("last.crl");
  const Words current{"--type", "currentCRL", "--out", file};
  ASSERT_EQ(by_secret({"info"}, current).exit, 0);
  const std::string list = read_file(file);
  ASSERT_THAT(list, HasSubstr("BEGIN X509 CRL"));
  for (int i = 0; i < 2; ++i) {
    const Ran ran = by_secret({"info"}, {"--type", "crlStatusList=" + file, "--out", file});
    EXPECT_EQ(ran.exit, 0) << ran.err;
    EXPECT_THAT(ran.err, HasSubstr("nothing newer"));
    EXPECT_EQ(read_file(file), list);
  }
}

TEST_F(SupportMessages, TemplateIsFollowed) {
  const Words files{"--key",     shop_.at("www.key"), "--cert",        shop_.at("www.pem"),
                    "--profile", "tls-server",        "--ask-template"};
  Ran ran = by_secret({"enroll"}, files);
  EXPECT_EQ(ran.exit, 1) << "the profile wants a subject alternative name";
  EXPECT_THAT(ran.err, HasSubstr("--san"));
  EXPECT_FALSE(std::filesystem::exists(shop_.at("www.key"))) << "nothing is made in vain";
  Words complete = files;
  complete.insert(complete.end(), {"--san", "dns:www.example", "--algorithm", "rsa2048"});
  ran = by_secret({"enroll"}, complete);
  ASSERT_EQ(ran.exit, 0) << ran.err << server_.log();
  const Ran shown = shop_.openssl({"x509", "-in", shop_.at("www.pem"), "-noout", "-text"});
  EXPECT_THAT(shown.out, AllOf(HasSubstr("DNS:www.example"), HasSubstr("2048 bit"),
                               HasSubstr("TLS Web Server Authentication")));
}

}  // namespace
}  // namespace countersign::test
