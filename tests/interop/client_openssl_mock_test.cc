// The program `countersign` against the mock server of `openssl cmp -port`.
//
// The mock server issues nothing: it answers with the certificate that it was given, so each test
// makes that beforehand for the key that the client will use. It listens on all addresses (it
// cannot be told otherwise), on a port of its own choice, for the length of one test. OpenSSL's CMP
// has no PBMAC1; the client's default, PasswordBasedMac, is what is tried here.
#include <gmock/gmock.h>

#include "interop/openssl_mock.h"

namespace countersign::test {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST_F(ClientAgainstMock, EnrolsByASecretAndTakesTheRootFromTheAnswer) {
  prepare_me();
  serve_with_secret({"-rsp_cert", at("me.pem"), "-rsp_capubs", at("root.pem")});
  const Ran ran = countersign(enroll());
  ASSERT_EQ(ran.exit, 0) << ran.out << ran.err << read(at("server.err"));
  EXPECT_THAT(ran.out, HasSubstr("ir → ip → certConf → pkiConf: 2 round trips"));
  EXPECT_THAT(ran.out, HasSubstr("CN=me"));
  EXPECT_EQ(read(at("out.pem")), read(at("me.pem")));
  EXPECT_EQ(read(at("out.pem.roots.pem")), read(at("root.pem")));
  expect_pair("me.key", "out.pem");
  expect_nothing_left();
}

TEST_F(ClientAgainstMock, EnrolsByACertificate) {
  prepare_me();
  certificate("vendor", "/CN=vendor device", "root", {"keyUsage=critical,digitalSignature"});
  serve_with_certificate({"-rsp_cert", at("me.pem")});
  const Words words{"enroll",         url(),        "--via-cert",   at("vendor.pem"), "--via-key",
                    at("vendor.key"), "--trust",    at("root.pem"), "--subject",      "/CN=me",
                    "--key",          at("me.key"), "--cert",       at("out.pem"),    "--json"};
  const Ran ran = countersign(words);
  ASSERT_EQ(ran.exit, 0) << ran.out << ran.err << read(at("server.err"));
  EXPECT_THAT(ran.out, HasSubstr("\"subject\":\"CN=me\""));
  expect_pair("me.key", "out.pem");
}

TEST_F(ClientAgainstMock, PollsUntilTheServerHasDecided) {
  prepare_me();
  serve_with_secret({"-rsp_cert", at("me.pem"), "-rsp_capubs", at("root.pem"), "-poll_count", "2",
                     "-check_after", "1"});
  const Ran ran = countersign(enroll());
  ASSERT_EQ(ran.exit, 0) << ran.out << ran.err << read(at("server.err"));
  EXPECT_THAT(ran.out, HasSubstr("pollReq → pollRep"));
  EXPECT_THAT(ran.err, HasSubstr("not decided yet"));
  expect_pair("me.key", "out.pem");
}

// The mock server forgets a transaction with its connection, so this ends here.
TEST_F(ClientAgainstMock, StopsWaitingWhenPatienceEndsAndKeepsWhatWasBegun) {
  prepare_me();
  serve_with_secret({"-rsp_cert", at("me.pem"), "-rsp_capubs", at("root.pem"), "-poll_count", "2",
                     "-check_after", "30"});
  const Ran ran = countersign(enroll({"--patience", "2"}));
  EXPECT_EQ(ran.exit, 5) << ran.out << ran.err;
  EXPECT_TRUE(fs::exists(at("me.key.pending/state")));
  EXPECT_FALSE(fs::exists(at("out.pem")));
}

TEST_F(ClientAgainstMock, SaysWhyTheServerRefused) {
  prepare_me();
  serve_with_secret({"-rsp_cert", at("me.pem"), "-pkistatus", "2", "-failure", "19",
                     "-statusstring", "the key is too short"});
  const Ran ran = countersign(enroll());
  EXPECT_EQ(ran.exit, 3) << ran.out << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("the key is too short"));
  EXPECT_THAT(ran.err, HasSubstr("badCertTemplate"));
  EXPECT_FALSE(fs::exists(at("out.pem")));
  expect_nothing_left();
}

TEST_F(ClientAgainstMock, SaysSoInJsonToo) {
  prepare_me();
  serve_with_secret({"-send_error"});
  const Ran ran = countersign(enroll({"--json"}));
  EXPECT_EQ(ran.exit, 3) << ran.out << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("{\"error\":{\"code\":\"client.refused\""));
}

TEST_F(ClientAgainstMock, DistrustsAnAnswerUnderAnotherSecretAndThenTakesTheRightOne) {
  prepare_me();
  serve_with_secret({"-rsp_cert", at("me.pem"), "-rsp_capubs", at("root.pem")});
  Words words = enroll();
  words[5] = "pass:not the secret";
  const Ran wrong = countersign(words);
  EXPECT_EQ(wrong.exit, 4) << wrong.out << wrong.err;
  EXPECT_FALSE(fs::exists(at("out.pem")));
  const Ran right = countersign(enroll());
  EXPECT_EQ(right.exit, 0) << right.out << right.err << read(at("server.err"));
  expect_nothing_left();
}

TEST_F(ClientAgainstMock, DoesWithoutCertConfWhereTheServerGrantsIt) {
  prepare_me();
  serve_with_secret(
      {"-rsp_cert", at("me.pem"), "-rsp_capubs", at("root.pem"), "-grant_implicitconf"});
  const Ran ran = countersign(enroll({"--implicit-confirm"}));
  ASSERT_EQ(ran.exit, 0) << ran.out << ran.err << read(at("server.err"));
  EXPECT_THAT(ran.out, HasSubstr("ir → ip: 1 round trip,"));
  expect_pair("me.key", "out.pem");
}

TEST_F(ClientAgainstMock, RejectsACertificateForAnotherKey) {
  prepare_me();
  certificate("other", "/CN=me", "root", {"basicConstraints=CA:FALSE"});
  serve_with_secret({"-rsp_cert", at("other.pem"), "-rsp_capubs", at("root.pem")});
  const Ran ran = countersign(enroll());
  EXPECT_EQ(ran.exit, 4) << ran.out << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("another key"));
  EXPECT_FALSE(fs::exists(at("out.pem")));
}

TEST_F(ClientAgainstMock, RejectsACertificateWithAnotherName) {
  certificate("me", "/CN=somebody else", "root", {"basicConstraints=CA:FALSE"});
  serve_with_secret({"-rsp_cert", at("me.pem"), "-rsp_capubs", at("root.pem")});
  const Ran ran = countersign(enroll());
  EXPECT_EQ(ran.exit, 4) << ran.out << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("CN=somebody else"));
}

TEST_F(ClientAgainstMock, TellsWhatWasGrantedDifferently) {
  certificate("me", "/CN=somebody else", "root", {"basicConstraints=CA:FALSE"});
  serve_with_secret({"-rsp_cert", at("me.pem"), "-rsp_capubs", at("root.pem"), "-pkistatus", "1"});
  const Ran ran = countersign(enroll());
  ASSERT_EQ(ran.exit, 0) << ran.out << ran.err << read(at("server.err"));
  EXPECT_THAT(ran.out, HasSubstr("subject is CN=somebody else instead of CN=me"));
}

TEST_F(ClientAgainstMock, RequestsAFurtherCertificate) {
  prepare_me();
  serve_with_secret({"-rsp_cert", at("me.pem")});
  const Ran ran = countersign(enroll({"--trust", at("root.pem")}, "request"));
  ASSERT_EQ(ran.exit, 0) << ran.out << ran.err << read(at("server.err"));
  EXPECT_THAT(ran.out, HasSubstr("cr → cp → certConf → pkiConf"));
  expect_pair("me.key", "out.pem");
}

TEST_F(ClientAgainstMock, SendsAPkcs10Request) {
  prepare_me();
  serve_with_secret({"-rsp_cert", at("me.pem")});
  const Ran ran = countersign(enroll({"--trust", at("root.pem")}, "pkcs10"));
  ASSERT_EQ(ran.exit, 0) << ran.out << ran.err << read(at("server.err"));
  EXPECT_THAT(ran.out, HasSubstr("p10cr → cp → certConf → pkiConf"));
  openssl({"req", "-new", "-key", at("me.key"), "-subj", "/CN=me", "-out", at("me.csr")});
  const Ran file =
      countersign({"pkcs10", url(), "--reference", "device-1", "--secret", "pass:a long secret",
                   "--csr", at("me.csr"), "--cert", at("out.pem"), "--trust", at("root.pem")});
  ASSERT_EQ(file.exit, 0) << file.out << file.err << read(at("server.err"));
}

TEST_F(ClientAgainstMock, RenewsWithTheSameKeyOrWithANewOne) {
  certificate("old", "/CN=me", "root",
              {"basicConstraints=CA:FALSE", "keyUsage=critical,digitalSignature"});
  certificate("next", "/CN=me", "root",
              {"basicConstraints=CA:FALSE", "keyUsage=critical,digitalSignature"}, "old");
  certificate("fresh", "/CN=me", "root", {"basicConstraints=CA:FALSE"});
  fs::copy(at("root.pem"), at("old.pem.roots.pem"));
  const std::string first = read(at("old.pem"));
  serve_with_certificate({"-rsp_cert", at("next.pem")});
  const Words words{"renew", url(), "--cert", at("old.pem"), "--key", at("old.key")};
  Words same = words;
  same.push_back("--same-key");
  const Ran ran = countersign(same);
  ASSERT_EQ(ran.exit, 0) << ran.out << ran.err << read(at("server.err"));
  EXPECT_THAT(ran.out, HasSubstr("kur → kup → certConf → pkiConf"));
  EXPECT_EQ(read(at("old.pem")), read(at("next.pem")));
  EXPECT_EQ(read(at("old.pem.old")), first);
  server_.reset();

  serve_with_certificate({"-rsp_cert", at("fresh.pem")});
  Words other = words;
  other[1] = url();
  other.insert(other.end(), {"--new-key", at("fresh.key"), "--new-cert", at("new.pem")});
  const Ran second = countersign(other);
  ASSERT_EQ(second.exit, 0) << second.out << second.err << read(at("server.out"))
                            << read(at("server.err"));
  expect_pair("fresh.key", "new.pem");
  expect_pair("old.key", "old.pem");
}

TEST_F(ClientAgainstMock, Revokes) {
  certificate("old", "/CN=me", "root",
              {"basicConstraints=CA:FALSE", "keyUsage=critical,digitalSignature"});
  serve_with_certificate({"-ref_cert", at("old.pem")});
  const Ran ran = countersign({"revoke", url(), "--cert", at("old.pem"), "--key", at("old.key"),
                               "--trust", at("root.pem"), "--reason", "keyCompromise"});
  ASSERT_EQ(ran.exit, 0) << ran.out << ran.err << read(at("server.err"));
  EXPECT_THAT(ran.out, HasSubstr("rr → rp: 1 round trip,"));
}

TEST_F(ClientAgainstMock, AsksForCaCertificates) {
  serve_with_secret({"-rsp_capubs", at("root.pem")});
  const Ran ran = countersign({"info", url(), "--reference", "device-1", "--secret",
                               "pass:a long secret", "--type", "caCerts", "--out", at("ca.pem")});
  ASSERT_EQ(ran.exit, 0) << ran.out << ran.err << read(at("server.err"));
  EXPECT_THAT(read(at("ca.pem")), HasSubstr(read(at("root.pem"))));
}

// RFC 9483 §4.3.2: the link decides. Certificates: tests/vectors/client/make.sh.
TEST_F(ClientAgainstMock, TakesANewRootOnlyFromTheOldOne) {
  const std::string made = COUNTERSIGN_SOURCE_DIR "/tests/vectors/client/";
  const auto ask = [&](const std::string& link, const std::string& known) {
    serve_with_secret({"-rsp_newwithnew", made + "new.pem", "-rsp_newwithold", made + link});
    return countersign({"info", url(), "--reference", "device-1", "--secret", "pass:a long secret",
                        "--roots", made + known, "--type", "rootCaCert", "--accept-root",
                        at("trust.pem")});
  };
  fs::copy_file(made + "old.pem", at("trust.pem"));
  const std::string before = read(at("trust.pem"));
  Ran ran = ask("renamed_with_old.pem", "old.pem");
  EXPECT_EQ(ran.exit, 4) << ran.out << ran.err;
  EXPECT_EQ(read(at("trust.pem")), before) << "nothing is accepted";
  EXPECT_THAT(ran.err, HasSubstr("newWithOld is not for the key of newWithNew"));
  EXPECT_THAT(ran.out, Not(HasSubstr("BEGIN CERTIFICATE")));
  ran = ask("new_with_old.pem", "other.pem");
  EXPECT_EQ(ran.exit, 4) << ran.out << ran.err;
  EXPECT_EQ(read(at("trust.pem")), before);
  ran = ask("new_with_old.pem", "old.pem");
  ASSERT_EQ(ran.exit, 0) << ran.out << ran.err << read(at("server.err"));
  EXPECT_THAT(ran.out, HasSubstr(read(made + "new.pem")));
  EXPECT_EQ(read(at("trust.pem")), read(made + "new.pem") + before) << "the newest first";
  // All three, as a server may send them.
  serve_with_secret({"-rsp_newwithnew", made + "new.pem", "-rsp_newwithold",
                     made + "new_with_old.pem", "-rsp_oldwithnew", made + "old_with_new.pem"});
  ran = countersign({"info", url(), "--reference", "device-1", "--secret", "pass:a long secret",
                     "--roots", made + "old.pem", "--accept-root", at("fresh.pem")});
  EXPECT_EQ(ran.exit, 0) << ran.out << ran.err << read(at("server.err"));
  EXPECT_EQ(read(at("fresh.pem")), read(made + "new.pem"));
}

TEST_F(ClientAgainstMock, AsksForANewerCrl) {
  write(at("index.txt"), "");
  write(at("ca.conf"), "[ca]\ndefault_ca=c\n[c]\ndatabase=" + at("index.txt") +
                           "\ndefault_md=sha256\ndefault_crl_days=30\n");
  openssl({"ca", "-config", at("ca.conf"), "-gencrl", "-keyfile", at("root.key"), "-cert",
           at("root.pem"), "-out", at("root.crl")});
  serve_with_secret({"-rsp_crl", at("root.crl")});
  const Words words{"info",        url(),
                    "--reference", "device-1",
                    "--secret",    "pass:a long secret",
                    "--type",      "crlStatusList=" + at("root.pem"),
                    "--out",       at("got.crl")};
  const Ran ran = countersign(words);
  ASSERT_EQ(ran.exit, 0) << ran.out << ran.err << read(at("server.err"));
  EXPECT_THAT(read(at("got.crl")), HasSubstr(read(at("root.crl"))));
}

TEST_F(ClientAgainstMock, RefusedConnectionIsAFailureOfTransport) {
  prepare_me();
  serve_with_secret({});
  server_.reset();
  const Ran ran = countersign(enroll());
  EXPECT_EQ(ran.exit, 2) << ran.out << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("refused"));
  EXPECT_TRUE(fs::exists(at("me.key.pending/state"))) << "the request is kept";
}

TEST_F(ClientAgainstMock, CarriesMessagesByHand) {
  prepare_me();
  serve_with_secret({"-rsp_cert", at("me.pem"), "-rsp_capubs", at("root.pem")});
  Words words = enroll();
  words.erase(words.begin() + 1);  // no URL
  const auto with = [&](const Words& more) {
    Words all = words;
    all.insert(all.end(), more.begin(), more.end());
    return countersign(all);
  };
  Ran ran = with({"--request-out", at("ir.pki")});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  const std::string ir = read(at("ir.pki"));
  ran = with({"--request-out", at("ir.pki")});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(read(at("ir.pki")), ir) << "the very same bytes again";
  write(at("ip.pki"), carry(ir));
  ran = with({"--response-in", at("ip.pki"), "--request-out", at("certconf.pki")});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  EXPECT_FALSE(fs::exists(at("out.pem"))) << "not before it is confirmed";
  write(at("pkiconf.pki"), carry(read(at("certconf.pki"))));
  ran = with({"--response-in", at("pkiconf.pki")});
  ASSERT_EQ(ran.exit, 0) << ran.err << read(at("server.err"));
  expect_pair("me.key", "out.pem");
  expect_nothing_left();
}

// Whatever the instant, the same command again ends with a pair that belongs together.
TEST_F(ClientAgainstMock, SurvivesAKillAtAnyInstant) {
  prepare_me();
  serve_with_secret({"-rsp_cert", at("me.pem"), "-rsp_capubs", at("root.pem")});
  Words words = enroll();
  words.insert(words.begin(), std::string(COUNTERSIGN_BIN_DIR) + "/countersign");
  int killed = 0;
  for (int instant = 5; instant < 200; instant += 13) {
    fs::remove(at("out.pem"));
    {
      Process process(words, at("stdout"), at("stderr"));
      if (!process.wait(milliseconds{instant})) ++killed;
    }
    const Ran again = run(words);
    ASSERT_EQ(again.exit, 0) << "killed after " << instant << " ms: " << again.err
                             << read(at("server.err"));
    expect_pair("me.key", "out.pem");
    expect_nothing_left();
  }
  EXPECT_GT(killed, 0);
}

TEST_F(ClientAgainstMock, WrongUsageIsSaid) {
  const Ran unknown = countersign({"enroll", "--no-such-option"});
  EXPECT_EQ(unknown.exit, 1);
  EXPECT_EQ(countersign({}).exit, 1);
  EXPECT_EQ(countersign({"--help"}).exit, 0);
  const Ran nothing = countersign({"enroll", "http://127.0.0.1:1", "--subject", "CN=x", "--key",
                                   at("x.key"), "--cert", at("x.pem")});
  EXPECT_EQ(nothing.exit, 1) << nothing.err;
  EXPECT_THAT(nothing.err, HasSubstr("--reference"));
  EXPECT_FALSE(fs::exists(at("x.key.pending")));
  const Ran missing =
      countersign({"renew", "http://127.0.0.1:1", "--key", at("no.key"), "--cert", at("no.pem")});
  EXPECT_EQ(missing.exit, 6) << missing.err;
  const Ran folder =
      countersign({"enroll", "http://127.0.0.1:1", "--subject", "CN=x", "--key", at("no/x.key"),
                   "--cert", at("x.pem"), "--reference", "r", "--secret", "pass:s"});
  EXPECT_EQ(folder.exit, 6) << folder.err;
  EXPECT_THAT(folder.err, Not(HasSubstr("pass:s")));
}

}  // namespace
}  // namespace countersign::test
