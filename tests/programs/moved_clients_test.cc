// Clients that were set up for another CA, as they are: stock `openssl cmp` with the options that
// the instructions of EJBCA give.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "support/process.h"

namespace countersign::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class MovedClients : public testing::Test {
 protected:
  Workshop shop_;
  RunningServer server_{shop_};

  Ran operate(Words words) {
    words.insert(words.end(), {"--data", server_.data()});
    return shop_.countersignd(words);
  }
  void set_up(const Words& words) {
    const Ran ran = operate(words);
    ASSERT_EQ(ran.exit, 0) << ran.err;
  }
  // Whoever serves looks once a second.
  static void known() { std::this_thread::sleep_for(std::chrono::milliseconds{1500}); }
  std::string key(const std::string& name) {
    const std::string path = shop_.at(name + ".key");
    EXPECT_EQ(shop_
                  .openssl({"genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256",
                            "-out", path})
                  .exit,
              0);
    return path;
  }
  std::string certificate(const std::string& name) const { return shop_.at(name + ".pem"); }
  // By MAC; `who` is -ref and what there is more.
  Ran ask(const std::string& path, const std::string& secret, const Words& more) {
    Words words{"cmp",   "-config", "",        "-server",        server_.host_port(),
                "-path", path,      "-secret", "pass:" + secret, "-unprotected_errors"};
    words.insert(words.end(), more.begin(), more.end());
    return shop_.openssl(words);
  }
  Words ir(const std::string& name, const Words& more = {}) {
    Words words{"-cmd",    "ir",      "-subject", "/CN=" + name,
                "-newkey", key(name), "-certout", certificate(name)};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  // The CA's name as recipient: what the command has either so or from -srvcert.
  const Words to_ca_ = {"-recipient", "/CN=Countersign Issuing CA"};
  static Words both(Words a, const Words& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
  }
};

constexpr const char* kPath = ".well-known/cmp";
constexpr const char* kAlias = "ejbca/publicweb/cmp/devices";
constexpr const char* kSecret = "the-secret-of-the-alias";

// -srvcert makes the client expect the CA's subject as sender.
TEST_F(MovedClients, MayExpectTheAnswerFromTheCaThatTheyAsk) {
  const Words from_ca{"-ref", server_.reference(), "-srvcert", server_.data() + "/issuing.pem"};
  const Ran ran = ask(kPath, server_.secret(), ir("unit-1", from_ca));
  EXPECT_EQ(ran.exit, 0) << ran.err << server_.log();
  EXPECT_THAT(server_.certificates(), AllOf(HasSubstr("valid"), Not(HasSubstr("unconfirmed"))));
}

TEST_F(MovedClients, AreTakenByTheDefaultSecretWhateverTheirReferenceIs) {
  set_up({"secret", "add", "--reference", "line1", "--secret", std::string("pass:") + kSecret,
          "--uses", "any", "--names", "unit-*"});
  set_up({"object", "set", "cmp_profile", "devices", "default_reference=line1",
          "default_ra_profile=device"});
  const auto named = [&](const std::string& reference) {
    return both(to_ca_, reference.empty() ? Words{} : Words{"-ref", reference});
  };
  known();
  for (const char* reference : {"line1", "NewUser", ""}) {
    SCOPED_TRACE(reference);
    const Ran ran = ask(kAlias, kSecret, ir("unit-1", named(reference)));
    EXPECT_EQ(ran.exit, 0) << ran.err << server_.log();
  }
  Ran ran = ask(kAlias, "not-the-secret-of-the-alias", ir("unit-2", named("NewUser")));
  EXPECT_THAT(ran.err, HasSubstr("the MAC does not verify"));
  ran = ask(kAlias, kSecret, ir("other", named("NewUser")));
  EXPECT_THAT(ran.err, HasSubstr("outside")) << "the names are those of that secret";
  ran = ask(kPath, kSecret, ir("unit-3", named("NewUser")));
  EXPECT_THAT(ran.err, HasSubstr("the MAC does not verify"))
      << "elsewhere there is none by default";
}

TEST_F(MovedClients, AreFoundByTheirSubjectWhateverTheirReferenceIs) {
  set_up({"secret", "add", "--reference", "unit-7", "--secret", "pass:password-of-unit-7", "--uses",
          "any"});
  set_up({"object", "set", "cmp_profile", "devices", "reference_from_subject=CN",
          "default_ra_profile=device"});
  known();
  const Words mykeyid = both(to_ca_, {"-ref", "mykeyid"});
  Ran ran = ask(kAlias, "password-of-unit-7", ir("unit-7", mykeyid));
  EXPECT_EQ(ran.exit, 0) << ran.err << server_.log();
  ran = ask(kAlias, "password-of-unit-7", ir("unit-8", mykeyid));
  EXPECT_THAT(ran.err, HasSubstr("the MAC does not verify"));
  EXPECT_THAT(server_.certificates(), AllOf(HasSubstr("valid"), Not(HasSubstr("unconfirmed"))));
}

TEST_F(MovedClients, ThatAreRegistrationAuthoritiesMayBeSoByASecret) {
  EXPECT_THAT(operate({"secret", "add", "--ra"}).err, HasSubstr("say for whom with --names"));
  set_up({"secret", "add", "--ra", "--reference", "ra", "--secret", std::string("pass:") + kSecret,
          "--uses", "any", "--names", "unit-*"});
  set_up({"secret", "add", "--reference", "crowd", "--secret", "pass:the-secret-of-the-crowd",
          "--uses", "any", "--names", "any"});
  known();
  const Words ra = both(to_ca_, {"-ref", "ra"}), crowd = both(to_ca_, {"-ref", "crowd"});
  const Words vouched{"-popo", "0"};  // raVerified
  const auto rr = [&](const std::string& name) {
    return Words{"-cmd", "rr", "-oldcert", certificate(name), "-revreason", "4"};
  };
  Ran ran = ask(kPath, "the-secret-of-the-crowd", ir("unit-2", both(crowd, vouched)));
  EXPECT_THAT(ran.err, HasSubstr("raVerified is for registration authorities"));
  ran = ask(kPath, kSecret, ir("unit-1", both(ra, vouched)));
  EXPECT_EQ(ran.exit, 0) << ran.err << server_.log();
  ran = ask(kPath, kSecret, ir("other", both(ra, vouched)));
  EXPECT_THAT(ran.err, HasSubstr("outside")) << "its names bind it";

  ASSERT_EQ(ask(kPath, "the-secret-of-the-crowd", ir("other", crowd)).exit, 0);
  ASSERT_EQ(ask(kPath, "the-secret-of-the-crowd", ir("unit-3", crowd)).exit, 0);
  ran = ask(kPath, "the-secret-of-the-crowd", both(crowd, rr("unit-3")));
  EXPECT_THAT(ran.err, HasSubstr("several may hold this shared secret"));
  ran = ask(kPath, kSecret, both(ra, rr("other")));
  EXPECT_THAT(ran.err, HasSubstr("outside")) << "of others it revokes nothing";
  ran = ask(kPath, kSecret, both(ra, rr("unit-3")));
  EXPECT_EQ(ran.exit, 0) << ran.err << server_.log();
  EXPECT_THAT(operate({"secret", "list"}).out, HasSubstr("of a registration authority"));
}

TEST_F(MovedClients, KeepThePasswordsThatTheyHave) {
  std::ofstream(shop_.at("users.csv")) << "reference,secret,uses\n"
                                          "unit-4,password-of-unit-4,\n"
                                          "unit-5,password-of-unit-5,any\n"
                                          "unit-6,,\n";
  const Ran import = operate({"secret", "import", shop_.at("users.csv")});
  ASSERT_EQ(import.exit, 0) << import.err;
  EXPECT_THAT(import.err, HasSubstr("imported 3 secrets"));
  EXPECT_THAT(import.out,
              AllOf(HasSubstr("unit-6,"), Not(HasSubstr("unit-4")), Not(HasSubstr("password"))))
      << "what was made is shown";
  known();
  Ran ran = ask(kPath, "password-of-unit-4", ir("unit-4", both(to_ca_, {"-ref", "unit-4"})));
  EXPECT_EQ(ran.exit, 0) << ran.err << server_.log();
  ran = ask(kPath, "password-of-unit-5", ir("unit-5", both(to_ca_, {"-ref", "unit-5"})));
  EXPECT_EQ(ran.exit, 0) << ran.err << server_.log();
  std::ofstream(shop_.at("users.csv"))
      << "reference,secret,deliver\nunit-9,chosen-by-a-person,a@b.c\n";
  ran = operate({"secret", "import", shop_.at("users.csv")});
  EXPECT_THAT(ran.err, HasSubstr("only secrets that are made here are delivered"));
}

// RFC 4210 Appendix D.2 has SHA-1 by default.
TEST_F(MovedClients, MayDeriveTheirKeyBySha1WhereTheProfileSaysSo) {
  set_up({"object", "set", "cmp_profile", "devices", "accept_owf_sha1=true",
          "default_ra_profile=device"});
  known();
  // -digest is for the proof of possession, too, where SHA-1 never passes: Ed25519 has none.
  const std::string ed25519 = shop_.at("ed25519.key");
  ASSERT_EQ(shop_.openssl({"genpkey", "-algorithm", "ED25519", "-out", ed25519}).exit, 0);
  const Words old =
      both(to_ca_, {"-ref", server_.reference(), "-digest", "sha1", "-newkey", ed25519});
  Ran ran = ask(kPath, server_.secret(), ir("unit-1", old));
  EXPECT_THAT(ran.err, HasSubstr("owf 1.3.14.3.2.26"));
  ran = ask(kAlias, server_.secret(), ir("unit-1", old));
  EXPECT_EQ(ran.exit, 0) << ran.err << server_.log();
}

}  // namespace
}  // namespace countersign::test
