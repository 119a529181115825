// countersignd as a registration authority in front of the mock server of `openssl cmp -port`. End
// entities are `openssl cmp` and `countersign`.
#include <gmock/gmock.h>

#include <fstream>

#include "interop/ra_before_our_ca.h"

namespace countersign::test {
namespace {

using testing::HasSubstr;

class RaAgainstMock : public ClientAgainstMock {
 protected:
  void SetUp() override {
    ClientAgainstMock::SetUp();
    certificate("ra", "/CN=RA", "root", {"keyUsage=critical,digitalSignature"});
    prepare_me();
  }
  void start(const Words& mock, const std::string& more = {}) {
    Words words{"-rsp_cert", at("me.pem")};
    if (believes_) words.emplace_back("-accept_raverified");
    words.insert(words.end(), mock.begin(), mock.end());
    serve_with_certificate(words);
    ra_.emplace(shop_, "[upstream]\nurl = \"" + url() + "\"\ncertificate = \"" + at("ra.pem") +
                           "\"\nkey = \"" + at("ra.key") + "\"\nca = \"" + at(ca_) + "\"\n" + more);
  }
  // By `openssl cmp` and a secret that only the RA knows.
  Ran enrol(const Words& more = {}) {
    Words words = ir_to(*ra_, "/CN=Mock Root", "/CN=me");
    words.insert(words.end(), {"-newkey", at("me.key"), "-certout", at("out.pem")});
    words.insert(words.end(), more.begin(), more.end());
    return shop_.openssl(words);
  }
  std::string said() const { return ra_->log() + read(at("server.out")) + read(at("server.err")); }

  std::string ca_ = "root.pem";
  bool believes_ = true;  // the mock server, what an RA says of the proof of possession
  std::optional<RunningServer> ra_;
};

// RFC 9483 §5.2.3.1
TEST_F(RaAgainstMock, keeps_the_proof_of_possession_for_a_ca_that_checks_it_itself) {
  believes_ = false;
  start({}, "pop = \"keep\"\n");
  Ran ran = enrol();
  ASSERT_EQ(ran.exit, 0) << ran.err << said();
  expect_pair("me.key", "out.pem");
  const auto forget = [this] {  // the mock server has one certificate only
    ra_.reset();
    fs::remove_all(at("data"));
  };
  forget();
  openssl({"req", "-new", "-config", "/dev/null", "-key", at("me.key"), "-subj", "/CN=me", "-out",
           at("me.csr")});
  start({}, "pop = \"keep\"\n");
  ran = enrol({"-cmd", "p10cr", "-csr", at("me.csr")});
  EXPECT_EQ(ran.exit, 0) << ran.err << said();
  forget();
  start({});
  ran = enrol();
  EXPECT_NE(ran.exit, 0) << "this server does want it";
  EXPECT_THAT(ran.err, HasSubstr("badPOP"));
}

TEST_F(RaAgainstMock, keeps_a_proof_under_a_strategy_that_replaces_protection_alone) {
  start({});
  ra_->stop();
  std::ofstream(at("data") + "/config.toml", std::ios::app)
      << "pop = \"keep\"\nstrategy = \"add\"\n";
  const Ran ran = shop_.countersignd({"serve", "--data", at("data")});
  EXPECT_NE(ran.exit, 0);
  EXPECT_THAT(ran.err, HasSubstr("upstream.pop"));
}

TEST_F(RaAgainstMock, turns_a_mac_into_a_signature_and_confirms_end_to_end) {
  start({});
  const Ran ran = enrol();
  ASSERT_EQ(ran.exit, 0) << ran.err << said();
  EXPECT_THAT(ran.err, HasSubstr("sending CERTCONF"));
  expect_pair("me.key", "out.pem");
  EXPECT_THAT(ra_->certificates(), HasSubstr("valid CN=me"));
  const std::string mock = read(at("server.out")) + read(at("server.err"));
  EXPECT_NE(mock.find("received request"), mock.rfind("received request")) << "ir and certConf";
}

// RFC 9810 §5.1.1.1
TEST_F(RaAgainstMock, needs_one_exchange_where_the_ca_confirms_implicitly) {
  start({"-grant_implicitconf"}, "confirm = \"implicit\"\n");
  const Ran ran = enrol();
  ASSERT_EQ(ran.exit, 0) << ran.err << said();
  EXPECT_THAT(ran.err, HasSubstr("sending CERTCONF")) << "to the RA";
  EXPECT_THAT(ra_->certificates(), HasSubstr("valid CN=me"));
  const std::string mock = read(at("server.out")) + read(at("server.err"));
  EXPECT_EQ(mock.find("received request"), mock.rfind("received request")) << mock;
}

TEST_F(RaAgainstMock, confirms_where_the_ca_does_not_do_so_implicitly) {
  start({}, "confirm = \"implicit\"\n");
  const Ran ran = enrol();
  ASSERT_EQ(ran.exit, 0) << ran.err << said();
  const std::string mock = read(at("server.out")) + read(at("server.err"));
  EXPECT_NE(mock.find("received request"), mock.rfind("received request")) << "ir and certConf";
}

TEST_F(RaAgainstMock, relays_the_upstreams_reason) {
  start({"-pkistatus", "2", "-failure", "19", "-statusstring", "the key is too short"});
  const Ran ran = enrol();
  EXPECT_NE(ran.exit, 0);
  EXPECT_THAT(ran.err, HasSubstr("badCertTemplate"));
  EXPECT_THAT(ran.err, HasSubstr("the key is too short"));
  EXPECT_EQ(ra_->certificates(), "");
}

TEST_F(RaAgainstMock, relays_that_the_upstream_waits) {
  start({"-poll_count", "2", "-check_after", "1"});
  const Ran ran = enrol();
  ASSERT_EQ(ran.exit, 0) << ran.err << said();
  EXPECT_THAT(ran.err, HasSubstr("POLLREQ"));
  EXPECT_THAT(ra_->certificates(), HasSubstr("valid CN=me"));
}

TEST_F(RaAgainstMock, says_so_when_the_upstream_cannot_be_reached) {
  start({}, "patience = \"1s\"\n");
  server_.reset();
  Ran ran = enrol();
  EXPECT_NE(ran.exit, 0);
  EXPECT_THAT(ran.err, HasSubstr("systemUnavail"));
  EXPECT_THAT(ran.err, HasSubstr("cannot be reached"));
  EXPECT_THAT(ra_->log(), HasSubstr("transport.refused"));
}

TEST_F(RaAgainstMock, passes_on_what_another_ca_below_the_root_issued_if_that_comes_along) {
  certificate("sub", "/CN=Mock Sub", "root",
              {"basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign"});
  certificate("me", "/CN=me", "sub", {"basicConstraints=CA:FALSE"});
  start({});
  Ran ran = enrol();
  EXPECT_NE(ran.exit, 0) << "nobody knows its issuer";
  EXPECT_THAT(ra_->log(), HasSubstr("put it into that file"));
  ra_.reset();
  fs::remove_all(at("data"));
  start({"-rsp_extracerts", at("sub.pem")});
  ran = enrol({"-extracertsout", at("extra.pem")});
  ASSERT_EQ(ran.exit, 0) << ran.err << said();
  expect_pair("me.key", "out.pem");
  openssl({"verify", "-CAfile", at("root.pem"), "-untrusted", at("extra.pem"), at("out.pem")});
  EXPECT_THAT(ra_->log(), HasSubstr("issues by another CA, too"));
}

TEST_F(RaAgainstMock, knows_who_came_by_a_ca_below_any_of_its_file_at_once_and_after_a_restart) {
  const Words may_issue{"basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign"};
  certificate("policy", "/CN=Mock Policy", "root", may_issue);
  certificate("listed", "/CN=Mock Listed", "policy", may_issue);
  certificate("learnt", "/CN=Mock Learnt", "policy", may_issue);
  certificate("me", "/CN=me", "learnt", {"basicConstraints=CA:FALSE"});
  write(at("ca.pem"), read(at("listed.pem")) + read(at("policy.pem")) + read(at("root.pem")));
  ca_ = "ca.pem";
  start({"-rsp_extracerts", at("learnt.pem")});
  ASSERT_EQ(enrol().exit, 0) << said();
  const auto asks = [this] {
    const Ran ran = shop_.countersign({"info", ra_->url(), "--cert", at("out.pem"), "--key",
                                       at("me.key"), "--trust", at("root.pem")});
    EXPECT_EQ(ran.exit, 0) << ran.err << said();
  };
  asks();
  ra_->stop();
  ra_->start();
  asks();
  const Ran check = shop_.countersignd({"check", "--data", ra_->data()});
  EXPECT_THAT(check.out, HasSubstr("CN=Mock Learnt"));
  EXPECT_THAT(check.out, HasSubstr("it counts"));
}

// As EJBCA's RA mode has it: the registration authority is known by a secret.
class RaBySecret : public RaAgainstMock, public testing::WithParamInterface<const char*> {};

TEST_P(RaBySecret, asks_under_a_mac_and_is_answered_so) {
  write(at("ra.secret"), "between the RA and its CA\n");
  const Words mock{"-srv_ref", "our-ra", "-srv_secret", "pass:between the RA and its CA"};
  const std::string by_secret = "reference = \"our-ra\"\nsecret_file = \"" + at("ra.secret") +
                                "\"\nmac = \"" + GetParam() + "\"\n";
  start(mock, by_secret);
  const Ran ran = enrol();
  ASSERT_EQ(ran.exit, 0) << ran.err << said();
  expect_pair("me.key", "out.pem");
}

TEST_P(RaBySecret, takes_no_answer_under_another_secret) {
  write(at("ra.secret"), "another one\n");
  start({"-srv_ref", "our-ra", "-srv_secret", "pass:between the RA and its CA"},
        "reference = \"our-ra\"\nsecret_file = \"" + at("ra.secret") + "\"\nmac = \"" + GetParam() +
            "\"\n");
  const Ran ran = enrol();
  EXPECT_NE(ran.exit, 0);
  EXPECT_THAT(ran.err, HasSubstr("systemFailure"));
  EXPECT_EQ(ra_->certificates(), "");
}

INSTANTIATE_TEST_SUITE_P(By, RaBySecret, testing::Values("pbm"));

// As CAs have it that keep their name when they get a new key.
TEST_F(RaAgainstMock, tells_keys_of_one_name_apart_in_what_comes_late_too) {
  const Words may_issue{"basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign",
                        "subjectKeyIdentifier=hash", "authorityKeyIdentifier=keyid:always"};
  certificate("before", "/CN=Mock Sub", "root", may_issue);
  certificate("after", "/CN=Mock Sub", "root", may_issue);
  certificate("me", "/CN=me", "after",
              {"basicConstraints=CA:FALSE", "authorityKeyIdentifier=keyid:always"});
  write(at("ca.pem"), read(at("before.pem")) + read(at("root.pem")));
  ca_ = "ca.pem";
  start({"-rsp_extracerts", at("after.pem"), "-poll_count", "2", "-check_after", "1"});
  const Ran ran = enrol({"-extracertsout", at("extra.pem")});
  ASSERT_EQ(ran.exit, 0) << ran.err << said();
  EXPECT_THAT(ran.err, HasSubstr("POLLREQ"));
  openssl({"verify", "-CAfile", at("root.pem"), "-untrusted", at("extra.pem"), at("out.pem")});
}

TEST_F(RaAgainstMock, passes_no_certificate_on_that_was_not_asked_for) {
  start({});
  key("other");
  const Ran ran = enrol({"-newkey", at("other.key")});
  EXPECT_NE(ran.exit, 0);
  EXPECT_THAT(ran.err, HasSubstr("systemFailure"));
  EXPECT_THAT(ra_->log(), HasSubstr("issuer.upstream-certificate"));
  EXPECT_EQ(ra_->certificates(), "");
}

}  // namespace
}  // namespace countersign::test
