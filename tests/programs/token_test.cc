// Registration tokens, through the real programs and stock OpenSSL. RFC 4211 §6.1, §6.2
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>

#include "support/process.h"

namespace countersign::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Tokens : public testing::Test {
 protected:
  Workshop shop_;
  RunningServer server_{shop_, "[cmp]\ntokens = \"require\"\n"};

  Ran operate(Words words, const Words& more = {}) {
    words.insert(words.end(), {"--data", server_.data()});
    words.insert(words.end(), more.begin(), more.end());
    return shop_.countersignd(words);
  }
  std::string add(const Words& more = {}) {
    const Ran ran = operate({"token", "add", "--json"}, more);
    EXPECT_EQ(ran.exit, 0) << ran.err;
    const auto row = boost::json::parse(ran.out).as_object();
    return std::string(row.at("token").as_string());
  }
  Ran enroll(const std::string& name, const Words& more) {
    Words words{"enroll", server_.url(),           "--subject", "CN=" + name,
                "--key",  shop_.at(name + ".key"), "--cert",    shop_.at(name + ".pem")};
    const Words secret = server_.by_secret();
    words.insert(words.end(), secret.begin(), secret.end());
    words.insert(words.end(), more.begin(), more.end());
    return shop_.countersign(words);
  }
};

TEST_F(Tokens, LetInOnceAndOnlyForTheirNames) {
  Ran ran = enroll("none", {});
  EXPECT_EQ(ran.exit, 3);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("notAuthorized"), HasSubstr("countersignd token add")));
  EXPECT_EQ(enroll("guess", {"--token", "pass:0123456789abcdef"}).exit, 3);

  const std::string token = add({"--names", "a,b"});
  const Words shown{"--token", "pass:" + token};
  ran = enroll("c", shown);
  EXPECT_EQ(ran.exit, 3) << "not its names";
  EXPECT_THAT(ran.err, HasSubstr("notAuthorized"));
  ran = enroll("a", shown);
  EXPECT_EQ(ran.exit, 0) << ran.err << server_.log();
  ran = enroll("b", shown);
  EXPECT_EQ(ran.exit, 3) << "used up";
  EXPECT_THAT(ran.err, HasSubstr("used up"));
  EXPECT_EQ(enroll("d", {"--authenticator", "pass:" + token}).exit, 3) << "of the other kind";

  const std::string often = add({"--kind", "authenticator"});
  for (const char* name : {"e", "f"})
    EXPECT_EQ(enroll(name, {"--authenticator", "pass:" + often}).exit, 0) << name;
  EXPECT_THAT(server_.log(), AllOf(Not(HasSubstr(token)), Not(HasSubstr(often))));
  EXPECT_THAT(operate({"audit", "list"}).out, Not(HasSubstr(token)));
}

TEST_F(Tokens, AreListedWithoutTheirValuesAndRemoved) {
  const std::string token = add({"--uses", "2", "--profile", "tls-server"});
  const Ran listed = operate({"token", "list", "--json"});
  EXPECT_THAT(listed.out, Not(HasSubstr(token)));
  const auto rows = boost::json::parse(listed.out).as_array();
  ASSERT_EQ(rows.size(), 1u);
  const auto& row = rows.front().as_object();
  EXPECT_EQ(row.at("uses_left").as_int64(), 2);
  EXPECT_EQ(row.at("profile").as_string(), "tls-server");
  const std::string id(row.at("id").as_string());
  EXPECT_EQ(operate({"token", "remove", id}).exit, 0);
  EXPECT_EQ(operate({"token", "remove", id}).exit, 6);
  EXPECT_THAT(operate({"token", "list"}).out, HasSubstr("no tokens"));
  EXPECT_EQ(enroll("a", {"--token", "pass:" + token}).exit, 3);
  const Ran weak = operate({"token", "add", "--token", "pass:4711"});
  EXPECT_EQ(weak.exit, 6);
  EXPECT_THAT(weak.err, HasSubstr("16 characters"));
}

TEST_F(Tokens, AreTheChallengePasswordOfPkcs10) {
  const std::string token = add({"--uses", "2"});
  const Ran own = shop_.countersign(
      {"pkcs10", server_.url(), "--reference", server_.reference(), "--secret",
       "pass:" + server_.secret(), "--subject", "CN=own", "--key", shop_.at("own.key"), "--cert",
       shop_.at("own.pem"), "--token", "pass:" + token, "--trust", server_.data() + "/root.pem"});
  EXPECT_EQ(own.exit, 0) << own.err << server_.log();

  std::ofstream(shop_.at("req.conf"))
      << "[req]\nprompt = no\ndistinguished_name = dn\nattributes = more\n[dn]\nCN = theirs\n"
         "[more]\nchallengePassword = "
      << token << "\n";
  ASSERT_EQ(shop_
                .openssl({"req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                          "-nodes", "-keyout", shop_.at("theirs.key"), "-config",
                          shop_.at("req.conf"), "-out", shop_.at("theirs.csr")})
                .exit,
            0);
  const auto send = [&](const std::string& csr) {
    return shop_.openssl({"cmp", "-cmd", "p10cr", "-server", server_.host_port(), "-path",
                          ".well-known/cmp", "-recipient", "/CN=Countersign Issuing CA", "-ref",
                          server_.reference(), "-secret", "pass:" + server_.secret(), "-csr", csr,
                          "-certout", shop_.at("theirs.pem"), "-config", ""});
  };
  const Ran theirs = send(shop_.at("theirs.csr"));
  EXPECT_EQ(theirs.exit, 0) << theirs.err << server_.log();
  const Ran again = send(shop_.at("theirs.csr"));
  EXPECT_NE(again.exit, 0) << "used up";
  EXPECT_THAT(again.err, HasSubstr("notAuthorized"));
}

}  // namespace
}  // namespace countersign::test
