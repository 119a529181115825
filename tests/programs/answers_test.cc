// What goes with an answer, and who signs it, per CMP profile: through the real programs and stock
// OpenSSL.
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

std::size_t certificates_in(const std::string& pem) {
  std::size_t count = 0;
  for (auto at = pem.find("BEGIN CERT"); at != std::string::npos;
       at = pem.find("BEGIN CERT", at + 1))
    ++count;
  return count;
}

class Answers : public testing::Test {
 protected:
  Workshop shop_;
  RunningServer server_{shop_};

  Answers() {
    shop_.certificate(
        "ops", {"-subj", "/CN=Ops Root", "-addext", "basicConstraints=critical,CA:TRUE", "-addext",
                "keyUsage=critical,keyCertSign"});
    signer("signer", "digitalSignature");
    EXPECT_EQ(shop_
                  .openssl({"genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256",
                            "-out", shop_.at("k.pem")})
                  .exit,
              0);
    std::ofstream(shop_.at("password")) << "open sesame\n";
    std::ofstream(shop_.at("both.pem"))
        << read_file(shop_.at("ops.pem")) << read_file(server_.data() + "/root.pem");
  }
  void signer(const std::string& name, const std::string& usage, const Words& more = {}) {
    Words words{"-subj",   "/CN=Line Signer",   "-CA",     shop_.at("ops.pem"),
                "-CAkey",  shop_.at("ops.key"), "-addext", "basicConstraints=critical,CA:FALSE",
                "-addext", "keyUsage=" + usage, "-addext", "extendedKeyUsage=1.3.6.1.5.5.7.3.28"};
    words.insert(words.end(), more.begin(), more.end());
    shop_.certificate(name, words);
  }
  Ran apply(const std::string& toml) {
    std::ofstream(shop_.at("o.toml")) << toml;
    Ran ran = shop_.countersignd({"config", "apply", shop_.at("o.toml"), "--data", server_.data()});
    std::this_thread::sleep_for(std::chrono::milliseconds{1500});
    return ran;
  }
  std::string files(const std::string& certificate, const std::string& key) const {
    return "signer_certificate = \"" + shop_.at(certificate) + "\"\nsigner_key = \"" +
           shop_.at(key) + "\"\n";
  }
  // An ir of OpenSSL under the shared secret.
  Ran ask(const std::string& profile, const Words& more) {
    Words words{"cmp",
                "-config",
                "",
                "-cmd",
                "ir",
                "-server",
                server_.host_port(),
                "-path",
                ".well-known/cmp/p/" + profile,
                "-ref",
                server_.reference(),
                "-secret",
                "pass:" + server_.secret(),
                "-subject",
                "/CN=x",
                "-newkey",
                shop_.at("k.pem"),
                "-certout",
                shop_.at("c.pem"),
                "-extracertsout",
                shop_.at("extra.pem"),
                "-cacertsout",
                shop_.at("ca.pem")};
    words.insert(words.end(), more.begin(), more.end());
    for (const char* name : {"extra.pem", "ca.pem"}) std::filesystem::remove(shop_.at(name));
    return shop_.openssl(words);
  }
  Words trusting(const std::string& root) const { return {"-trusted", root}; }
};

TEST_F(Answers, AreSignedByTheSignerOfTheirProfile) {
  const Ran made = shop_.openssl({"pkcs12", "-export", "-inkey", shop_.at("signer.key"), "-in",
                                  shop_.at("signer.pem"), "-certfile", shop_.at("ops.pem"), "-out",
                                  shop_.at("signer.p12"), "-passout", "pass:open sesame"});
  ASSERT_EQ(made.exit, 0) << made.err;
  const Ran sealed = shop_.openssl({"pkey", "-in", shop_.at("signer.key"), "-aes256", "-passout",
                                    "pass:open sesame", "-out", shop_.at("sealed.key")});
  ASSERT_EQ(sealed.exit, 0) << sealed.err;
  const std::string password = "signer_password = \"" + shop_.at("password") + "\"\n";
  const std::string by_signature = "response_protection = \"signature\"\n";
  const Ran applied =
      apply("[cmp_profile.pem]\n" + by_signature + files("signer.pem", "signer.key") +
            "[cmp_profile.sealed]\n" + by_signature + password + files("signer.pem", "sealed.key") +
            "[cmp_profile.p12]\n" + by_signature + password + "signer_pkcs12 = \"" +
            shop_.at("signer.p12") + "\"\nextra_certs = \"chain_and_root\"\n[cmp_profile.usual]\n" +
            by_signature);
  ASSERT_EQ(applied.exit, 0) << applied.err;
  const auto theirs = trusting(shop_.at("ops.pem"));
  for (const char* profile : {"pem", "sealed", "p12"}) {
    const Ran ran = ask(profile, theirs);
    EXPECT_EQ(ran.exit, 0) << profile << ran.err << server_.log();
    // The root of the signer's, where it came along and is asked for; and of the new certificate.
    const std::size_t expected = std::string(profile) == "p12" ? 4 : 2;
    EXPECT_EQ(certificates_in(read_file(shop_.at("extra.pem"))), expected) << profile;
    EXPECT_NE(ask(profile, trusting(server_.data() + "/root.pem")).exit, 0);
  }
  EXPECT_NE(ask("usual", theirs).exit, 0) << "the server's own";
  EXPECT_EQ(ask("usual", trusting(server_.data() + "/root.pem")).exit, 0);
}

// RFC 9483 §3.1: senderKID is the subjectKeyIdentifier; where there is none, so is that.
TEST_F(Answers, AreKnownByTheirSenderWhereTheSignerHasNoKeyIdentifier) {
  signer("bare", "digitalSignature",
         {"-addext", "subjectKeyIdentifier=none", "-addext", "authorityKeyIdentifier=none"});
  ASSERT_EQ(apply("[cmp_profile.line]\nresponse_protection = \"signature\"\n" +
                  files("bare.pem", "bare.key"))
                .exit,
            0);
  const Ran ran = ask("line", trusting(shop_.at("ops.pem")));
  EXPECT_EQ(ran.exit, 0) << ran.err << server_.log();
  const Ran ours = shop_.countersign(
      {"enroll", server_.url() + "/.well-known/cmp/p/line", "--reference", server_.reference(),
       "--secret", "pass:" + server_.secret(), "--subject", "CN=y", "--key", shop_.at("y.key"),
       "--cert", shop_.at("y.pem"), "--trust", shop_.at("both.pem")});
  EXPECT_EQ(ours.exit, 0) << ours.err << server_.log();
}

TEST_F(Answers, AreNotGivenWhereTheirSignerCannotBeUsed) {
  signer("useless", "keyEncipherment");
  signer("old", "digitalSignature",
         {"-not_before", "20200101000000Z", "-not_after", "20210101000000Z"});
  struct Case {
    const char* profile;
    std::string files;
    const char* why;
  };
  const std::vector<Case> cases = {
      {"missing", files("later.pem", "later.key"), "later.pem"},
      {"mismatch", files("signer.pem", "ops.key"), "app.signer-key"},
      {"useless", files("useless.pem", "useless.key"), "app.signer-usage"},
      {"old", files("old.pem", "old.key"), "app.signer-time"},
      {"no-p12", "signer_pkcs12 = \"" + shop_.at("signer.pem") + "\"\n", "crypto.pkcs12-format"},
  };
  std::string toml;
  for (const Case& c : cases) toml += std::string("[cmp_profile.") + c.profile + "]\n" + c.files;
  const Ran applied = apply(toml);
  ASSERT_EQ(applied.exit, 0) << applied.err;
  for (const Case& c : cases) {
    const Ran ran = ask(c.profile, trusting(server_.data() + "/root.pem"));
    EXPECT_NE(ran.exit, 0) << c.profile;
    EXPECT_THAT(ran.err, HasSubstr("cannot sign its answers now")) << c.profile;
    EXPECT_THAT(server_.log(),
                AllOf(HasSubstr(std::string("CMP profile ") + c.profile), HasSubstr(c.why)));
  }
  EXPECT_EQ(ask("default", {}).exit, 0) << "the others serve";
  std::filesystem::copy(shop_.at("signer.key"), shop_.at("later.key"));
  std::filesystem::copy(shop_.at("signer.pem"), shop_.at("later.pem"));
  std::this_thread::sleep_for(std::chrono::milliseconds{2500});
  EXPECT_EQ(ask("missing", {}).exit, 0) << "files are read anew: " << server_.log();
}

TEST_F(Answers, EndWithTheirSignerOfWhichCheckWarns) {
  signer("far", "digitalSignature", {"-days", "400"});
  signer("near", "digitalSignature", {"-days", "20"});
  const auto profile = [](const std::string& name, const std::string& files) {
    return "[cmp_profile." + name + "]\n" + files;
  };
  const std::string far = files("far.pem", "far.key"), near = files("near.pem", "near.key");
  Ran ran = apply(profile("far", far) + profile("near-1", near) + profile("near-2", near) +
                  profile("off", files("gone.pem", "gone.key")));
  ASSERT_EQ(ran.exit, 0) << ran.err;
  ran = shop_.countersignd({"object", "disable", "cmp_profile", "off", "--data", server_.data()});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  ran = shop_.countersignd({"check", "--data", server_.data()});
  EXPECT_EQ(ran.exit, 0) << ran.out;
  const std::string signer_of = "signer certificate of the CMP profile ";
  EXPECT_THAT(ran.out, AllOf(HasSubstr("good     " + signer_of + "far expires 20"),
                             HasSubstr("WARNING  " + signer_of + "near-1, near-2 expires 20"),
                             Not(HasSubstr(signer_of + "off"))));
  ASSERT_EQ(apply(profile("none", files("gone.pem", "gone.key"))).exit, 0);
  ran = shop_.countersignd({"check", "--data", server_.data()});
  EXPECT_NE(ran.exit, 0);
  EXPECT_THAT(ran.out, HasSubstr("FAULT    " + signer_of + "none cannot be used"));
}

TEST_F(Answers, BringWhatTheirProfileSays) {
  const Ran applied = apply(R"(
[cmp_profile.all]
extra_certs = "chain_and_root"
ca_pubs = "never"
[cmp_profile.signed]
response_protection = "signature"
extra_certs = "signer"
ca_pubs = "always"
[cmp_profile.bare]
accept = ["pbmac1", "pbm"]
extra_certs = "none"
)");
  ASSERT_EQ(applied.exit, 0) << applied.err;
  struct Case {
    const char* profile;
    std::size_t extra, ca;
  };
  const std::string root = server_.data() + "/root.pem";
  for (const Case& c :
       {Case{"default", 1, 1}, Case{"all", 2, 0}, Case{"signed", 1, 1}, Case{"bare", 0, 1}}) {
    const bool by_signature = std::string_view(c.profile) == "signed";
    const Words trust{"-trusted", root, "-untrusted", server_.data() + "/issuing.pem"};
    const Ran ran = ask(c.profile, by_signature ? trust : Words{});
    EXPECT_EQ(ran.exit, 0) << c.profile << ran.err << server_.log();
    EXPECT_EQ(certificates_in(read_file(shop_.at("extra.pem"))), c.extra) << c.profile;
    EXPECT_EQ(certificates_in(read_file(shop_.at("ca.pem"))), c.ca) << c.profile;
  }
}

}  // namespace
}  // namespace countersign::test
