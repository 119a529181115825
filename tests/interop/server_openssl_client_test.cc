// The client of `openssl cmp` against countersignd: every operation, by secret and by certificate.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/process.h"

namespace countersign::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class OpenSslClient : public testing::Test {
 protected:
  Workshop shop_;
  RunningServer server_{shop_};

  std::string key(const std::string& name, const Words& algorithm = {"-algorithm", "EC", "-pkeyopt",
                                                                     "ec_paramgen_curve:P-256"}) {
    Words words{"genpkey", "-out", shop_.at(name)};
    words.insert(words.end(), algorithm.begin(), algorithm.end());
    EXPECT_EQ(shop_.openssl(words).exit, 0);
    return shop_.at(name);
  }
  Ran cmp(const Words& more) {
    Words words{"cmp",
                "-config",
                "",
                "-server",
                server_.host_port(),
                "-path",
                ".well-known/cmp",
                "-recipient",
                "/CN=Countersign Issuing CA"};
    words.insert(words.end(), more.begin(), more.end());
    return shop_.openssl(words);
  }
  Ran by_secret(const Words& more) {
    Words words{"-ref", server_.reference(), "-secret", "pass:" + server_.secret()};
    words.insert(words.end(), more.begin(), more.end());
    return cmp(words);
  }
  Ran by_certificate(const std::string& cert, const std::string& cert_key, const Words& more) {
    Words words{"-cert", cert, "-key", cert_key, "-trusted", server_.data() + "/root.pem"};
    words.insert(words.end(), more.begin(), more.end());
    return cmp(words);
  }
  // A certificate by secret: name.key, name.pem
  void enrol(const std::string& name) {
    const Ran ran = by_secret({"-cmd", "ir", "-newkey", key(name + ".key"), "-subject",
                               "/CN=" + name, "-certout", shop_.at(name + ".pem")});
    ASSERT_EQ(ran.exit, 0) << ran.err << server_.log();
  }
};

TEST_F(OpenSslClient, enrols_keys_of_every_kind_by_secret) {
  const std::vector<Words> kinds = {{"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"},
                                    {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"},
                                    {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"},
                                    {"-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"},
                                    {"-algorithm", "ED25519"},
                                    {"-algorithm", "ED448"},
                                    {"-algorithm", "ML-DSA-44"},
                                    {"-algorithm", "ML-DSA-65"},
                                    {"-algorithm", "ML-DSA-87"}};
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    const std::string name = "k" + std::to_string(i);
    const Ran ran = by_secret({"-cmd", "ir", "-newkey", key(name + ".key", kinds[i]), "-subject",
                               "/CN=" + name, "-certout", shop_.at(name + ".pem")});
    EXPECT_EQ(ran.exit, 0) << kinds[i].back() << ran.err;
    const Ran verified =
        shop_.openssl({"verify", "-CAfile", server_.data() + "/root.pem", "-untrusted",
                       server_.data() + "/issuing.pem", shop_.at(name + ".pem")});
    EXPECT_EQ(verified.exit, 0) << verified.err;
    EXPECT_THAT(server_.certificates(), HasSubstr("valid CN=" + name));
  }
}

TEST_F(OpenSslClient, confirms_implicitly_or_leaves_it_to_the_server) {
  enrol("first");
  Ran ran = by_secret({"-cmd", "ir", "-newkey", key("a.key"), "-subject", "/CN=implicit",
                       "-certout", shop_.at("a.pem"), "-implicit_confirm"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.err, Not(HasSubstr("CERTCONF")));
  EXPECT_THAT(server_.certificates(), HasSubstr("valid CN=implicit"));
  ran = by_secret({"-cmd", "ir", "-newkey", key("b.key"), "-subject", "/CN=silent", "-certout",
                   shop_.at("b.pem"), "-disable_confirm"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(server_.certificates(), HasSubstr("unconfirmed CN=silent"));
}

TEST_F(OpenSslClient, asks_and_updates_and_revokes_by_certificate) {
  enrol("device");
  const auto pem = [&](const std::string& name) { return shop_.at(name + ".pem"); };
  const auto k = [&](const std::string& name) { return shop_.at(name + ".key"); };
  Ran ran = by_certificate(pem("device"), k("device"),
                           {"-cmd", "cr", "-newkey", key("second.key"), "-subject", "/CN=device",
                            "-certout", pem("second")});
  EXPECT_EQ(ran.exit, 0) << ran.err << server_.log();
  ran = by_certificate(pem("device"), k("device"),
                       {"-cmd", "kur", "-newkey", key("third.key"), "-certout", pem("third")});
  EXPECT_EQ(ran.exit, 0) << ran.err << server_.log();
  ran = by_certificate(pem("third"), k("third"),
                       {"-cmd", "rr", "-oldcert", pem("third"), "-revreason", "4"});
  EXPECT_EQ(ran.exit, 0) << ran.err << server_.log();
  // Revoked, it authenticates nobody any more.
  ran = by_certificate(pem("third"), k("third"),
                       {"-cmd", "cr", "-newkey", key("fourth.key"), "-subject", "/CN=device",
                        "-certout", pem("fourth")});
  EXPECT_NE(ran.exit, 0);
  EXPECT_THAT(ran.err, HasSubstr("certRevoked"));
  // One certificate must not revoke another's.
  enrol("stranger");
  ran = by_certificate(pem("stranger"), k("stranger"), {"-cmd", "rr", "-oldcert", pem("device")});
  EXPECT_NE(ran.exit, 0);
  EXPECT_THAT(ran.err, HasSubstr("notAuthorized"));
}

TEST_F(OpenSslClient, asks_by_pkcs10) {
  const std::string k = key("p10.key");
  ASSERT_EQ(shop_
                .openssl({"req", "-new", "-config", "/dev/null", "-key", k, "-subj", "/CN=p10",
                          "-out", shop_.at("p10.csr")})
                .exit,
            0);
  Ran ran =
      by_secret({"-cmd", "p10cr", "-csr", shop_.at("p10.csr"), "-certout", shop_.at("p10.pem")});
  EXPECT_EQ(ran.exit, 0) << ran.err << server_.log();
  // RFC 9810 §5.3.9: named by the key of the request alone
  ran = by_certificate(shop_.at("p10.pem"), k,
                       {"-cmd", "rr", "-csr", shop_.at("p10.csr"), "-revreason", "5"});
  EXPECT_EQ(ran.exit, 0) << ran.err << server_.log();
  EXPECT_THAT(server_.certificates(), HasSubstr("revoked CN=p10"));
}

// RFC 9483 §4.3, and the types of RFC 9810 §5.3.19 for which the client has no support of its own.
TEST_F(OpenSslClient, asks_for_information_of_every_type) {
  struct Case {
    std::string type;
    Words words;
    std::string says;
  };
  const std::string crl = shop_.at("issuing.crl");
  const std::vector<Case> cases = {
      {"caCerts", {"-cacertsout", shop_.at("ca.pem")}, "received 2 CA certificate(s)"},
      {"rootCaCert",
       {"-oldwithold", server_.data() + "/root.pem", "-newwithnew", shop_.at("new.pem")},
       "no root CA certificate update available"},
      {"certReqTemplate",
       {"-template", shop_.at("template.der"), "-keyspec", shop_.at("keyspec.der")},
       "Key algorithm: ML-DSA-65"},
      {"certReqTemplate",
       {"-template", shop_.at("server.der"), "-profile", "tls-server"},
       "stored"},
      {"certReqTemplate", {"-template", shop_.at("x.der"), "-profile", "none-such"}, "badRequest"},
      {"crlStatusList",
       {"-crlcert", server_.data() + "/cmp.pem", "-crlout", crl},
       "received CRL from genp"},
      {"crlStatusList", {"-oldcrl", crl, "-crlout", shop_.at("newer.crl")}, "no CRL update"},
      {"currentCRL", {}, "id-it-currentCRL"},
      {"signKeyPairTypes", {}, "id-it-signKeyPairTypes"},
      {"preferredSymmAlg", {}, "id-it-preferredSymmAlg"},
      {"caProtEncCert", {}, "id-it-caProtEncCert"},
      {"encKeyPairTypes", {}, "id-it-encKeyPairTypes"},
      {"revPassphrase", {}, "id-it-unsupportedOIDs"},
      {"suppLangTags", {}, "badDataFormat"},
      {"keyPairParamReq", {}, "badDataFormat"},
  };
  for (const Case& c : cases) {
    Words words{"-cmd", "genm", "-infotype", c.type};
    words.insert(words.end(), c.words.begin(), c.words.end());
    const Ran ran = by_secret(words);
    EXPECT_THAT(ran.err + ran.out, HasSubstr(c.says)) << c.type << server_.log();
  }
  EXPECT_THAT(read_file(shop_.at("ca.pem")), HasSubstr("BEGIN CERTIFICATE"));
  const Ran shown = shop_.openssl({"crl", "-in", crl, "-noout", "-issuer"});
  EXPECT_THAT(shown.out, HasSubstr("Countersign Issuing CA")) << shown.err;
}

TEST_F(OpenSslClient, is_refused_with_the_right_bit_and_a_sentence) {
  struct Case {
    std::string what;
    Words words;
    std::string says;
  };
  const std::string k = key("x.key");
  const std::vector<Case> cases = {
      {"raVerified from who is no RA",
       {"-cmd", "ir", "-newkey", k, "-subject", "/CN=x", "-popo", "0"},
       "notAuthorized"},
      {"a weak key",
       {"-cmd", "ir", "-newkey",
        key("weak.key", {"-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"}), "-subject",
        "/CN=x"},
       "badCertTemplate"},
      {"an unknown template",
       {"-cmd", "ir", "-newkey", k, "-subject", "/CN=x", "-profile", "no-such"},
       "badRequest"}};
  for (const Case& c : cases) {
    Words words = c.words;
    words.insert(words.end(), {"-certout", shop_.at("none.pem")});
    const Ran ran = by_secret(words);
    EXPECT_NE(ran.exit, 0) << c.what;
    EXPECT_THAT(ran.err, HasSubstr(c.says)) << c.what;
  }
  EXPECT_EQ(server_.certificates(), "");
}

TEST_F(OpenSslClient, learns_nothing_about_references) {
  const std::string k = key("x.key");
  const auto refused = [&](const std::string& reference, const std::string& secret) {
    const Ran ran = cmp({"-cmd", "ir", "-newkey", k, "-subject", "/CN=x", "-ref", reference,
                         "-secret", "pass:" + secret, "-trusted", server_.data() + "/root.pem",
                         "-certout", shop_.at("none.pem")});
    EXPECT_NE(ran.exit, 0);
    const auto at = ran.err.find("PKIStatus");
    return at == std::string::npos ? ran.err : ran.err.substr(at);
  };
  EXPECT_EQ(refused(server_.reference(), "wrong"), refused("nobody", "wrong"));
}

TEST_F(OpenSslClient, enrols_by_a_vendors_certificate_inside_the_anchors_name_rule) {
  const auto at = [&](const std::string& name) { return shop_.at(name); };
  ASSERT_EQ(shop_
                .openssl({"req", "-x509", "-config", "/dev/null", "-key", key("vendor.key"), "-out",
                          at("vendor.pem"), "-subj", "/CN=Vendor CA", "-days", "100", "-addext",
                          "basicConstraints=critical,CA:TRUE", "-addext",
                          "keyUsage=critical,keyCertSign,cRLSign"})
                .exit,
            0);
  ASSERT_EQ(shop_
                .openssl({"req", "-new", "-config", "/dev/null", "-key", key("born.key"), "-out",
                          at("born.csr"), "-subj", "/CN=dev-1"})
                .exit,
            0);
  ASSERT_EQ(shop_
                .openssl({"x509", "-req", "-in", at("born.csr"), "-CA", at("vendor.pem"), "-CAkey",
                          at("vendor.key"), "-days", "50", "-out", at("born.pem")})
                .exit,
            0);
  ASSERT_EQ(shop_
                .countersignd({"trust", "add", "--data", server_.data(), "--names", "dev-*",
                               at("vendor.pem")})
                .exit,
            0);
  ASSERT_EQ(server_.stop(), 0);
  server_.start();
  const auto ask = [&](const std::string& subject) {
    return by_certificate(
        at("born.pem"), at("born.key"),
        {"-cmd", "ir", "-newkey", key("own.key"), "-subject", subject, "-certout", at("own.pem")});
  };
  EXPECT_EQ(ask("/CN=dev-1").exit, 0) << server_.log();
  EXPECT_THAT(ask("/CN=admin").err, HasSubstr("notAuthorized"));
}

TEST(OpenSslClientOfMlDsaAuthority, enrols_and_renews) {
  Workshop shop;
  RunningServer server(shop, "", {"--algorithm", "ml-dsa-65"});
  const std::string k = shop.at("pq.key");
  ASSERT_EQ(shop.openssl({"genpkey", "-algorithm", "ML-DSA-65", "-out", k}).exit, 0);
  Ran ran = shop.openssl({"cmp",
                          "-config",
                          "",
                          "-server",
                          server.host_port(),
                          "-path",
                          ".well-known/cmp",
                          "-recipient",
                          "/CN=Countersign Issuing CA",
                          "-ref",
                          server.reference(),
                          "-secret",
                          "pass:" + server.secret(),
                          "-cmd",
                          "ir",
                          "-newkey",
                          k,
                          "-subject",
                          "/CN=pq",
                          "-certout",
                          shop.at("pq.pem")});
  EXPECT_EQ(ran.exit, 0) << ran.err << server.log();
  EXPECT_THAT(server.certificates(), HasSubstr("valid CN=pq"));
}

}  // namespace
}  // namespace countersign::test
