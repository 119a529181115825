// The client of `openssl cmp` against a countersignd whose keys are replaced while it serves.
// RFC 9810 §4.4, RFC 9483 §4.3.2
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "support/process.h"

namespace countersign::test {
namespace {

using testing::HasSubstr;

class OpenSslAfterRollover : public testing::Test {
 protected:
  Workshop shop_;
  RunningServer server_{shop_};

  std::string at(const std::string& name) const { return shop_.at(name); }
  std::string root() const { return server_.data() + "/root.pem"; }

  std::string key(const std::string& name) {
    EXPECT_EQ(shop_
                  .openssl({"genpkey", "-out", at(name), "-algorithm", "EC", "-pkeyopt",
                            "ec_paramgen_curve:P-256"})
                  .exit,
              0);
    return at(name);
  }
  Ran cmp(const Words& more) {
    Words words{"cmp",
                "-config",
                "",
                "-server",
                server_.host_port(),
                "-path",
                ".well-known/cmp",
                "-recipient",
                "/CN=Countersign Issuing CA"};
    words.insert(words.end(), more.begin(), more.end());
    return shop_.openssl(words);
  }
  Ran enrol(const std::string& name) {
    return cmp({"-cmd", "ir", "-ref", server_.reference(), "-secret", "pass:" + server_.secret(),
                "-newkey", key(name + ".key"), "-subject", "/CN=" + name, "-certout",
                at(name + ".pem"), "-chainout", at(name + ".chain.pem"), "-cacertsout",
                at(name + ".ca.pem")});
  }
  // Signed by that certificate; the answer is to be trusted under that root alone.
  Ran as(const std::string& name, const std::string& trusted, const Words& more) {
    Words words{"-cert", at(name + ".pem"), "-key", at(name + ".key"), "-trusted", trusted};
    words.insert(words.end(), more.begin(), more.end());
    return cmp(words);
  }
  void replace(const std::string& which, const std::string& document) {
    const Ran ran = shop_.countersignd({"ca", "rollover", which, "--data", server_.data()});
    ASSERT_EQ(ran.exit, 0) << ran.err;
    for (int i = 0; i < 200; ++i) {
      if (server_.http("GET " + document + " HTTP/1.0\r\n\r\n").contains(" 200 ")) return;
      std::this_thread::sleep_for(std::chrono::milliseconds{50});
    }
    FAIL() << "the server did not take the new keys over: " << server_.log();
  }
  std::string fingerprint(const std::string& file) {
    return shop_.openssl({"x509", "-in", file, "-noout", "-fingerprint", "-sha256"}).out;
  }
};

TEST_F(OpenSslAfterRollover, IsLedFromTheOldRootToTheNewOne) {
  std::filesystem::copy_file(root(), at("old.pem"));
  const std::string old = at("old.pem");
  Ran ran = enrol("before");
  ASSERT_EQ(ran.exit, 0) << ran.err;
  replace("--root", "/ca/root-2.cer");

  const Words ask{"-cmd",        "genm",
                  "-infotype",   "rootCaCert",
                  "-newwithnew", at("new.pem"),
                  "-newwithold", at("new_with_old.pem"),
                  "-oldwithnew", at("old_with_new.pem")};
  Words of_old = ask, of_new = ask;
  of_old.insert(of_old.end(), {"-oldwithold", old});
  of_new.insert(of_new.end(), {"-oldwithold", root()});
  for (const std::string& trusted : {old, root()}) {
    for (const char* file : {"new.pem", "new_with_old.pem", "old_with_new.pem"})
      std::filesystem::remove(at(file));
    ran = as("before", trusted, of_old);
    EXPECT_EQ(ran.exit, 0) << ran.err << server_.log();
    EXPECT_EQ(fingerprint(at("new.pem")), fingerprint(root()));
    for (const auto& [certificate, anchor] :
         {std::pair{at("new_with_old.pem"), old}, {at("old_with_new.pem"), root()}})
      EXPECT_EQ(shop_.openssl({"verify", "-x509_strict", "-CAfile", anchor, certificate}).exit, 0)
          << certificate;
  }
  ran = as("before", root(), of_new);
  EXPECT_THAT(ran.err, HasSubstr("no root CA certificate update available"));
}

TEST_F(OpenSslAfterRollover, GoesOnWithEitherRoot) {
  std::filesystem::copy_file(root(), at("old.pem"));
  ASSERT_EQ(enrol("before").exit, 0);
  ASSERT_EQ(enrol("third").exit, 0);
  replace("--root", "/ca/root-2.cer");
  Ran ran = enrol("after");
  ASSERT_EQ(ran.exit, 0) << ran.err << server_.log();
  EXPECT_EQ(fingerprint(at("after.ca.pem")), fingerprint(root())) << "caPubs has the new root";
  // extraCerts hold what either needs.
  for (const std::string& trusted : {at("old.pem"), root()}) {
    ran = shop_.openssl({"verify", "-x509_strict", "-CAfile", trusted, "-untrusted",
                         at("after.chain.pem"), at("after.pem")});
    EXPECT_EQ(ran.exit, 0) << ran.err;
    for (const char* name : {"before", "after"}) {
      ran = as(name, trusted,
               {"-cmd", "cr", "-newkey", key("x.key"), "-subject", std::string("/CN=") + name,
                "-certout", at("x.pem")});
      EXPECT_EQ(ran.exit, 0) << name << ran.err << server_.log();
    }
  }
  replace("--issuing", "/ca/issuing-2.cer");
  for (const std::string& trusted : {at("old.pem"), root()}) {
    ran = as("before", trusted, {"-cmd", "kur", "-newkey", key("y.key"), "-certout", at("y.pem")});
    EXPECT_EQ(ran.exit, 0) << ran.err << server_.log();
    std::filesystem::copy_file(at("y.pem"), at("before.pem"),
                               std::filesystem::copy_options::overwrite_existing);
    std::filesystem::copy_file(at("y.key"), at("before.key"),
                               std::filesystem::copy_options::overwrite_existing);
  }
  EXPECT_THAT(shop_.openssl({"x509", "-in", at("before.pem"), "-noout", "-issuer"}).out,
              HasSubstr("Issuing CA G2"));
  ran = as("third", at("old.pem"), {"-cmd", "rr", "-oldcert", at("third.pem")});
  EXPECT_EQ(ran.exit, 0) << ran.err << server_.log();
}

}  // namespace
}  // namespace countersign::test
