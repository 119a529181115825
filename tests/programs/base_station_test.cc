// The endpoint for base stations (3GPP TS 33.310 clause 9), against stock OpenSSL: what docs/howto
// does not show, refusals above all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "support/process.h"

namespace countersign::test {
namespace {

using testing::HasSubstr;

Words joined(Words a, const Words& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

class BaseStation : public testing::Test {
 protected:
  BaseStation() {
    shop_.certificate("vendor", {"-subj", "/CN=Vendor Root"});
    shop_.certificate(
        "station",
        {"-subj", "/O=Vendor/CN=SN-1", "-CA", shop_.at("vendor.pem"), "-CAkey",
         shop_.at("vendor.key"), "-addext", "basicConstraints=critical,CA:FALSE", "-addext",
         "keyUsage=digitalSignature", "-addext", "subjectAltName=DNS:sn-1.vendor.example"});
    std::ofstream(shop_.at("o.toml"))
        << "[trust_set.vendor]\nnames = \"self\"\ncertificates = ['''"
        << read_file(shop_.at("vendor.pem"))
        << "''']\n[cmp_profile.ran]\nvariant = \"3gpp\"\ntrust_sets = [\"vendor\"]\n"
        << "[cmp_profile.old]\nvariant = \"v2\"\n";
    const Ran ran =
        shop_.countersignd({"config", "apply", shop_.at("o.toml"), "--data", server_.data()});
    EXPECT_EQ(ran.exit, 0) << ran.err;
    std::this_thread::sleep_for(std::chrono::milliseconds{1500});
  }
  std::string key(const std::string& name) {
    EXPECT_EQ(shop_
                  .openssl({"genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256",
                            "-out", shop_.at(name)})
                  .exit,
              0);
    return shop_.at(name);
  }
  Ran cmp(const Words& more, const std::string& path = ".well-known/cmp/p/ran") {
    Words words{"cmp",      "-config",           "",
                "-server",  server_.host_port(), "-path",
                path,       "-trusted",          server_.data() + "/root.pem",
                "-certout", shop_.at("out.pem")};
    words.insert(words.end(), more.begin(), more.end());
    return shop_.openssl(words);
  }
  Words by_vendor() { return {"-cert", shop_.at("station.pem"), "-key", shop_.at("station.key")}; }

  Workshop shop_;
  RunningServer server_{shop_};
};

// TS 33.310 §9.5.4.3
TEST_F(BaseStation, GetsTheOperatorsRootAlong) {
  const Ran ran =
      cmp(joined(by_vendor(), {"-cmd", "ir", "-newkey", key("k"), "-subject", "/O=Vendor/CN=SN-1",
                               "-extracertsout", shop_.at("extra.pem")}));
  ASSERT_EQ(ran.exit, 0) << ran.err << server_.log();
  const std::string extra = read_file(shop_.at("extra.pem"));
  for (const char* file : {"/root.pem", "/issuing.pem", "/cmp.pem"}) {
    const std::string pem = read_file(server_.data() + file);
    EXPECT_THAT(extra, HasSubstr(pem.substr(pem.find('\n'), 200))) << file;
  }
}

// TS 33.310 §9.5.4.2
TEST_F(BaseStation, WithoutANameIsCalledAsItsVendorCalledIt) {
  const Ran ran = shop_.countersign(
      {"enroll", server_.url() + "/.well-known/cmp/p/ran", "--key", shop_.at("k2"), "--cert",
       shop_.at("c2.pem"), "--via-cert", shop_.at("station.pem"), "--via-key",
       shop_.at("station.key"), "--trust", server_.data() + "/root.pem", "--subject", "NULL-DN"});
  ASSERT_EQ(ran.exit, 0) << ran.err << server_.log();
  const std::string text =
      shop_.openssl({"x509", "-in", shop_.at("c2.pem"), "-noout", "-text"}).out;
  EXPECT_THAT(text, HasSubstr("Subject: O=Vendor, CN=SN-1"));
  EXPECT_THAT(text, HasSubstr("DNS:sn-1.vendor.example"));
}

TEST_F(BaseStation, HasNoOtherMessages) {
  const Words ir{"-cmd", "ir", "-newkey", key("k"), "-subject", "/CN=x"};
  const Words secret{"-ref", server_.reference(), "-secret", "pass:" + server_.secret()};
  EXPECT_THAT(cmp(joined(ir, secret)).err, HasSubstr("base-station.protection"));
  EXPECT_THAT(cmp(joined(by_vendor(), {"-cmd", "genm", "-infotype", "caCerts", "-cacertsout",
                                       shop_.at("ca.pem")}))
                  .err,
              HasSubstr("base-station.body"));
  EXPECT_THAT(cmp(joined(by_vendor(), {"-cmd", "ir", "-newkey", key("k"), "-subject",
                                       "/O=Vendor/CN=SN-1", "-popo", "0"}))
                  .err,
              HasSubstr("base-station.pop"));
  EXPECT_THAT(
      cmp(joined(by_vendor(), {"-cmd", "ir", "-newkey", key("k"), "-subject", "/CN=another"})).err,
      HasSubstr("outside of what you may ask for"));
}

// RFC 9810 §7
TEST_F(BaseStation, OldVersionsHaveAnEndpointOfTheirOwn) {
  const Words words{"enroll",      server_.url() + "/.well-known/cmp/p/old",
                    "--key",       shop_.at("k3"),
                    "--cert",      shop_.at("c3.pem"),
                    "--subject",   "CN=x",
                    "--reference", server_.reference(),
                    "--secret",    "pass:" + server_.secret()};
  EXPECT_EQ(shop_.countersign(words).exit, 0) << "pvno 2 is what a client begins with";
  EXPECT_THAT(shop_.countersign(joined(words, {"--central-key", "--start-over"})).err,
              HasSubstr("unsupportedVersion"));
}

}  // namespace
}  // namespace countersign::test
