// Central key generation (RFC 9483 §4.1.6): the server makes the key, and only its owner can open
// it. `openssl cmp` and our own client against countersignd, and ours against OpenSSL's mock
// server.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include "interop/openssl_mock.h"

namespace countersign::test {
namespace {

using testing::HasSubstr;

const Words kRsa{"-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"};

class CentralKeys : public testing::Test {
 protected:
  std::string at(const std::string& name) const { return shop_.at(name); }
  std::string root() const { return server_.data() + "/root.pem"; }

  Ran openssl_cmp(const Words& more) {
    Words words{"cmp",
                "-config",
                "",
                "-server",
                server_.host_port(),
                "-path",
                ".well-known/cmp",
                "-recipient",
                "/CN=Countersign Issuing CA",
                "-trusted",
                root()};
    words.insert(words.end(), more.begin(), more.end());
    return shop_.openssl(words);
  }
  Ran ours(const Words& more, const Words& credentials) {
    Words words{"enroll", server_.url(), "--central-key"};
    words.insert(words.end(), credentials.begin(), credentials.end());
    words.insert(words.end(), more.begin(), more.end());
    return shop_.countersign(words);
  }
  // An RSA certificate that allows keyEncipherment: name.key, name.pem
  void enrol_rsa(const std::string& name) {
    Words words{"genpkey", "-out", at(name + ".key")};
    words.insert(words.end(), kRsa.begin(), kRsa.end());
    ASSERT_EQ(shop_.openssl(words).exit, 0);
    const Ran ran = shop_.countersign(
        {"enroll", server_.url(), "--reference", server_.reference(), "--secret",
         "pass:" + server_.secret(), "--profile", "tls-server", "--subject", "CN=" + name, "--san",
         "dns:" + name + ".example", "--key", at(name + ".key"), "--cert", at(name + ".pem")});
    ASSERT_EQ(ran.exit, 0) << ran.err << server_.log();
  }
  void expect_pair(const std::string& key, const std::string& certificate) {
    const Ran of_key = shop_.openssl({"pkey", "-in", at(key), "-pubout"});
    const Ran of_certificate = shop_.openssl({"x509", "-in", at(certificate), "-noout", "-pubkey"});
    ASSERT_EQ(of_key.exit, 0) << of_key.err;
    EXPECT_EQ(of_key.out, of_certificate.out) << "key and certificate do not match";
  }

  Workshop shop_;
  RunningServer server_{shop_, "[cmp]\ncentral_keys = \"any\"\n"};
};

TEST_F(CentralKeys, OpenSslGetsOneUnderItsSecret) {
  const Ran ran = openssl_cmp({"-ref", server_.reference(), "-secret", "pass:" + server_.secret(),
                               "-cmd", "ir", "-subject", "/CN=central", "-centralkeygen",
                               "-newkeyout", at("new.key"), "-certout", at("new.pem")});
  ASSERT_EQ(ran.exit, 0) << ran.err << server_.log();
  expect_pair("new.key", "new.pem");
  EXPECT_THAT(server_.certificates(), HasSubstr("valid CN=central"));
}

TEST_F(CentralKeys, OpenSslGetsOneForItsRsaCertificate) {
  enrol_rsa("device");
  const Ran ran = openssl_cmp({"-cert", at("device.pem"), "-key", at("device.key"), "-cmd", "cr",
                               "-subject", "/CN=device", "-centralkeygen", "-newkeyout",
                               at("new.key"), "-certout", at("new.pem")});
  ASSERT_EQ(ran.exit, 0) << ran.err << server_.log();
  expect_pair("new.key", "new.pem");
}

TEST_F(CentralKeys, OursGetsOneUnderItsSecretInAFileOfItsOwn) {
  const Ran ran = ours({"--subject", "CN=central", "--key", at("new.key"), "--cert", at("new.pem")},
                       server_.by_secret());
  ASSERT_EQ(ran.exit, 0) << ran.out << ran.err << server_.log();
  expect_pair("new.key", "new.pem");
  struct stat info{};
  ASSERT_EQ(stat(at("new.key").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  EXPECT_FALSE(fs::exists(at("new.key.pending")));
  EXPECT_THAT(server_.certificates(), HasSubstr("valid CN=central"));
}

TEST_F(CentralKeys, OursGetsTheKindThatItAsksForByItsRsaCertificate) {
  enrol_rsa("device");
  const Ran ran = ours({"--subject", "CN=device", "--algorithm", "p256", "--key", at("new.key"),
                        "--cert", at("new.pem"), "--trust", root()},
                       {"--via-cert", at("device.pem"), "--via-key", at("device.key")});
  ASSERT_EQ(ran.exit, 0) << ran.out << ran.err << server_.log();
  expect_pair("new.key", "new.pem");
  const Ran text = shop_.openssl({"pkey", "-in", at("new.key"), "-text", "-noout"});
  EXPECT_THAT(text.out, HasSubstr("P-256"));
}

// RFC 9483 §4.1.3 with §4.1.6: the old certificate signs, and receives.
TEST_F(CentralKeys, RenewalsGetOneForTheOldCertificate) {
  enrol_rsa("device");
  Ran ran = shop_.countersign({"renew", server_.url(), "--central-key", "--profile", "tls-server",
                               "--key", at("device.key"), "--cert", at("device.pem")});
  ASSERT_EQ(ran.exit, 0) << ran.out << ran.err << server_.log();
  expect_pair("device.key", "device.pem");
  expect_pair("device.key.old", "device.pem.old");
  EXPECT_NE(read(at("device.key")), read(at("device.key.old")));
  ran = openssl_cmp({"-cert", at("device.pem"), "-key", at("device.key"), "-cmd", "kur",
                     "-centralkeygen", "-newkeyout", at("new.key"), "-certout", at("new.pem")});
  ASSERT_EQ(ran.exit, 0) << ran.err << server_.log();
  expect_pair("new.key", "new.pem");
}

TEST_F(CentralKeys, AKeyThatIsStrongerThanTheSecretIsRefused) {
  const Ran ran = ours({"--subject", "CN=strong", "--algorithm", "p521", "--key", at("new.key"),
                        "--cert", at("new.pem")},
                       server_.by_secret());
  EXPECT_EQ(ran.exit, 3) << ran.out << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("badCertTemplate"));
  EXPECT_FALSE(fs::exists(at("new.key")));
}

// Until certConf the very same octets; after it the key is given to nobody any more.
TEST_F(CentralKeys, IsGivenAgainUntilItHasArrivedAndNeverAfter) {
  const Words place{"--subject", "CN=again", "--key", at("new.key"), "--cert", at("new.pem")};
  Words by_hand = place;
  by_hand.insert(by_hand.end(), {"--request-out", at("ir.pki")});
  ASSERT_EQ(ours(by_hand, server_.by_secret()).exit, 0);
  const std::string ir = read(at("ir.pki"));
  const Bytes first = server_.post(view(ir));
  EXPECT_EQ(server_.post(view(ir)), first);
  server_.kill();
  server_.start();
  EXPECT_EQ(server_.post(view(ir)), first);
  write(at("ip.der"), std::string(text(first)));
  Words answer = place;
  answer.insert(answer.end(), {"--response-in", at("ip.der"), "--request-out", at("conf.pki")});
  const Ran examined = ours(answer, server_.by_secret());
  ASSERT_EQ(examined.exit, 0) << examined.err;
  const Bytes confirmed = server_.post(view(read(at("conf.pki"))));
  write(at("pkiconf.der"), std::string(text(confirmed)));
  answer = place;
  answer.insert(answer.end(), {"--response-in", at("pkiconf.der")});
  const Ran done = ours(answer, server_.by_secret());
  ASSERT_EQ(done.exit, 0) << done.err;
  expect_pair("new.key", "new.pem");
  const Bytes late = server_.post(view(ir));
  EXPECT_LT(late.size(), first.size() / 2) << "the private key was sent again";
  write(at("late.der"), std::string(text(late)));
  EXPECT_THAT(shop_.countersign({"inspect", at("late.der")}).out, HasSubstr("error"));
}

TEST(CentralKeysOff, AreRefusedUnlessTheOperatorAllowsThem) {
  Workshop shop;
  RunningServer server(shop);
  Words words{"enroll", server.url(),     "--central-key", "--subject",     "CN=x",
              "--key",  shop.at("x.key"), "--cert",        shop.at("x.pem")};
  const Words secret = server.by_secret();
  words.insert(words.end(), secret.begin(), secret.end());
  const Ran ran = shop.countersign(words);
  EXPECT_EQ(ran.exit, 3) << ran.out << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("cmp.central_keys"));
}

// The mock server sends keys in the oldest form that they have: EC and RSA as their own standards
// say, before there was PKCS #8. Ed25519 never had another.
TEST_F(ClientAgainstMock, TakesAKeyThatOpenSslMakesForItsCertificate) {
  openssl({"genpkey", "-algorithm", "ED25519", "-out", at("me.key")});
  prepare_me();
  openssl({"genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out",
           at("vendor.key")});
  certificate("vendor", "/CN=vendor device", "root",
              {"keyUsage=critical,digitalSignature,keyEncipherment", "subjectKeyIdentifier=hash"});
  certificate("server", "/CN=Mock Server", "root",
              {"keyUsage=critical,digitalSignature", "basicConstraints=CA:FALSE",
               "extendedKeyUsage=1.3.6.1.5.5.7.3.28,1.3.6.1.5.5.7.3.32"});
  serve_with_certificate({"-rsp_cert", at("me.pem"), "-rsp_key", at("me.key")});
  const Ran ran =
      countersign({"enroll", url(), "--central-key", "--via-cert", at("vendor.pem"), "--via-key",
                   at("vendor.key"), "--trust", at("root.pem"), "--subject", "/CN=me", "--key",
                   at("new.key"), "--cert", at("out.pem")});
  ASSERT_EQ(ran.exit, 0) << ran.out << ran.err << read(at("server.err"));
  expect_pair("new.key", "out.pem");
}

}  // namespace
}  // namespace countersign::test
