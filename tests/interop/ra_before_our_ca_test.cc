// countersignd as a registration authority in front of another countersignd. End entities are
// `openssl cmp` and `countersign`.
#include <fstream>

#include "interop/ra_before_our_ca.h"

namespace countersign::test {
namespace {

using testing::HasSubstr;
using testing::Not;

// RFC 9483 §6.1 [MUST]
TEST_F(RaBeforeOurCa, says_what_answered_in_the_place_of_the_ca) {
  path_ = "/nothing/is/here";
  start();
  const Ran ran = enrol("device");
  EXPECT_NE(ran.exit, 0);
  EXPECT_THAT(ran.err, HasSubstr("systemFailure"));
  EXPECT_THAT(ran.err, HasSubstr("gave no CMP answer"));
  EXPECT_THAT(ra_->log(), HasSubstr("answered 404"));
}

TEST_F(RaBeforeOurCa, is_made_by_a_secret_for_that_only) {
  const Ran ran = shop_.countersign(
      {"enroll", ca_.url(), "--reference", ca_.reference(), "--secret", "pass:" + ca_.secret(),
       "--subject", "CN=RA", "--profile", "ra", "--key", at("x.key"), "--cert", at("x.pem")});
  EXPECT_NE(ran.exit, 0);
  EXPECT_THAT(ran.err, HasSubstr("notAuthorized"));
}

TEST_F(RaBeforeOurCa, enrols_and_revokes_at_both) {
  start();
  ASSERT_TRUE(ra_);
  Ran ran = enrol("device");
  ASSERT_EQ(ran.exit, 0) << ran.out << ran.err << ra_->log() << ca_.log();
  EXPECT_THAT(ra_->certificates(), HasSubstr("valid CN=device"));
  EXPECT_THAT(ca_.certificates(), HasSubstr("valid CN=device"));
  ran = shop_.countersign({"revoke", ra_->url(), "--cert", at("device.pem"), "--key",
                           at("device.key"), "--trust", ca_.data() + "/root.pem", "--reason",
                           "keyCompromise"});
  ASSERT_EQ(ran.exit, 0) << ran.out << ran.err << ra_->log() << ca_.log();
  EXPECT_THAT(ra_->certificates(), HasSubstr("revoked CN=device"));
  EXPECT_THAT(ca_.certificates(), HasSubstr("revoked CN=device"));
}

// RFC 9483 §3.5 [SHOULD] the status of the protection certificate, which its CA knows
TEST_F(RaBeforeOurCa, refuses_a_signer_that_the_lists_of_the_ca_revoke) {
  const auto copy_list = [this] {
    const std::string answer = ca_.http("GET /crl/issuing.crl HTTP/1.0\r\n\r\n");
    write(at("ca.crl"), answer.substr(answer.find("\r\n\r\n") + 4));
  };
  copy_list();
  start("[trust]\nrevocation_lists = [\"" + at("ca.crl") + "\"]\n");
  ASSERT_EQ(enrol("device").exit, 0);
  const auto again = [this] {
    return shop_.countersign({"enroll", ra_->url(), "--via-cert", at("device.pem"), "--via-key",
                              at("device.key"), "--trust", ca_.data() + "/root.pem", "--subject",
                              "CN=device", "--key", at("again.key"), "--cert", at("again.pem"),
                              "--start-over"});
  };
  EXPECT_EQ(again().exit, 0) << ra_->log();
  const Ran shown = shop_.openssl({"x509", "-in", at("device.pem"), "-noout", "-serial"});
  const std::string serial = shown.out.substr(7, shown.out.find_last_not_of('\n') - 6);
  const Ran revoked =
      ca_shop_.countersignd({"revoke", serial, "--data", ca_.data(), "--reason", "keyCompromise"});
  ASSERT_EQ(revoked.exit, 0) << revoked.err;
  Ran ran;
  for (int i = 0; i < 40; ++i) {
    copy_list();
    ran = again();
    if (ran.exit != 0) break;
    std::this_thread::sleep_for(milliseconds{100});
  }
  EXPECT_THAT(ran.err, HasSubstr("signerNotTrusted"));
  EXPECT_THAT(ran.err, HasSubstr("revoked"));
}

TEST_F(RaBeforeOurCa, adds_its_protection_to_a_key_update) {
  start();
  ASSERT_EQ(enrol("device").exit, 0);
  const Ran ran = shop_.countersign({"renew", ra_->url(), "--cert", at("device.pem"), "--key",
                                     at("device.key"), "--trust", ca_.data() + "/root.pem"});
  ASSERT_EQ(ran.exit, 0) << ran.out << ran.err << ra_->log() << ca_.log();
  const std::string of_ca = ca_.certificates();
  EXPECT_NE(of_ca.find("valid CN=device"), of_ca.rfind("valid CN=device")) << of_ca;
}

TEST_F(RaBeforeOurCa, passes_everything_on_untouched_when_told_to) {
  start("strategy = \"keep\"\n");
  const Ran ran = shop_.countersign({"enroll", ra_->url(), "--reference", ca_.reference(),
                                     "--secret", "pass:" + ca_.secret(), "--subject", "CN=kept",
                                     "--key", at("kept.key"), "--cert", at("kept.pem")});
  ASSERT_EQ(ran.exit, 0) << ran.out << ran.err << ra_->log() << ca_.log();
  EXPECT_THAT(ca_.certificates(), HasSubstr("valid CN=kept"));
}

TEST_F(RaBeforeOurCa, sends_several_up_together) {
  start("strategy = \"batch\"\n");
  std::vector<std::thread> devices;
  std::vector<Ran> ran(4);
  std::vector<std::unique_ptr<Workshop>> shops;
  shops.reserve(ran.size());  // each is looked at while the next is made
  for (std::size_t i = 0; i < ran.size(); ++i) {
    shops.push_back(std::make_unique<Workshop>());
    devices.emplace_back([&, i] {
      ran[i] = shops[i]->countersign({"enroll", ra_->url(), "--reference", ca_.reference(),
                                      "--secret", "pass:" + ca_.secret(), "--subject",
                                      "CN=device " + std::to_string(i), "--key", shops[i]->at("k"),
                                      "--cert", shops[i]->at("c")});
    });
  }
  for (auto& device : devices) device.join();
  for (std::size_t i = 0; i < ran.size(); ++i) {
    EXPECT_EQ(ran[i].exit, 0) << ran[i].err << ra_->log() << ca_.log();
    EXPECT_THAT(ca_.certificates(), HasSubstr("valid CN=device " + std::to_string(i)));
  }
}

// The end entity has a vendor's certificate that both trust.
// A device of a vendor, and the vendor as an anchor of both.
class DeviceBeforeRa : public RaBeforeOurCa {
 protected:
  void be_born(const Words& key, const std::string& usage) {
    const auto openssl = [&](const Words& words) { ASSERT_EQ(shop_.openssl(words).exit, 0); };
    openssl({"genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out",
             at("vendor.key")});
    Words born{"genpkey", "-out", at("born.key")};
    born.insert(born.end(), key.begin(), key.end());
    openssl(born);
    openssl({"req", "-x509", "-config", "/dev/null", "-key", at("vendor.key"), "-subj",
             "/CN=Vendor", "-days", "30", "-addext", "basicConstraints=critical,CA:TRUE", "-addext",
             "keyUsage=critical,keyCertSign", "-out", at("vendor.pem")});
    openssl({"req", "-x509", "-config", "/dev/null", "-key", at("born.key"), "-subj", "/CN=dev-1",
             "-days", "30", "-addext", "keyUsage=critical," + usage, "-CA", at("vendor.pem"),
             "-CAkey", at("vendor.key"), "-out", at("born.pem")});
  }
  void trust(RunningServer& server, Workshop& shop) {
    const Ran ran = shop.countersignd(
        {"trust", "add", "--data", server.data(), "--names", "dev-*", at("vendor.pem")});
    ASSERT_EQ(ran.exit, 0) << ran.err;
    server.stop();
    server.start();
  }
  Ran ask(const std::string& subject, const Words& more = {}) {
    Words words{"enroll",     ra_->url(),
                "--via-cert", at("born.pem"),
                "--via-key",  at("born.key"),
                "--subject",  subject,
                "--key",      at("own.key"),
                "--cert",     at("own.pem"),
                "--trust",    ca_.data() + "/root.pem"};
    words.insert(words.end(), more.begin(), more.end());
    return shop_.countersign(words);
  }
};

TEST_F(DeviceBeforeRa, has_everything_passed_on_with_the_protection_of_the_ra_when_told_to) {
  be_born({"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"}, "digitalSignature");
  trust(ca_, ca_shop_);
  start("strategy = \"add\"\n");
  trust(*ra_, shop_);
  const Ran refused = ask("CN=admin");
  EXPECT_THAT(refused.err, HasSubstr("notAuthorized"));
  EXPECT_THAT(refused.err, Not(HasSubstr("rights.name"))) << "in an ip, which has no errorDetails";
  EXPECT_THAT(ra_->log(), HasSubstr("rights.name")) << "by the RA already";
  const Ran ran = ask("CN=dev-1");
  EXPECT_EQ(ran.exit, 0) << ran.err << ra_->log() << ca_.log();
  EXPECT_THAT(ca_.certificates(), HasSubstr("valid CN=dev-1"));
}

// RFC 9483 §5.2.3 [MUST NOT] replace the protection of a request for a key
TEST_F(DeviceBeforeRa, gets_a_key_that_the_ca_made_for_it_alone) {
  be_born({"-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"},
          "digitalSignature,keyEncipherment");
  std::ofstream(ca_.data() + "/config.toml", std::ios::app)
      << "\n[cmp]\ncentral_keys = \"signers\"\n";
  trust(ca_, ca_shop_);
  start("[cmp]\ncentral_keys = \"signers\"\n");
  trust(*ra_, shop_);
  const Ran ran = ask("CN=dev-1", {"--central-key", "--algorithm", "p256"});
  EXPECT_EQ(ran.exit, 0) << ran.err << ra_->log() << ca_.log();
  EXPECT_THAT(ca_.certificates(), HasSubstr("valid CN=dev-1"));
  EXPECT_THAT(ra_->certificates(), HasSubstr("valid CN=dev-1"));
  const Ran pair = shop_.openssl({"pkey", "-in", at("own.key"), "-noout", "-text"});
  EXPECT_THAT(pair.out, HasSubstr("P-256"));
}

// RFC 9483 §4.1.6
TEST_F(RaBeforeOurCa, says_why_there_is_no_key_under_a_secret_that_it_alone_knows) {
  std::ofstream(ca_.data() + "/config.toml", std::ios::app) << "\n[cmp]\ncentral_keys = \"any\"\n";
  ca_.stop();
  ca_.start();
  start("[cmp]\ncentral_keys = \"any\"\n");
  const Ran ran = enrol("device", {"--central-key", "--algorithm", "p256"});
  EXPECT_NE(ran.exit, 0);
  EXPECT_THAT(ran.err, HasSubstr("make the key yourself"));
  EXPECT_THAT(ran.err, HasSubstr("badRequest"));
}

// A device that gets a certificate and then says nothing: what it is at the CA, before and after.
class SilentDevice : public RaBeforeOurCa {
 protected:
  void is_withdrawn_at_both(const std::string& status_before) {
    const Ran key = shop_.openssl({"genpkey", "-algorithm", "EC", "-pkeyopt",
                                   "ec_paramgen_curve:P-256", "-out", at("silent.key")});
    ASSERT_EQ(key.exit, 0) << key.err;
    Words words = ir_to(*ra_, "/CN=Countersign Issuing CA", "/CN=silent");
    words.insert(words.end(),
                 {"-newkey", at("silent.key"), "-certout", at("silent.pem"), "-disable_confirm"});
    const Ran ran = shop_.openssl(words);
    ASSERT_EQ(ran.exit, 0) << ran.err << ra_->log();
    EXPECT_THAT(ca_.certificates(), HasSubstr(status_before + " CN=silent"));
    const auto revoked = [this] { return ca_.certificates().contains("revoked CN=silent"); };
    for (int i = 0; i < 100 && !revoked(); ++i) std::this_thread::sleep_for(milliseconds{100});
    EXPECT_TRUE(revoked()) << ca_.certificates() << ra_->log();
    EXPECT_THAT(ra_->certificates(), HasSubstr("revoked CN=silent"));
  }
};

TEST_F(SilentDevice, has_its_certificate_rejected_at_the_ca) {
  start("[cmp]\nconfirm_wait = \"2s\"\n");
  is_withdrawn_at_both("unconfirmed");
}

TEST_F(SilentDevice, has_its_certificate_revoked_at_a_ca_that_takes_it_for_confirmed) {
  start("confirm = \"implicit\"\n[cmp]\nconfirm_wait = \"2s\"\n");
  is_withdrawn_at_both("valid");
}

TEST_F(RaBeforeOurCa, tells_what_the_ca_says_of_an_ra_that_it_does_not_know) {
  start();
  const Ran revoked = shop_.countersign({"revoke", ca_.url(), "--cert", at("ra.pem"), "--key",
                                         at("ra.key"), "--trust", ca_.data() + "/root.pem"});
  ASSERT_EQ(revoked.exit, 0) << revoked.err;
  const Ran ran = enrol("device");
  EXPECT_NE(ran.exit, 0);
  EXPECT_THAT(ran.err, HasSubstr("does not accept it as a registration authority"));
  EXPECT_THAT(ra_->log(), HasSubstr("certRevoked")) << "what the CA said";
  EXPECT_EQ(ra_->certificates(), "");
}

TEST_F(RaBeforeOurCa, goes_on_after_a_crash_of_either) {
  start("patience = \"20s\"\n");
  ca_.kill();
  std::thread later([this] {
    std::this_thread::sleep_for(milliseconds{1500});
    ca_.start();
  });
  const Ran ran = enrol("device");
  later.join();
  ASSERT_EQ(ran.exit, 0) << ran.out << ran.err << ra_->log();
  ra_->kill();
  ra_->start();
  EXPECT_EQ(enrol("second").exit, 0);
  EXPECT_THAT(ca_.certificates(), HasSubstr("valid CN=second"));
}

}  // namespace
}  // namespace countersign::test
