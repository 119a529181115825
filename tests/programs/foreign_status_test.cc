// Who signs with the certificate of another CA is looked up in that CA's revocation list.
// RFC 9483 §3.5, RFC 5280 §6.3
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "support/process.h"

namespace countersign::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// A vendor with OpenSSL's small CA: two devices, and lists as often as wanted.
class ForeignStatus : public testing::Test {
 protected:
  Workshop shop_;
  std::unique_ptr<RunningServer> server_;

  void SetUp() override {
    std::ofstream(shop_.at("ca.conf"))
        << "[ca]\ndefault_ca = vendor\n[vendor]\ndatabase = " << shop_.at("index.txt")
        << "\ndefault_md = sha256\ncrl_extensions = more\n[more]\nauthorityKeyIdentifier = keyid\n";
    const std::ofstream nothing_revoked_yet(shop_.at("index.txt"));
    run({"req",
         "-x509",
         "-config",
         "/dev/null",
         "-newkey",
         "ec",
         "-pkeyopt",
         "ec_paramgen_curve:P-256",
         "-nodes",
         "-keyout",
         shop_.at("vendor.key"),
         "-out",
         shop_.at("vendor.pem"),
         "-subj",
         "/CN=Vendor CA",
         "-days",
         "100",
         "-addext",
         "basicConstraints=critical,CA:TRUE",
         "-addext",
         "keyUsage=critical,keyCertSign,cRLSign"});
    for (const std::string name : {"one", "two"})
      certify(name, {"-days", "50", "-CA", shop_.at("vendor.pem"), "-CAkey", shop_.at("vendor.key"),
                     "-addext", "keyUsage=critical,digitalSignature", "-addext",
                     "basicConstraints=critical,CA:FALSE"});
    publish({"-crlhours", "24"});
    server_ = std::make_unique<RunningServer>(
        shop_, "[trust]\nrevocation_lists = [\"" + shop_.at("vendor.crl") + "\"]\n");
    const Ran trusted = shop_.countersignd(
        {"trust", "add", "--data", server_->data(), "--names", "any", shop_.at("vendor.pem")});
    ASSERT_EQ(trusted.exit, 0) << trusted.err;
    ASSERT_EQ(enroll("one", Wanted::granted), "") << "a list that revokes nobody";
  }

  void run(const Words& words) {
    const Ran ran = shop_.openssl(words);
    ASSERT_EQ(ran.exit, 0) << ran.err;
  }
  void certify(const std::string& name, const Words& more) {
    Words words{"req",
                "-x509",
                "-config",
                "/dev/null",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-keyout",
                shop_.at(name + ".key"),
                "-out",
                shop_.at(name + ".pem"),
                "-subj",
                "/CN=" + name};
    words.insert(words.end(), more.begin(), more.end());
    run(words);
  }
  void authority(Words words) {
    words.insert(words.begin(), {"ca", "-config", shop_.at("ca.conf"), "-keyfile",
                                 shop_.at("vendor.key"), "-cert", shop_.at("vendor.pem")});
    run(words);
  }
  void publish(const Words& lasting) {
    Words words{"-gencrl", "-out", shop_.at("vendor.crl")};
    words.insert(words.end(), lasting.begin(), lasting.end());
    authority(words);
  }

  // What the server looks at once a second is waited for. Empty when it came as wanted.
  enum class Wanted { granted, refused };
  std::string enroll(const std::string& device, Wanted wanted) {
    Ran ran;
    for (int i = 0; i < 40; ++i) {
      ran = shop_.countersign({"enroll", server_->url(), "--via-cert", shop_.at(device + ".pem"),
                               "--via-key", shop_.at(device + ".key"), "--trust",
                               server_->data() + "/root.pem", "--subject", "CN=" + device, "--key",
                               shop_.at(device + "-new.key"), "--cert",
                               shop_.at(device + "-new.pem"), "--start-over"});
      if ((ran.exit == 0) == (wanted == Wanted::granted))
        return wanted == Wanted::granted ? "" : ran.err;
      std::this_thread::sleep_for(std::chrono::milliseconds{100});
    }
    return "not in time: " + ran.err + server_->log();
  }
};

TEST_F(ForeignStatus, RevokedSignersAreRefusedOnceTheListSaysSo) {
  authority({"-revoke", shop_.at("one.pem")});
  publish({"-crlhours", "24"});
  EXPECT_THAT(enroll("one", Wanted::refused),
              AllOf(HasSubstr("signerNotTrusted"), HasSubstr("revoked")));
  EXPECT_EQ(enroll("two", Wanted::granted), "") << "the list is about the other one";
}

TEST_F(ForeignStatus, AnExpiredListIsToldToBeFetchedAnew) {
  publish({"-crlsec", "1"});
  EXPECT_THAT(enroll("one", Wanted::refused),
              AllOf(HasSubstr("signerNotTrusted"), HasSubstr("list at hand has expired")));
  publish({"-crlhours", "24"});
  EXPECT_EQ(enroll("one", Wanted::granted), "");
}

TEST_F(ForeignStatus, AFileThatHoldsNoListKeepsTheLastOne) {
  authority({"-revoke", shop_.at("one.pem")});
  publish({"-crlhours", "24"});
  EXPECT_THAT(enroll("one", Wanted::refused), HasSubstr("revoked"));
  std::ofstream(shop_.at("vendor.crl")) << "half a list";
  for (int i = 0; i < 40 && server_->log().find("app.revocation-list") == std::string::npos; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds{100});
  EXPECT_THAT(server_->log(), HasSubstr("app.revocation-list"));
  EXPECT_THAT(enroll("one", Wanted::refused), HasSubstr("revoked"));
}

TEST_F(ForeignStatus, AServerDoesNotStartWithoutItsLists) {
  server_->stop();
  std::ofstream(shop_.at("vendor.crl")) << "half a list";
  const Ran ran =
      shop_.countersignd({"serve", "--data", server_->data(), "--listen", "127.0.0.1:0"});
  EXPECT_EQ(ran.exit, 6);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("vendor.crl"), HasSubstr("app.revocation-list")));
}

TEST_F(ForeignStatus, OurOwnCaIsNoForeignAnchor) {
  const Ran ran = shop_.countersignd(
      {"trust", "add", "--data", server_->data(), "--names", "any", server_->data() + "/root.pem"});
  EXPECT_EQ(ran.exit, 6);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("our own CA"), HasSubstr("app.own-anchor")));
}

}  // namespace
}  // namespace countersign::test
