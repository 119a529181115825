// Customers of one CA, through the real programs: whose a certificate is, and what stops with whom.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <thread>

#include "support/process.h"

namespace countersign::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Subscriber : public testing::Test {
 protected:
  Subscriber() {
    set("acme", {"names=acme-*", "profiles=tls-client,ra"});
    set("globex", {});
  }
  Ran operate(Words words) {
    words.insert(words.end(), {"--data", server_.data()});
    return shop_.countersignd(words);
  }
  void set(const std::string& name, const Words& fields) {
    Words words{"object", "set", "subscriber", name};
    words.insert(words.end(), fields.begin(), fields.end());
    const Ran ran = operate(words);
    ASSERT_EQ(ran.exit, 0) << ran.err;
  }
  // A server takes a change over within a second.
  static void wait() { std::this_thread::sleep_for(std::chrono::milliseconds{1500}); }

  Ran enroll(const std::string& name, const std::string& subscriber, const Words& secret = {},
             const Words& more = {}) {
    Words add{"secret",  "add", "--reference",  "for-" + name, "--secret", "pass:a-long-enough-one",
              "--names", "any", "--subscriber", subscriber};
    add.insert(add.end(), secret.begin(), secret.end());
    const Ran added = operate(add);
    EXPECT_EQ(added.exit, 0) << added.err;
    Words words{"enroll",      server_.url(), "--reference",
                "for-" + name, "--secret",    "pass:a-long-enough-one",
                "--subject",   "CN=" + name};
    words.insert(words.end(), more.begin(), more.end());
    return to(words, name);
  }
  Ran to(Words words, const std::string& name) {
    words.insert(words.end(), {"--key", shop_.at(name + ".key"), "--cert", shop_.at(name + ".pem"),
                               "--trust", server_.data() + "/root.pem"});
    return shop_.countersign(words);
  }
  std::string serial(const std::string& name) {
    const std::string out =
        shop_.openssl({"x509", "-in", shop_.at(name + ".pem"), "-noout", "-serial"}).out;
    return out.substr(out.find('=') + 1, out.find('\n') - out.find('=') - 1);
  }
  Ran end_as(const std::string& ra, const std::string& victim) {
    return shop_.countersign({"revoke", server_.url(), "--via-cert", shop_.at(ra + ".pem"),
                              "--via-key", shop_.at(ra + ".key"), "--trust",
                              server_.data() + "/root.pem", "--issuer", issuer(), "--serial",
                              serial(victim)});
  }
  std::string issuer() {
    const std::string out = shop_
                                .openssl({"x509", "-in", server_.data() + "/issuing.pem", "-noout",
                                          "-subject", "-nameopt", "RFC2253"})
                                .out;
    return out.substr(out.find('=') + 1, out.find('\n') - out.find('=') - 1);
  }
  boost::json::array certificates(const Words& more) {
    Words words{"certificates", "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return boost::json::parse(operate(words).out).as_array();
  }

  Workshop shop_;
  RunningServer server_{shop_};
};

TEST_F(Subscriber, OwnsWhatItsSecretsGetAndEveryRenewal) {
  wait();
  const Ran first = enroll("acme-1", "acme");
  ASSERT_EQ(first.exit, 0) << first.err << server_.log();
  const Ran renewed = to({"renew", server_.url()}, "acme-1");
  ASSERT_EQ(renewed.exit, 0) << renewed.err;
  ASSERT_EQ(enroll("globex-1", "globex").exit, 0);
  const auto of_acme = certificates({"--subscriber", "acme"});
  ASSERT_EQ(of_acme.size(), 2U);
  for (const auto& one : of_acme) {
    EXPECT_EQ(one.at("subscriber").as_string(), "acme");
    EXPECT_EQ(one.at("profile").as_string(), "tls-client") << "the first of its profiles";
  }
  EXPECT_EQ(certificates({"--subscriber", "globex"}).size(), 1U);
  EXPECT_THAT(operate({"secret", "list", "--subscriber", "globex"}).out,
              AllOf(HasSubstr("for-globex-1"), Not(HasSubstr("for-acme-1"))));
  EXPECT_THAT(operate({"audit", "list"}).out, HasSubstr("subscriber globex"));
}

TEST_F(Subscriber, GetsNothingBeyondItsNamesAndProfiles) {
  wait();
  EXPECT_THAT(enroll("globex-7", "acme").err, HasSubstr("outside of what you may ask for"));
  EXPECT_THAT(enroll("acme-2", "acme", {"--profile", "vpn"}).err,
              HasSubstr("the subscriber acme may have the RA profiles tls-client, ra"));
  const Ran unknown = operate({"secret", "add", "--subscriber", "initech"});
  EXPECT_NE(unknown.exit, 0);
  EXPECT_THAT(unknown.err, HasSubstr("there is no subscriber initech; there are acme, globex"));
}

TEST_F(Subscriber, StopsWithAllThatIsItsAndNobodyElse) {
  wait();
  ASSERT_EQ(enroll("acme-1", "acme").exit, 0);
  ASSERT_EQ(enroll("globex-1", "globex").exit, 0);
  ASSERT_EQ(operate({"object", "disable", "subscriber", "acme"}).exit, 0);
  wait();
  EXPECT_THAT(to({"renew", server_.url()}, "acme-1").err,
              HasSubstr("the subscriber acme is out of use"));
  EXPECT_EQ(to({"renew", server_.url()}, "globex-1").exit, 0);
  const Ran ended = operate({"revoke", "--subscriber", "acme", "--reason", "superseded"});
  EXPECT_EQ(ended.exit, 0) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("revoked: 1 certificates of acme"));
  EXPECT_EQ(certificates({"--status", "revoked"}).size(), 1U);
  // One that is used up keeps nobody.
  ASSERT_EQ(operate({"object", "enable", "subscriber", "acme"}).exit, 0);
  ASSERT_EQ(operate({"secret", "add", "--subscriber", "acme", "--reference", "spare"}).exit, 0);
  const Ran kept = operate({"object", "remove", "subscriber", "acme"});
  EXPECT_THAT(kept.err, AllOf(HasSubstr("the secret spare"), Not(HasSubstr("for-acme-1"))));
}

TEST_F(Subscriber, MayHaveARegistrationAuthorityThatReachesNobodyElse) {
  wait();
  ASSERT_EQ(enroll("acme-1", "acme").exit, 0);
  ASSERT_EQ(enroll("globex-1", "globex").exit, 0);
  const Ran ra = enroll("acme-ra", "acme", {"--profile", "ra"});
  ASSERT_EQ(ra.exit, 0) << ra.err;
  const Ran other = end_as("acme-ra", "globex-1");
  EXPECT_NE(other.exit, 0);
  EXPECT_THAT(other.err, HasSubstr("is not of the subscriber acme"));
  const Ran own = end_as("acme-ra", "acme-1");
  EXPECT_EQ(own.exit, 0) << own.err;
  const Ran asked = to({"request", server_.url(), "--subject", "CN=acme-9", "--via-cert",
                        shop_.at("acme-ra.pem"), "--via-key", shop_.at("acme-ra.key")},
                       "acme-9");
  ASSERT_EQ(asked.exit, 0) << asked.err;
  EXPECT_EQ(certificates({"--subscriber", "acme", "--subject", "acme-9"}).size(), 1U);
}

TEST_F(Subscriber, GetsNothingThatAnOfficerApprovesOnceItIsOff) {
  ASSERT_EQ(operate({"object", "set", "ra_profile", "tls-client", "template=tls-client",
                     "approvals=1", "approval_check_after=1s"})
                .exit,
            0);
  ASSERT_EQ(operate({"operator", "add", "ada", "--role", "ra_officer"}).exit, 0);
  wait();
  Ran ran;
  std::thread client([&] { ran = enroll("acme-1", "acme"); });
  std::string id;
  for (int tries = 0; tries < 100 && id.empty(); ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds{100});
    const auto all = boost::json::parse(operate({"requests", "list", "--json"}).out).as_array();
    if (!all.empty()) id = std::string(all[0].at("id").as_string());
  }
  EXPECT_EQ(operate({"object", "disable", "subscriber", "acme"}).exit, 0);
  wait();
  const Ran approved = operate({"requests", "approve", id, "--as", "ada"});
  EXPECT_EQ(approved.exit, 0) << approved.err;
  client.join();
  EXPECT_NE(ran.exit, 0) << ran.out;
  EXPECT_THAT(ran.err, HasSubstr("the subscriber acme is out of use"));
  EXPECT_TRUE(certificates({"--subscriber", "acme"}).empty());
}

// RFC 9483 §5.2.2.1: another's request, in a message of that registration authority.
TEST_F(Subscriber, StopsWithItsRegistrationAuthorities) {
  wait();
  const Ran made = enroll("acme-ra", "acme", {"--profile", "ra"});
  ASSERT_EQ(made.exit, 0) << made.err;
  const std::string chain = shop_.at("chain.pem");
  std::ofstream(chain) << read_file(server_.data() + "/issuing.pem")
                       << read_file(server_.data() + "/root.pem");
  Workshop other;
  RunningServer ra(other, "[upstream]\nstrategy = \"add\"\nurl = \"" + server_.url() +
                              "/.well-known/cmp\"\ncertificate = \"" + shop_.at("acme-ra.pem") +
                              "\"\nkey = \"" + shop_.at("acme-ra.key") + "\"\nca = \"" + chain +
                              "\"\n");
  const auto ask = [&](const std::string& name) {
    for (const std::string& data : {server_.data(), ra.data()}) {
      const Ran added =
          shop_.countersignd({"secret", "add", "--data", data, "--reference", name, "--secret",
                              "pass:a-long-enough-one", "--names", "any"});
      EXPECT_EQ(added.exit, 0) << added.err;
    }
    return to({"enroll", ra.url(), "--reference", name, "--secret", "pass:a-long-enough-one",
               "--subject", "CN=" + name},
              name);
  };
  const Ran before = ask("acme-dev-1");
  ASSERT_EQ(before.exit, 0) << before.err << ra.log() << server_.log();
  ASSERT_EQ(operate({"object", "disable", "subscriber", "acme"}).exit, 0);
  wait();
  const Ran after = ask("acme-dev-2");
  EXPECT_NE(after.exit, 0);
  EXPECT_THAT(after.err, HasSubstr("the subscriber acme is out of use"));
}

}  // namespace
}  // namespace countersign::test
