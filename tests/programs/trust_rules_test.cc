// Which senders under a trust set may ask for what, through the real programs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "support/process.h"

namespace countersign::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// What docs/profiles.md shows.
constexpr const char* kRules = R"(
[ra_profile.meters]
template = "tls-client"
[ra_profile.gateways]
template = "tls-client"
[ra_profile.staff]
template = "smime"
[cmp_profile.field]
trust_sets = ["vendor"]
default_ra_profile = "staff"
)";

class TrustRules : public testing::Test {
 protected:
  TrustRules() {
    shop_.certificate("vendor",
                      {"-subj", "/CN=Vendor Root", "-addext", "basicConstraints=critical,CA:TRUE",
                       "-addext", "keyUsage=critical,keyCertSign"});
  }
  // A certificate of the vendor.
  void unit(const std::string& name, const std::string& subject, const std::string& san) {
    shop_.certificate(
        name, {"-subj", subject, "-CA", shop_.at("vendor.pem"), "-CAkey", shop_.at("vendor.key"),
               "-addext", "basicConstraints=critical,CA:FALSE", "-addext",
               "keyUsage=digitalSignature", "-addext", "subjectAltName=DNS:" + san});
  }
  Ran apply(const std::string& rules) {
    std::ofstream(shop_.at("o.toml"))
        << kRules << "[trust_set.vendor]\nnames = \"self\"\n"
        << rules << "certificates = ['''" << read_file(shop_.at("vendor.pem")) << "''']\n";
    Ran ran = shop_.countersignd({"config", "apply", shop_.at("o.toml"), "--data", server_.data()});
    std::this_thread::sleep_for(std::chrono::milliseconds{1500});
    return ran;
  }
  Ran ask(const std::string& signer, const std::string& subject, const Words& more = {}) {
    const std::string to = shop_.at("new" + std::to_string(++asked_));
    Words words{"enroll",     server_.url() + "/.well-known/cmp/p/field",
                "--subject",  subject,
                "--key",      to + ".key",
                "--cert",     to + ".pem",
                "--via-cert", shop_.at(signer + ".pem"),
                "--via-key",  shop_.at(signer + ".key"),
                "--trust",    server_.data() + "/root.pem"};
    words.insert(words.end(), more.begin(), more.end());
    return shop_.countersign(words);
  }
  std::string profiles() {
    return shop_.countersignd({"certificates", "--json", "--data", server_.data()}).out;
  }

  Workshop shop_;
  RunningServer server_{shop_};
  int asked_ = 0;
};

// As the file is that `countersign enroll` writes: the certificate, its chain behind it.
TEST_F(TrustRules, TrustTheCertificateThatIsNamedNotItsChain) {
  unit("ra", "/CN=their-ra", "ra.vendor.example");
  std::ofstream(shop_.at("chain.pem"))
      << read_file(shop_.at("ra.pem")) << read_file(shop_.at("vendor.pem"));
  const Ran ran = shop_.countersignd(
      {"trust", "add", "--data", server_.data(), "--names", "any", "--ra", shop_.at("chain.pem")});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.out, AllOf(HasSubstr("trusted: CN=their-ra"), HasSubstr("left out: CN=Vendor")));
  EXPECT_THAT(shop_.countersignd({"trust", "list", "--data", server_.data()}).out,
              AllOf(HasSubstr("CN=their-ra"), Not(HasSubstr("CN=Vendor"))));
}

TEST_F(TrustRules, LetMetersAskForMetersOnly) {
  unit("meter", "/O=Vendor/serialNumber=SN-7/CN=m7", "m7.vendor.example");
  unit("gateway", "/O=Vendor/serialNumber=GW-1/CN=g1", "g1.gw.vendor.example");
  unit("stolen", "/O=Vendor/serialNumber=SN-666/CN=m666", "m666.vendor.example");
  unit("other", "/O=Vendor/CN=other", "other.vendor.example");
  const Ran applied = apply(R"(rules = [
  "subject.serialNumber = SN-666 -> refuse",
  "subject.serialNumber = SN-* -> profiles = meters",
  "san.dns = **.gw.vendor.example -> profiles = gateways,meters; names = gw-*.example",
]
)");
  ASSERT_EQ(applied.exit, 0) << applied.err;
  const std::string m7 = "CN=m7,serialNumber=SN-7,O=Vendor";
  const Ran ran = ask("meter", m7);
  ASSERT_EQ(ran.exit, 0) << ran.err << server_.log();
  EXPECT_THAT(profiles(), HasSubstr("meters")) << "not the default of the endpoint";
  EXPECT_THAT(
      ask("meter", m7, {"--profile", "gateways"}).err,
      AllOf(HasSubstr("by trust_set.vendor.rules"), HasSubstr("meters, not for \"gateways\"")));
  EXPECT_THAT(ask("meter", "CN=boss").err, HasSubstr("outside of what you may ask for"))
      << "self, as the set has it";
  EXPECT_THAT(ask("stolen", "CN=m666,serialNumber=SN-666,O=Vendor").err,
              HasSubstr("rule 1 of trust_set.vendor.rules turns away"));
  EXPECT_THAT(ask("other", "CN=other,O=Vendor").err,
              HasSubstr("no rule of trust_set.vendor.rules"));
  EXPECT_EQ(ask("gateway", "CN=gw-1.example").exit, 0) << "the names of its rule";
  EXPECT_EQ(ask("gateway", "CN=gw-2.example", {"--profile", "meters"}).exit, 0);
  EXPECT_THAT(ask("gateway", "CN=g1,serialNumber=GW-1,O=Vendor").err,
              HasSubstr("outside of what you may ask for"));
  EXPECT_THAT(profiles(), HasSubstr("gateways"));
  EXPECT_THAT(server_.log(),
              AllOf(HasSubstr("[rights.sender-rule]"), HasSubstr("[profile.sender-rule]")));
}

TEST_F(TrustRules, TellWhichProfileAsksTheDeviceRegistry) {
  unit("meter", "/serialNumber=SN-7/CN=m7", "m7.vendor.example");
  const Ran applied = apply(R"(rules = ["subject.serialNumber = SN-* -> profiles = known"]
)");
  EXPECT_NE(applied.exit, 0) << "there is no such profile yet";
  const Words made{"object",
                   "set",
                   "ra_profile",
                   "known",
                   "template=tls-client",
                   "devices=must-be-known",
                   "device_key=credential.serialNumber",
                   "--data",
                   server_.data()};
  ASSERT_EQ(shop_.countersignd(made).exit, 0);
  ASSERT_EQ(apply("rules = [\"subject.serialNumber = SN-* -> profiles = known\"]\n").exit, 0);
  EXPECT_THAT(ask("meter", "CN=m7,serialNumber=SN-7").err, HasSubstr("not in the registry"));
  ASSERT_EQ(shop_.countersignd({"device", "add", "SN-7", "--data", server_.data()}).exit, 0);
  const Ran ran = ask("meter", "CN=m7,serialNumber=SN-7");
  EXPECT_EQ(ran.exit, 0) << ran.err << server_.log();
}

TEST_F(TrustRules, AreNotSavedWhereTheyCannotBeRight) {
  EXPECT_THAT(apply("rules = [\"any -> profiles = nobody\"]\n").err,
              AllOf(HasSubstr("trust_set.vendor.rules"), HasSubstr("nobody")));
  EXPECT_THAT(apply("rules = [\"everybody -> profiles = meters\"]\n").err,
              HasSubstr("does not fit"));
  ASSERT_EQ(apply("rules = [\"any -> profiles = meters\"]\n").exit, 0);
  EXPECT_THAT(
      shop_.countersignd({"object", "remove", "ra_profile", "meters", "--data", server_.data()})
          .err,
      HasSubstr("trust_set.vendor"));
}

}  // namespace
}  // namespace countersign::test
