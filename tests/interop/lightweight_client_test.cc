// Our client against our server that keeps to RFC 9483 to the letter: every operation, each with
// every kind of credentials that it has.
#include <gmock/gmock.h>

#include "interop/openssl_mock.h"

namespace countersign::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class LightweightClient : public testing::Test {
 protected:
  std::string at(const std::string& name) const { return shop_.at(name); }
  std::string root() const { return server_.data() + "/root.pem"; }
  Ran run(Words words, const Words& more) {
    words.insert(words.begin() + 1, server_.url());
    words.insert(words.end(), more.begin(), more.end());
    return shop_.countersign(words);
  }
  Words files(const std::string& name) const {
    return {"--key", at(name + ".key"), "--cert", at(name + ".pem")};
  }
  Words own(const std::string& name) const {
    Words words = files(name);
    words.insert(words.end(), {"--trust", root()});
    return words;
  }
  Words via(const std::string& name) const {
    return {"--via-cert", at(name + ".pem"), "--via-key", at(name + ".key"), "--trust", root()};
  }
  void expect_done(const Ran& ran) {
    EXPECT_EQ(ran.exit, 0) << ran.out << ran.err << server_.log();
  }
  void enrol(const std::string& name, const Words& more = {}) {
    Words words{"enroll", "--subject", "CN=" + name};
    const Words by = server_.by_secret(), where = files(name);
    words.insert(words.end(), by.begin(), by.end());
    words.insert(words.end(), where.begin(), where.end());
    expect_done(run(words, more));
  }
  void openssl(const Words& words) {
    const Ran ran = shop_.openssl(words);
    ASSERT_EQ(ran.exit, 0) << words[0] << ": " << ran.err;
  }
  // A device of a vendor whose CA the server knows: born.key, born.pem with its chain.
  void make_vendor_device() {
    for (const char* name : {"vendor.key", "born.key"})
      openssl(
          {"genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", at(name)});
    openssl({"req", "-x509", "-config", "/dev/null", "-key", at("vendor.key"), "-out",
             at("vendor.pem"), "-subj", "/CN=Vendor CA", "-days", "100", "-addext",
             "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign"});
    openssl({"req",     "-x509",
             "-config", "/dev/null",
             "-key",    at("born.key"),
             "-out",    at("born.pem"),
             "-subj",   "/CN=dev-1",
             "-days",   "50",
             "-CA",     at("vendor.pem"),
             "-CAkey",  at("vendor.key"),
             "-addext", "keyUsage=critical,digitalSignature",
             "-addext", "basicConstraints=CA:FALSE"});
    write(at("born.pem"), read(at("born.pem")) + read(at("vendor.pem")));
    const Ran added = shop_.countersignd(
        {"trust", "add", "--data", server_.data(), "--names", "dev-*", at("vendor.pem")});
    ASSERT_EQ(added.exit, 0) << added.err;
    ASSERT_EQ(server_.stop(), 0);
    server_.start();
  }

  Workshop shop_;
  RunningServer server_{shop_, "[cmp]\nvariant = \"lightweight\"\ncentral_keys = \"any\"\n"};
};

TEST_F(LightweightClient, EnrolsByASecret) {
  for (const char* mac : {"pbm", "pbmac1"}) enrol(std::string("device-") + mac, {"--mac", mac});
  enrol("labelled", {"--label"});
  enrol("implicit", {"--implicit-confirm"});
  EXPECT_THAT(server_.certificates(),
              AllOf(HasSubstr("valid CN=device-pbm\n"), HasSubstr("valid CN=device-pbmac1"),
                    HasSubstr("valid CN=labelled"), HasSubstr("valid CN=implicit")));
}

// RFC 9483 §4.1.1, §3.1: the vendor's CA is not the one that is asked.
TEST_F(LightweightClient, EnrolsByAVendorsCertificate) {
  make_vendor_device();
  Words words{"enroll", "--subject", "CN=dev-1"};
  const Words where = files("dev-1");
  words.insert(words.end(), where.begin(), where.end());
  Words more = via("born");
  more.insert(more.end(), {"--request-out", at("ir.pki")});
  expect_done(run(words, more));
  const Ran shown = shop_.countersign({"inspect", at("ir.pki")});
  EXPECT_THAT(shown.out, HasSubstr("NULL-DN")) << shown.out;
  fs::remove_all(at("dev-1.key.pending"));
  expect_done(run(words, via("born")));
  EXPECT_THAT(server_.certificates(), HasSubstr("valid CN=dev-1"));
}

TEST_F(LightweightClient, RequestsRenewsAndRevokes) {
  enrol("device");
  Words further{"request", "--subject", "CN=device", "--label"};
  const Words where = files("further");
  further.insert(further.end(), where.begin(), where.end());
  expect_done(run(further, via("device")));
  expect_done(run({"renew", "--label"}, own("device")));
  expect_done(run({"renew", "--same-key"}, own("device")));
  expect_done(run({"revoke", "--label"}, own("device")));
  expect_done(run({"revoke", "--reason", "superseded"}, own("further")));
  EXPECT_THAT(server_.certificates(), Not(HasSubstr("unconfirmed")));
}

TEST_F(LightweightClient, SendsPkcs10WithNamesOfEitherKind) {
  enrol("device");
  Words words{"pkcs10", "--subject", "CN=device", "--san", "dns:device.example", "--label"};
  const Words where = files("csr");
  words.insert(words.end(), where.begin(), where.end());
  words.insert(words.end(), {"--trust", root()});
  expect_done(run(words, server_.by_secret()));
}

TEST_F(LightweightClient, AsksWhatThereIsToAsk) {
  enrol("device");
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"caCerts", "BEGIN CERTIFICATE"},
      {"currentCRL", "BEGIN X509 CRL"},
      {"rootCaCert", "the server has none"},
      {"certReqTemplate", "certReqTemplate"},
      {"crlStatusList=" + at("device.pem"), "BEGIN X509 CRL"},
      {"signKeyPairTypes", "p256"},
      {"suppLangTags=de,en", "\"de\""},
  };
  for (const auto& [type, says] : cases) {
    const Ran ran = run({"info", "--label", "--type", type}, own("device"));
    EXPECT_EQ(ran.exit, 0) << type << ran.err;
    EXPECT_THAT(ran.out, HasSubstr(says)) << type;
  }
  EXPECT_THAT(run({"info", "--type", "caCerts"}, server_.by_secret()).err,
              HasSubstr("wrongIntegrity"))
      << "RFC 9483 §3.5: a shared secret is for certificate requests";
  EXPECT_EQ(run({"info", "--type", "1.3.6.1.4.1.99999.1"}, own("device")).exit, 3);
  const Ran profiled = run({"info", "--type", "caCerts", "--profile", "device"}, own("device"));
  EXPECT_EQ(profiled.exit, 1) << "certProfile belongs to certReqTemplate";
  const Ran carried = run({"info", "--request-out", at("genm.pki")}, own("device"));
  EXPECT_EQ(carried.exit, 1) << "two questions are two messages";
}

TEST_F(LightweightClient, GetsAKeyThatTheServerMade) {
  enrol("central", {"--central-key"});
  EXPECT_THAT(server_.certificates(), HasSubstr("valid CN=central"));
}

// RFC 9483 §3.5: by the list that the server itself gave.
TEST_F(LightweightClient, LooksUpTheServersStatus) {
  enrol("device");
  expect_done(run({"info", "--type", "crlStatusList=" + at("device.pem"), "--out", at("ca.crl")},
                  own("device")));
  expect_done(run({"info", "--crl", at("ca.crl")}, own("device")));
  const Ran wrong = run({"info", "--crl", at("device.key")}, own("device"));
  EXPECT_EQ(wrong.exit, 6) << wrong.err;
}

// RFC 9483 §6.4.1
TEST_F(LightweightClient, CarriesMessagesInFilesOfTheRightName) {
  Words words{"enroll", "--subject", "CN=x", "--request-out", at("ir.der")};
  const Words where = files("x");
  words.insert(words.end(), where.begin(), where.end());
  const Ran ran = run(words, server_.by_secret());
  EXPECT_EQ(ran.exit, 1) << ran.out;
  EXPECT_THAT(ran.err, HasSubstr(".pki"));
  EXPECT_FALSE(fs::exists(at("ir.der")));
}

}  // namespace
}  // namespace countersign::test
