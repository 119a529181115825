// countersignd as a registration authority in front of a CA that lives its own life: it gets new
// keys, has certificates that came without the RA, and revokes some.
#include <fstream>

#include "interop/ra_before_our_ca.h"

namespace countersign::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class RaBeforePki : public RaBeforeOurCa {
 protected:
  // What one process changes the other one knows after a second.
  static void sleep() { std::this_thread::sleep_for(milliseconds{1500}); }
  Words by(const std::string& verb, const std::string& url, const std::string& name) const {
    return {verb,      url,           "--cert", at(name + ".pem"), "--key", at(name + ".key"),
            "--trust", at("root.pem")};
  }
  // With the root of that time, as a device has it.
  void serve(const std::string& config = {}) {
    write(at("root.pem"), read(ca_.data() + "/root.pem"));
    start(config);
  }
  void works(const std::string& verb, const std::string& name) {
    const Ran ran = shop_.countersign(by(verb, ra_->url(), name));
    EXPECT_EQ(ran.exit, 0) << verb << " " << name << ": " << ran.err << ra_->log();
  }
  void rolls_over(const std::string& what) {
    const Ran rolled = ca_shop_.countersignd({"ca", "rollover", what, "--data", ca_.data()});
    ASSERT_EQ(rolled.exit, 0) << rolled.err;
    sleep();
  }
  void said_in_time(const std::string& words) {
    for (int i = 0; i < 50 && !ra_->log().contains(words); ++i)
      std::this_thread::sleep_for(milliseconds{100});
    EXPECT_THAT(ra_->log(), HasSubstr(words));
  }
  void share_a_secret() {
    const Ran made = ca_shop_.countersignd({"secret", "add", "--data", ca_.data(), "--ra",
                                            "--names", "any", "--uses", "any", "--reference",
                                            "our-ra", "--secret", "pass:between the two of us"});
    ASSERT_EQ(made.exit, 0) << made.err;
    write(at("ra.secret"), "between the two of us\n");
  }
  // At the CA, without the RA.
  void enrol_at_ca(const std::string& name) {
    Words words{"enroll", ca_.url(),         "--subject", "CN=" + name,
                "--key",  at(name + ".key"), "--cert",    at(name + ".pem")};
    for (const auto& word : ca_.by_secret()) words.push_back(word);
    const Ran ran = shop_.countersign(words);
    ASSERT_EQ(ran.exit, 0) << ran.err << ca_.log();
  }
  std::string serial_of(const std::string& name) {
    const Ran shown = shop_.openssl({"x509", "-in", at(name + ".pem"), "-noout", "-serial"});
    return shown.out.substr(7, shown.out.find_last_not_of('\n') - 6);
  }
};

// RFC 9483 §4.2 [MUST] the issuer of the certificate that is revoked
TEST_F(RaBeforePki, goes_on_when_the_ca_has_a_new_issuing_key) {
  serve();
  ASSERT_EQ(enrol("old").exit, 0);
  rolls_over("--issuing");
  const Ran ran = enrol("new");
  ASSERT_EQ(ran.exit, 0) << ran.err << ra_->log();
  EXPECT_THAT(ra_->log(), HasSubstr("issues by another CA, too"));
  const Ran chain = shop_.openssl(
      {"verify", "-CAfile", at("root.pem"), "-untrusted", at("new.pem"), at("new.pem")});
  EXPECT_EQ(chain.exit, 0) << "the chain came along: " << chain.err;
  works("renew", "new");
  works("renew", "old");
  const Ran check = shop_.countersignd({"check", "--data", ra_->data()});
  EXPECT_THAT(check.out, HasSubstr("was seen to issue; it counts"));
  ra_->stop();
  ra_->start();
  EXPECT_EQ(enrol("after").exit, 0) << "it is kept: " << ra_->log();
  for (const std::string name : {"old", "new", "after"}) {
    works("revoke", name);
    EXPECT_THAT(ca_.certificates(), HasSubstr("revoked CN=" + name));
  }
}

TEST_F(RaBeforePki, goes_on_when_the_ca_has_a_new_root_that_the_old_one_vouches_for) {
  serve();
  ASSERT_EQ(enrol("old").exit, 0);
  rolls_over("--root");
  rolls_over("--issuing");
  const Ran ran = enrol("new");
  ASSERT_EQ(ran.exit, 0) << ran.err << ra_->log();
  sleep();
  works("renew", "new");
  works("revoke", "old");
}

// A key update is passed on, with its own protection: what comes of it is known here as well.
TEST_F(RaBeforePki, knows_what_the_new_key_signed_in_an_answer_that_was_passed_on) {
  serve();
  ASSERT_EQ(enrol("device").exit, 0);
  rolls_over("--issuing");
  works("renew", "device");
  works("revoke", "device");
}

TEST_F(RaBeforePki, takes_up_new_files_without_a_restart) {
  serve();
  const std::string first = serial_of("ra");
  const Ran renewed = shop_.countersign(by("renew", ca_.url(), "ra"));
  ASSERT_EQ(renewed.exit, 0) << renewed.err;
  said_in_time("upstream has new files");
  const Ran revoked = ca_shop_.countersignd({"revoke", first, "--data", ca_.data()});
  ASSERT_EQ(revoked.exit, 0) << revoked.err;
  sleep();
  EXPECT_EQ(enrol("device").exit, 0) << "by the new certificate: " << ra_->log();
  write(at("ca.pem"), "half a file");
  said_in_time("goes on as before");
  EXPECT_THAT(ra_->log(), HasSubstr("upstream.ca: " + at("ca.pem")));
  EXPECT_EQ(enrol("another").exit, 0) << ra_->log();
}

// RFC 9483 §4.1.1 [MUST] polls and certConf have the protection of the request: this CA knows a
// transaction by whoever began it.
TEST_F(RaBeforePki, ends_what_it_began_before_its_certificate_was_renewed) {
  serve();
  const auto at_ca = [this](Words words) {
    words.insert(words.end(), {"--data", ca_.data()});
    return ca_shop_.countersignd(words);
  };
  ASSERT_EQ(at_ca({"object", "set", "ra_profile", "device", "template=device", "approvals=1",
                   "approval_check_after=1s"})
                .exit,
            0);
  sleep();
  EXPECT_EQ(enrol("device", {"--patience", "2s"}).exit, 5) << "it waits: " << ra_->log();
  ASSERT_EQ(shop_.countersign(by("renew", ca_.url(), "ra")).exit, 0);
  said_in_time("upstream has new files");
  const Ran waiting = at_ca({"requests", "list", "--json"});
  const auto from = waiting.out.find("\"id\":\"") + 6;
  const std::string id = waiting.out.substr(from, waiting.out.find('"', from) - from);
  const Ran approved = at_ca({"requests", "approve", id});
  ASSERT_EQ(approved.exit, 0) << waiting.out << approved.err;
  const Ran ran = enrol("device");
  EXPECT_EQ(ran.exit, 0) << ran.err << ra_->log();
  EXPECT_THAT(ca_.certificates(), HasSubstr("valid CN=device"));
}

TEST_F(RaBeforePki, takes_the_listed_cas_alone_where_it_is_to) {
  serve("follow = false\n");
  ASSERT_EQ(enrol("old").exit, 0);
  rolls_over("--issuing");
  EXPECT_NE(enrol("new").exit, 0);
  said_in_time("put it into that file");
  write(at("ca.pem"), read(ca_.data() + "/issuing.pem") + read(at("ca.pem")));
  said_in_time("upstream has new files");
  const Ran ran = enrol("another");
  EXPECT_EQ(ran.exit, 0) << ran.err << ra_->log();
  works("revoke", "old");
}

TEST_F(RaBeforePki, lets_in_who_came_to_the_ca_without_it_once_that_is_named) {
  serve();
  enrol_at_ca("early");
  enrol_at_ca("other");
  const Ran refused = shop_.countersign(by("revoke", ra_->url(), "early"));
  EXPECT_NE(refused.exit, 0);
  EXPECT_THAT(refused.err, HasSubstr("not issued through this server"));
  EXPECT_THAT(refused.err, HasSubstr("countersignd trust add"));
  const Ran named = shop_.countersignd(
      {"trust", "add", "--data", ra_->data(), "--names", "self", at("root.pem")});
  ASSERT_EQ(named.exit, 0) << named.err;
  EXPECT_THAT(named.out, HasSubstr("until trust.revocation_lists names its revocation lists"));
  sleep();
  works("revoke", "early");
  EXPECT_THAT(ca_.certificates(), HasSubstr("revoked CN=early"));
  EXPECT_THAT(ra_->certificates(), HasSubstr("revoked CN=early"));
  works("renew", "other");
  EXPECT_THAT(ra_->certificates(), HasSubstr("valid CN=other"));
  works("renew", "other");
}

// The CA's own registration authority is none of ours, whatever its certificate says.
TEST_F(RaBeforePki, takes_no_registration_authority_over) {
  serve();
  const Ran named = shop_.countersignd(
      {"trust", "add", "--data", ra_->data(), "--names", "self", at("root.pem")});
  ASSERT_EQ(named.exit, 0) << named.err;
  sleep();
  const Ran ran = shop_.countersign(by("revoke", ra_->url(), "ra"));
  EXPECT_NE(ran.exit, 0);
  EXPECT_THAT(ra_->certificates(), Not(HasSubstr("CN=RA 1")));
}

// The CA knows its registration authority by a secret, and may be told anything so: what it is
// asked for, what is passed on, and what is revoked.
class RaKnownBySecret : public RaBeforePki, public testing::WithParamInterface<const char*> {};

TEST_P(RaKnownBySecret, does_all_that_one_with_a_certificate_does) {
  share_a_secret();
  serve("reference = \"our-ra\"\nsecret_file = \"" + at("ra.secret") + "\"\nmac = \"" + GetParam() +
        "\"\n");
  const Ran ran = enrol("device");
  ASSERT_EQ(ran.exit, 0) << ran.err << ra_->log() << ca_.log();
  works("renew", "device");
  works("revoke", "device");
  EXPECT_THAT(ca_.certificates(), HasSubstr("revoked CN=device"));
}

INSTANTIATE_TEST_SUITE_P(By, RaKnownBySecret, testing::Values("pbm", "pbmac1", "pbm-gmac"));

TEST_F(RaBeforePki, needs_no_certificate_as_one_of_several_authorities) {
  share_a_secret();
  write(at("ca.pem"), read(ca_.data() + "/issuing.pem") + read(ca_.data() + "/root.pem"));
  write(at("root.pem"), read(ca_.data() + "/root.pem"));
  ra_.emplace(shop_);  // a CA itself
  write(at("objects.toml"), "[authority.theirs]\nkind = \"cmp\"\nurl = \"" + ca_.url() + path_ +
                                "\"\nca = \"" + at("ca.pem") +
                                "\"\nreference = \"our-ra\"\nsecret_file = \"" + at("ra.secret") +
                                "\"\n[ra_profile.elsewhere]\ntemplate = \"device\"\n"
                                "authorities = [\"theirs\"]\n");
  const Ran applied =
      shop_.countersignd({"config", "apply", at("objects.toml"), "--data", ra_->data()});
  ASSERT_EQ(applied.exit, 0) << applied.err;
  sleep();
  const Ran ran = enrol("device", {"--profile", "elsewhere"});
  ASSERT_EQ(ran.exit, 0) << ran.err << ra_->log() << ca_.log();
  EXPECT_THAT(ca_.certificates(), HasSubstr("valid CN=device"));
  const Ran renewed = shop_.countersign(by("renew", ra_->url(), "device"));
  EXPECT_NE(renewed.exit, 0);
  EXPECT_THAT(renewed.err, HasSubstr("no certificate to vouch"));
}

// One that an operator may have added when it did not count.
TEST_F(RaBeforePki, says_that_an_anchor_is_its_own_ca) {
  serve();
  ASSERT_EQ(
      shop_.countersignd({"trust", "add", "--data", ra_->data(), "--names", "any", at("root.pem")})
          .exit,
      0);
  const Ran ran = shop_.countersignd({"check", "--data", ra_->data()});
  EXPECT_THAT(ran.out, HasSubstr("everybody whom it certified may ask here for names: any"));
  ra_->stop();
  ra_->start();
  EXPECT_THAT(ra_->log(), HasSubstr("everybody whom it certified"));
}

TEST_F(RaBeforePki, is_checked_as_what_it_is) {
  serve();
  const auto check = [this] { return shop_.countersignd({"check", "--data", ra_->data()}); };
  Ran ran = check();
  EXPECT_EQ(ran.exit, 0) << ran.out;
  EXPECT_THAT(ran.out, HasSubstr("a registration authority of " + ca_.url()));
  EXPECT_THAT(ran.out, HasSubstr("upstream.ca, the CA that issues"));
  EXPECT_THAT(ran.out, HasSubstr("upstream.certificate"));
  EXPECT_THAT(ran.out, Not(HasSubstr("root CA certificate"))) << "that is in use nowhere";
  write(at("ca.pem"), "half a file");
  ran = check();
  EXPECT_NE(ran.exit, 0);
  EXPECT_THAT(ran.out, HasSubstr("upstream.ca cannot be used"));
}

// RFC 9483 §4.3.2, §4.3.4
TEST_F(RaBeforePki, says_only_what_it_knows) {
  const std::string list = ca_.http("GET /crl/issuing.crl HTTP/1.0\r\n\r\n");
  write(at("ca.crl"), list.substr(list.find("\r\n\r\n") + 4));
  serve("[trust]\nrevocation_lists = [\"" + at("ca.crl") + "\"]\n");
  sleep();
  const auto ask = [this](const Words& more) {
    Words words{"info", ra_->url(), "--trust", at("root.pem")};
    for (const auto& word : ra_->by_secret()) words.push_back(word);
    words.insert(words.end(), more.begin(), more.end());
    const Ran ran = shop_.countersign(words);
    return ran.out + ran.err;
  };
  EXPECT_THAT(ask({"--type", "currentCRL"}), HasSubstr("BEGIN X509 CRL"));
  EXPECT_THAT(ask({"--type", "rootCaCert"}), HasSubstr("unsupportedOIDs"));
  EXPECT_THAT(ask({"--type", "caCerts"}), HasSubstr("BEGIN CERTIFICATE"));
}

}  // namespace
}  // namespace countersign::test
