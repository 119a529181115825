// Keys that stay in a PKCS #11 token (SoftHSM): of the signer of a CMP profile, and of a
// registration authority. Through the real programs and stock OpenSSL.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

#include "support/process.h"
#include "support/soft_token.h"

namespace countersign::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::size_t times(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

class KeysInTokens : public testing::Test {
 protected:
  Workshop shop_;
  std::unique_ptr<SoftToken> token_;
  std::unique_ptr<RunningServer> server_;

  void SetUp() override {
    if (SoftToken::module() == nullptr) GTEST_SKIP() << SoftToken::kMissing;
    token_ = std::make_unique<SoftToken>();
    shop_.certificate(
        "ops", {"-subj", "/CN=Ops Root", "-addext", "basicConstraints=critical,CA:TRUE", "-addext",
                "keyUsage=critical,keyCertSign"});
    std::ofstream(shop_.at("extensions"))
        << "basicConstraints=critical,CA:FALSE\nkeyUsage=digitalSignature\n"
           "extendedKeyUsage=1.3.6.1.5.5.7.3.28\nsubjectKeyIdentifier=hash\n";
    std::ofstream(shop_.at("pin")) << "1234\n";
    openssl({"genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out",
             shop_.at("k.pem")});
  }
  Ran openssl(const Words& words) {
    Ran ran = shop_.openssl(words);
    EXPECT_EQ(ran.exit, 0) << ran.err;
    return ran;
  }
  // A key pair in the token, and NAME.pem for it from Ops Root.
  void make(const std::string& type, const std::string& name, const std::string& id) {
    token_->key(type, name, id);
    token_->read_public(name, shop_.at("spki"));
    openssl(
        {"pkey", "-pubin", "-inform", "DER", "-in", shop_.at("spki"), "-out", shop_.at("public")});
    openssl({"x509", "-new", "-subj", "/CN=Line Signer", "-force_pubkey", shop_.at("public"), "-CA",
             shop_.at("ops.pem"), "-CAkey", shop_.at("ops.key"), "-extfile", shop_.at("extensions"),
             "-days", "30", "-out", shop_.at(name + ".pem")});
  }
  static std::string module() {
    return "[pkcs11]\nmodule = \"" + std::string(SoftToken::module()) + "\"\n";
  }
  std::string profile(const std::string& name, const std::string& certificate,
                      const std::string& key, const std::string& pin = "pin") const {
    return "[cmp_profile." + name + "]\nresponse_protection = \"signature\"\n" +
           "signer_certificate = \"" + shop_.at(certificate) + "\"\nsigner_key = \"" + key +
           "\"\nsigner_password = \"" + shop_.at(pin) + "\"\n";
  }
  void serve(const std::string& config, const std::string& profiles) {
    server_ = std::make_unique<RunningServer>(shop_, config);
    std::ofstream(shop_.at("o.toml")) << profiles;
    const Ran ran =
        shop_.countersignd({"config", "apply", shop_.at("o.toml"), "--data", server_->data()});
    ASSERT_EQ(ran.exit, 0) << ran.err;
    std::this_thread::sleep_for(std::chrono::milliseconds{1500});
  }
  // An ir of OpenSSL under the shared secret; answers are believed below that root alone.
  Ran ask(const std::string& name, const std::string& root) {
    Words words{"cmp", "-config", "", "-cmd", "ir", "-subject", "/CN=x"};
    const auto add = [&](const Words& more) {
      words.insert(words.end(), more.begin(), more.end());
    };
    add({"-server", server_->host_port(), "-path", ".well-known/cmp/p/" + name});
    add({"-ref", server_->reference(), "-secret", "pass:" + server_->secret()});
    add({"-trusted", root, "-newkey", shop_.at("k.pem"), "-certout", shop_.at("c.pem")});
    return shop_.openssl(words);
  }
  Ran ask(const std::string& name) { return ask(name, shop_.at("ops.pem")); }
  // A change is known within a second, on a machine that is not busy.
  static bool comes_true(const std::function<bool()>& so) {
    for (int tries = 0; tries < 60; ++tries) {
      if (so()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds{500});
    }
    return false;
  }
  bool answers(const std::string& name) {
    return comes_true([&] { return ask(name).exit == 0; });
  }
  Ran check() { return shop_.countersignd({"check", "--data", server_->data()}); }
};

TEST_F(KeysInTokens, SignTheAnswersOfTheirProfile) {
  make("EC:prime256v1", "p256", "01");
  make("rsa:2048", "rsa", "02");
  serve(module(), profile("p256", "p256.pem", "pkcs11:token=ra;object=p256") +
                      profile("rsa", "rsa.pem", "pkcs11:token=ra;id=%02;type=private"));
  std::ofstream(shop_.at("both.pem"))
      << read_file(shop_.at("ops.pem")) << read_file(server_->data() + "/root.pem");
  for (const char* name : {"p256", "rsa"}) {
    const Ran ran = ask(name);
    EXPECT_EQ(ran.exit, 0) << name << ran.err << server_->log();
    const Ran ours = shop_.countersign(
        {"enroll", server_->url() + "/.well-known/cmp/p/" + name, "--reference",
         server_->reference(), "--secret", "pass:" + server_->secret(), "--subject", "CN=y",
         "--key", shop_.at(std::string(name) + ".k"), "--cert", shop_.at(std::string(name) + ".c"),
         "--trust", shop_.at("both.pem")});
    EXPECT_EQ(ours.exit, 0) << name << ours.err << server_->log();
  }
  const Ran checked = check();
  EXPECT_EQ(checked.exit, 0) << checked.out;
  EXPECT_THAT(checked.out, HasSubstr("signer certificate of the CMP profile p256 expires"));
  EXPECT_EQ(server_->stop(), 0) << server_->log();
}

TEST_F(KeysInTokens, AreNotUsedWhereSomethingIsWrong) {
  make("EC:prime256v1", "one", "01");
  make("EC:prime256v1", "two", "02");
  serve(module(), profile("mismatch", "one.pem", "pkcs11:token=ra;object=two") +
                      profile("missing", "one.pem", "pkcs11:token=ra;object=three") +
                      profile("elsewhere", "one.pem", "pkcs11:token=other;object=one"));
  for (const char* name : {"mismatch", "missing", "elsewhere"}) {
    const Ran ran = ask(name, server_->data() + "/root.pem");
    EXPECT_NE(ran.exit, 0) << name;
    EXPECT_THAT(ran.err, HasSubstr("cannot sign its answers now")) << name;
    EXPECT_THAT(server_->log(), HasSubstr(std::string("CMP profile ") + name));
  }
  EXPECT_THAT(server_->log(), AllOf(HasSubstr("app.signer-key"), HasSubstr("crypto.token-missing"),
                                    Not(HasSubstr("crypto.token-pin"))));
  const Ran checked = check();
  EXPECT_NE(checked.exit, 0);
  EXPECT_THAT(checked.out, HasSubstr("CMP profile elsewhere cannot be used"));
}

TEST_F(KeysInTokens, NeedAModuleOfTheConfigurationFile) {
  make("EC:prime256v1", "one", "01");
  serve("", profile("line", "one.pem", "pkcs11:token=ra;object=one"));
  EXPECT_NE(ask("line").exit, 0);
  EXPECT_THAT(server_->log(), AllOf(HasSubstr("crypto.token-module"), HasSubstr("pkcs11.module")));
  std::ofstream(shop_.at("o.toml"))
      << profile("line", "one.pem", "pkcs11:token=ra;object=one?module-path=/tmp/evil.so");
  const Ran ran =
      shop_.countersignd({"config", "apply", shop_.at("o.toml"), "--data", server_->data()});
  EXPECT_NE(ran.exit, 0);
  EXPECT_THAT(ran.err, HasSubstr("pkcs11.module in the configuration file alone"));
}

TEST_F(KeysInTokens, ShowAWrongPinOnce) {
  make("EC:prime256v1", "one", "01");
  std::ofstream(shop_.at("changing")) << "9999\n";
  serve(module(), profile("line", "one.pem", "pkcs11:token=ra;object=one", "changing"));
  EXPECT_NE(ask("line").exit, 0);
  ASSERT_TRUE(comes_true([&] { return times(server_->log(), "crypto.token-pin") > 0; }));
  std::this_thread::sleep_for(std::chrono::milliseconds{2500});
  EXPECT_EQ(times(server_->log(), "crypto.token-pin"), 1U) << server_->log();
  EXPECT_THAT(server_->log(), HasSubstr("signer_password names " + shop_.at("changing")));
  std::ofstream(shop_.at("changing")) << "1234\nwhat follows is not read\n";
  EXPECT_TRUE(answers("line")) << server_->log();
}

// All calls of the module are seen on their way: two profiles and an authority want the same token.
TEST_F(KeysInTokens, ShowAWrongPinOnceToAToken) {
  const SpyModule spy(shop_.at("calls"));
  if (!spy.module()) GTEST_SKIP() << "pkcs11-spy is not installed";
  make("EC:prime256v1", "one", "01");
  make("EC:prime256v1", "two", "02");
  std::ofstream(shop_.at("changing")) << "9999\n";
  const std::string authority =
      "[authority.up]\nkind = \"cmp\"\nurl = \"http://127.0.0.1:1/\"\n"
      "certificate = \"" +
      shop_.at("one.pem") + "\"\nca = \"" + shop_.at("ops.pem") +
      "\"\nkey = \"pkcs11:token=ra;object=one\"\n"
      "key_password = \"" +
      shop_.at("changing") + "\"\n";
  serve("[pkcs11]\nmodule = \"" + *spy.module() + "\"\n",
        authority + profile("a", "one.pem", "pkcs11:token=ra;object=one", "changing") +
            profile("b", "two.pem", "pkcs11:token=ra;object=two", "changing"));
  const auto logins = [&] { return times(read_file(shop_.at("calls")), "C_Login"); };
  ASSERT_TRUE(
      comes_true([&] { return std::filesystem::exists(shop_.at("calls")) && logins() > 0; }));
  EXPECT_NE(ask("a").exit, 0);
  EXPECT_NE(ask("b").exit, 0);
  for (const char* most : {"most_per_day=5", "most_per_day=6"})
    EXPECT_EQ(
        shop_.countersignd({"object", "set", "authority", "up", most, "--data", server_->data()})
            .exit,
        0);
  std::this_thread::sleep_for(std::chrono::milliseconds{2500});
  EXPECT_EQ(logins(), 1U) << server_->log();
  EXPECT_THAT(server_->log(), HasSubstr("the authority up cannot be used"));
  std::ofstream(shop_.at("changing")) << "1234\n";
  EXPECT_TRUE(answers("a")) << server_->log();
  EXPECT_TRUE(answers("b")) << server_->log();
  EXPECT_EQ(logins(), 2U);
}

TEST_F(KeysInTokens, RefuseWhileTheyAreGone) {
  make("EC:prime256v1", "one", "01");
  token_->keep();
  serve(module(), profile("line", "one.pem", "pkcs11:token=ra;object=one"));
  EXPECT_EQ(ask("line").exit, 0) << server_->log();
  token_->remove_private("one");
  const Ran refused = ask("line");
  EXPECT_NE(refused.exit, 0);
  EXPECT_THAT(refused.err, Not(HasSubstr("pkcs11:"))) << "what it is called is nobody's concern";
  EXPECT_THAT(server_->log(), AllOf(HasSubstr("crypto.token-"), HasSubstr("object=one")));
  token_->restore();
  EXPECT_TRUE(answers("line")) << server_->log();  // it rests between two tries
  EXPECT_EQ(server_->stop(), 0) << server_->log();
}

// docs/howto/tokens.md has one whose key signs.
TEST_F(KeysInTokens, StopARegistrationAuthorityThatCannotSign) {
  make("EC:prime256v1", "one", "01");
  std::ofstream(shop_.at("wrong")) << "9999\n";
  const std::string data = shop_.at("data");
  ASSERT_EQ(shop_.countersignd({"init", "--data", data}).exit, 0);
  const auto start = [&](const std::string& key, const std::string& pin) {
    std::ofstream(data + "/config.toml")
        << "listen = \"127.0.0.1:0\"\napi.listen = \"\"\n"
        << module() << "[upstream]\nurl = \"http://127.0.0.1:1/\"\ncertificate = \""
        << shop_.at("one.pem") << "\"\nca = \"" << shop_.at("ops.pem") << "\"\nkey = \"" << key
        << "\"\nkey_password = \"" << shop_.at(pin) << "\"\n";
    return shop_.countersignd({"serve", "--data", data}).err;
  };
  EXPECT_THAT(start("pkcs11:token=ra;object=one", "wrong"),
              AllOf(HasSubstr("crypto.token-pin"),
                    HasSubstr("upstream.key_password names " + shop_.at("wrong"))));
  EXPECT_THAT(start("pkcs11:token=ra;object=two", "pin"), HasSubstr("crypto.token-key"));
  EXPECT_THAT(start("pkcs11:token=ra;object=one?pin-value=1234", "pin"),
              HasSubstr("crypto.token-uri"));
  const Ran checked = shop_.countersignd({"check", "--data", data});
  EXPECT_THAT(checked.out,
              AllOf(HasSubstr("FAULT    upstream.key cannot be used"), HasSubstr("pin-value")));
}

}  // namespace
}  // namespace countersign::test
