// HTTPS from end to end: `countersign`, `openssl cmp` and `openssl s_client` against countersignd.
#include <gmock/gmock.h>

#include "interop/openssl_mock.h"

namespace countersign::test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kTls = "[tls]\nlisten = \"127.0.0.1:0\"\n";

class Https : public testing::Test {
 protected:
  void start(const std::string& more = {}) { server_.emplace(shop_, kTls + more); }
  std::string at(const std::string& name) const { return shop_.at(name); }
  std::string root() const { return server_->data() + "/root.pem"; }
  std::string log() const { return server_->log(); }

  static Words joined(Words words, const Words& more) {
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  Words enrolment(const std::string& url, const std::string& name, const Words& more = {}) const {
    Words words{"enroll",          url,      "--subject",      "CN=" + name, "--key",
                at(name + ".key"), "--cert", at(name + ".pem")};
    return joined(joined(std::move(words), server_->by_secret()), more);
  }
  Ran enrol(const std::string& name, const Words& more = {}) {
    return shop_.countersign(enrolment(server_->https_url(), name, more));
  }
  void enrol_in_the_clear(const std::string& name) {
    const Ran ran = shop_.countersign(enrolment(server_->url(), name));
    ASSERT_EQ(ran.exit, 0) << ran.err << log();
  }
  Ran s_client(const Words& more) {
    return shop_.openssl(joined({"s_client", "-connect", server_->https_host_port(), "-CAfile",
                                 root(), "-verify_return_error"},
                                more));
  }
  // The certificate that the port shows, as `openssl x509` tells of it.
  std::string shown(const Words& what) {
    write(at("shown.pem"), s_client({}).out);
    return shop_.openssl(joined({"x509", "-in", at("shown.pem"), "-noout"}, what)).out;
  }
  bool comes(const std::function<bool()>& condition) {
    for (int i = 0; i < 400; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(milliseconds{25});
    }
    return false;
  }

  Workshop shop_;
  std::optional<RunningServer> server_;
};

TEST_F(Https, OursEnrolsAndRenewsWithTheRootThatItGot) {
  start();
  Ran ran = enrol("device", {"--tls-trust", root()});
  ASSERT_EQ(ran.exit, 0) << ran.err << log();
  ran = shop_.countersign(
      {"renew", server_->https_url(), "--key", at("device.key"), "--cert", at("device.pem")});
  EXPECT_EQ(ran.exit, 0) << ran.err << log();
}

TEST_F(Https, OursRefusesAServerThatItHasNoReasonToTrust) {
  start();
  const Ran ran = enrol("device");
  EXPECT_EQ(ran.exit, 4) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("nobody trusted for TLS"));
  EXPECT_THAT(ran.err, HasSubstr("--tls-trust"));
  EXPECT_THAT(log(), HasSubstr("transport.tls-handshake"));
  EXPECT_THAT(log(), HasSubstr("unknown ca"));
}

TEST_F(Https, OursTrustsWhatTheSystemTrusts) {
  start();
  Words words{"/usr/bin/env", "SSL_CERT_FILE=" + root(),
              std::string(COUNTERSIGN_BIN_DIR) + "/countersign"};
  const Ran ran = shop_.run(joined(words, enrolment(server_->https_url(), "device")));
  EXPECT_EQ(ran.exit, 0) << ran.err << log();
}

TEST_F(Https, OursGoesThroughTheProxyOfTheEnvironment) {
  start();
  Words words{"/usr/bin/env", "https_proxy=" + server_->host_port(),
              "no_proxy=", std::string(COUNTERSIGN_BIN_DIR) + "/countersign"};
  const Ran ran =
      shop_.run(joined(words, enrolment(server_->https_url(), "device", {"--tls-trust", root()})));
  EXPECT_EQ(ran.exit, 2) << "countersignd itself is no proxy";
  EXPECT_THAT(ran.err, HasSubstr("404 instead of connecting to " + server_->https_host_port()));
}

// RFC 9483 §4.1.6.3
TEST_F(Https, KeysMadeHereGoToHoldersOfSecretsOverTlsAlone) {
  start("[cmp]\ncentral_keys = \"signers\"\n");
  Words words = enrolment(server_->url(), "central", {"--central-key"});
  Ran ran = shop_.countersign(words);
  EXPECT_EQ(ran.exit, 3) << ran.out;
  EXPECT_THAT(ran.err, HasSubstr("in the clear"));
  words[1] = server_->https_url();
  words.insert(words.end(), {"--tls-trust", root(), "--start-over"});
  ran = shop_.countersign(words);
  ASSERT_EQ(ran.exit, 0) << ran.err << log();
  const Ran of_key = shop_.openssl({"pkey", "-in", at("central.key"), "-pubout"});
  const Ran of_certificate = shop_.openssl({"x509", "-in", at("central.pem"), "-noout", "-pubkey"});
  EXPECT_EQ(of_key.out, of_certificate.out);
}

TEST_F(Https, ClientsMustShowACertificateWhereTheConfigurationSaysSo) {
  start("clients = \"required\"\n");
  enrol_in_the_clear("first");
  Ran ran = enrol("second", {"--tls-trust", root()});
  EXPECT_EQ(ran.exit, 2) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("certificate required"));
  EXPECT_THAT(ran.err, HasSubstr("--tls-cert"));
  EXPECT_THAT(log(), HasSubstr("sent no certificate"));
  ASSERT_EQ(shop_
                .openssl({"pkey", "-in", at("first.key"), "-aes256", "-passout", "pass:secret",
                          "-out", at("sealed.key")})
                .exit,
            0);
  ran = enrol("second", {"--tls-trust", root(), "--tls-cert", at("first.pem"), "--tls-key",
                         at("sealed.key"), "--tls-key-pass", "pass:secret"});
  EXPECT_EQ(ran.exit, 0) << ran.err << log();
  ran = enrol("third", {"--tls-trust", root(), "--tls-cert", at("first.pem"), "--tls-key",
                        at("second.key")});
  EXPECT_EQ(ran.exit, 6) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("not that of the TLS certificate"));
}

TEST_F(Https, OpenSslCmpEnrols) {
  start("clients = \"optional\"\n");
  enrol_in_the_clear("first");
  const Words cmp{"cmp",
                  "-config",
                  "",
                  "-server",
                  server_->https_host_port(),
                  "-path",
                  ".well-known/cmp",
                  "-recipient",
                  "/CN=Countersign Issuing CA",
                  "-ref",
                  server_->reference(),
                  "-secret",
                  "pass:" + server_->secret(),
                  "-cmd",
                  "ir",
                  "-subject",
                  "/CN=openssl",
                  "-newkey",
                  at("first.key"),
                  "-certout",
                  at("openssl.pem"),
                  "-tls_used"};
  Ran ran = shop_.openssl(joined(cmp, {"-tls_trusted", root()}));
  EXPECT_EQ(ran.exit, 0) << ran.err << log();
  ran = shop_.openssl(joined(
      cmp, {"-tls_trusted", root(), "-tls_cert", at("first.pem"), "-tls_key", at("first.key")}));
  EXPECT_EQ(ran.exit, 0) << ran.err << log();
  ran = shop_.openssl(joined(cmp, {"-tls_trusted", at("first.pem")}));
  EXPECT_NE(ran.exit, 0) << "a certificate that is no anchor";
}

TEST_F(Https, TheOwnCertificateNamesTheHostAndVerifies) {
  start("names = [\"ca.example\", \"127.0.0.1\"]\n");
  EXPECT_EQ(s_client({"-verify_ip", "127.0.0.1", "-alpn", "http/1.1"}).exit, 0);
  EXPECT_EQ(s_client({"-verify_hostname", "ca.example"}).exit, 0);
  EXPECT_NE(s_client({"-verify_hostname", "localhost"}).exit, 0);
  EXPECT_NE(s_client({"-alpn", "h2"}).exit, 0);
  EXPECT_EQ(s_client({"-tls1_2"}).exit, 0);
  EXPECT_NE(s_client({"-tls1_1", "-cipher", "ALL:@SECLEVEL=0"}).exit, 0);
  const Ran checked = shop_.countersignd({"check", "--data", server_->data()});
  EXPECT_THAT(checked.out, HasSubstr("good     TLS certificate (renews itself) expires"));
}

TEST_F(Https, TheOwnCertificateLastsOverRestartsUnlessItsNamesChange) {
  start();
  const std::string first = shown({"-serial"});
  EXPECT_THAT(first, HasSubstr("serial="));
  server_->stop();
  server_->start();
  EXPECT_EQ(shown({"-serial"}), first);
  server_->stop();
  write(server_->data() + "/config.toml", std::string(kTls) + "names = [\"new.example\"]\n");
  server_->start();
  EXPECT_NE(shown({"-serial"}), first);
  EXPECT_THAT(shown({"-ext", "subjectAltName"}), HasSubstr("DNS:new.example"));
}

TEST_F(Https, RenewsItsOwnCertificateBeforeItEnds) {
  start("[signer]\nrenew_before = \"366d\"\n");  // longer than it lives: at every turn
  const std::string first = shown({"-serial"});
  EXPECT_TRUE(comes([&] { return shown({"-serial"}) != first; })) << log();
  EXPECT_THAT(log(), HasSubstr("the TLS port has a new certificate"));
}

class HttpsWithFiles : public Https {
 protected:
  void make(const std::string& cn) {
    ASSERT_EQ(shop_
                  .openssl({"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                            "-noenc", "-days", "30", "-subj", "/CN=" + cn, "-addext",
                            "subjectAltName=IP:127.0.0.1", "-keyout", at("new.key"), "-out",
                            at("new.pem")})
                  .exit,
              0);
    fs::rename(at("new.key"), at("tls.key"));
    fs::rename(at("new.pem"), at("tls.pem"));
  }
  std::string subject() {
    write(at("shown.pem"), shop_.openssl({"s_client", "-connect", server_->https_host_port()}).out);
    return shop_.openssl({"x509", "-in", at("shown.pem"), "-noout", "-subject"}).out;
  }
  std::string files() const {
    return "certificate = \"" + at("tls.pem") + "\"\nkey = \"" + at("tls.key") + "\"\n";
  }
};

TEST_F(HttpsWithFiles, AreReadAnewWhenTheyChangeAndKeptWhenTheyBreak) {
  make("first");
  start(files());
  EXPECT_THAT(subject(), HasSubstr("first"));
  EXPECT_EQ(enrol("device", {"--tls-trust", at("tls.pem")}).exit, 0) << log();
  EXPECT_THAT(shop_.countersignd({"check", "--data", server_->data()}).out,
              HasSubstr("TLS certificate " + at("tls.pem")));
  make("second");
  EXPECT_TRUE(comes([&] { return subject().find("second") != std::string::npos; })) << log();
  const auto complaints = [&] { return log().rfind("keeps its certificate"); };
  std::this_thread::sleep_for(milliseconds{1500});  // what lay between the two files is over
  const auto before = complaints();
  write(at("tls.pem"), "no certificate\n");
  EXPECT_TRUE(comes([&] { return complaints() != before; })) << log();
  EXPECT_THAT(subject(), HasSubstr("second"));
  make("third");
  EXPECT_TRUE(comes([&] { return subject().find("third") != std::string::npos; })) << log();
}

TEST_F(HttpsWithFiles, AreRefusedAtTheStartWhenTheyDoNotFitEachOther) {
  make("first");
  start(files());
  server_->stop();
  ASSERT_EQ(shop_
                .openssl({"genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256",
                          "-out", at("tls.key")})
                .exit,
            0);
  const Ran ran = shop_.countersignd({"serve", "--data", server_->data()});
  EXPECT_EQ(ran.exit, 6);
  EXPECT_THAT(ran.err, HasSubstr("crypto.tls-key"));
}

TEST_F(Https, PlainHttpMayBeOffBesideIt) {
  start();
  server_->stop();
  write(server_->data() + "/config.toml", std::string("listen = \"\"\n") + kTls);
  const Process server(
      {std::string(COUNTERSIGN_BIN_DIR) + "/countersignd", "serve", "--data", server_->data()},
      at("https.out"), at("https.err"));
  ASSERT_TRUE(comes([&] { return read(at("https.out")).find('\n') != std::string::npos; }))
      << read(at("https.err"));
  const std::string out = read(at("https.out"));
  EXPECT_THAT(out, Not(HasSubstr("http://")));
  const auto begin = out.find("https://");
  ASSERT_NE(begin, std::string::npos);
  const std::string url = out.substr(begin, out.find('\n') - begin);
  const Ran ran = shop_.countersign(enrolment(url, "device", {"--tls-trust", root()}));
  EXPECT_EQ(ran.exit, 0) << ran.err << read(at("https.err"));
}

TEST_F(Https, AServerMustListenSomewhere) {
  start();
  server_->stop();
  write(server_->data() + "/config.toml", "listen = \"\"\n");
  const Ran ran = shop_.countersignd({"serve", "--data", server_->data()});
  EXPECT_EQ(ran.exit, 6);
  EXPECT_THAT(ran.err, HasSubstr("set listen or tls.listen"));
}

// A CA that lets only its RA in, and the RA, each a countersignd.
TEST_F(Https, AnRaReachesItsCaOverMutualTls) {
  start("clients = \"required\"\n");
  ASSERT_EQ(shop_
                .countersignd({"secret", "add", "--data", server_->data(), "--reference", "ra-1",
                               "--secret", "pass:a secret for the RA", "--profile", "ra", "--names",
                               "RA 1"})
                .exit,
            0);
  Ran ran = shop_.countersign({"enroll", server_->url(), "--reference", "ra-1", "--secret",
                               "pass:a secret for the RA", "--subject", "CN=RA 1", "--key",
                               at("ra.key"), "--cert", at("ra.pem")});
  ASSERT_EQ(ran.exit, 0) << ran.err << log();
  enrol_in_the_clear("link");  // a certificate for TLS clients
  write(at("ca.pem"), read(server_->data() + "/issuing.pem") + read(root()));
  const auto upstream = [&](const std::string& more) {
    return "[upstream]\nurl = \"" + server_->https_url() + "\"\ncertificate = \"" + at("ra.pem") +
           "\"\nkey = \"" + at("ra.key") + "\"\nca = \"" + at("ca.pem") +
           "\"\npatience = \"3s\"\n" + more;
  };
  Workshop ra_shop;
  RunningServer ra(
      ra_shop, upstream("tls_trust = \"" + root() + "\"\ntls_certificate = \"" + at("link.pem") +
                        "\"\ntls_key = \"" + at("link.key") + "\"\n"));
  const auto by_ra = [&](const std::string& name) {
    return shop_.countersign(joined({"enroll", ra.url(), "--subject", "CN=" + name, "--key",
                                     at(name + ".key"), "--cert", at(name + ".pem")},
                                    ra.by_secret()));
  };
  ran = by_ra("one");
  EXPECT_EQ(ran.exit, 0) << ran.err << ra.log() << log();
  ra.stop();
  write(ra.data() + "/config.toml", upstream(""));
  ra.start();
  ran = by_ra("two");
  EXPECT_NE(ran.exit, 0);
  EXPECT_THAT(ra.log(), HasSubstr("transport.tls-alert"));
}

TEST_F(Https, AnRaNeedsFilesForItsTlsPort) {
  start();
  server_->stop();
  ASSERT_EQ(
      shop_
          .openssl({"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-noenc", "-subj", "/CN=RA", "-keyout", at("ra.key"), "-out", at("ra.pem")})
          .exit,
      0);
  write(server_->data() + "/config.toml",
        std::string(kTls) + "[upstream]\nurl = \"http://127.0.0.1:1\"\ncertificate = \"" +
            at("ra.pem") + "\"\nkey = \"" + at("ra.key") + "\"\nca = \"" + root() + "\"\n");
  const Ran ran = shop_.countersignd({"serve", "--data", server_->data()});
  EXPECT_EQ(ran.exit, 6) << ran.out;
  EXPECT_THAT(ran.err, HasSubstr("name tls.certificate and tls.key"));
}

}  // namespace
}  // namespace countersign::test
