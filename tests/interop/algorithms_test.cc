// The algorithms of RFC 9481 and the post-quantum ones, end to end: `openssl cmp` and our own
// client against countersignd.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/process.h"

namespace countersign::test {
namespace {

using testing::HasSubstr;

// A server, and both clients with the secret that it made.
class Algorithms : public testing::Test {
 protected:
  explicit Algorithms(const Words& init = {}) : server_(shop_, "", init) {}

  std::string key(const std::string& name, const Words& algorithm) {
    Words words{"genpkey", "-quiet", "-out", shop_.at(name)};
    words.insert(words.end(), algorithm.begin(), algorithm.end());
    EXPECT_EQ(shop_.openssl(words).exit, 0);
    return shop_.at(name);
  }
  Ran openssl_cmp(const Words& more) {
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
  Ran openssl_by_secret(const std::string& name, const std::string& new_key, const Words& more) {
    Words words{
        "-cmd",    "ir",    "-ref",     server_.reference(), "-secret",  "pass:" + server_.secret(),
        "-newkey", new_key, "-subject", "/CN=" + name,       "-certout", shop_.at(name + ".pem")};
    words.insert(words.end(), more.begin(), more.end());
    return openssl_cmp(words);
  }
  Ran ours(const std::string& verb, const std::string& name, const Words& more) {
    Words words{verb,     "http://" + server_.host_port(), "--key", shop_.at(name + ".key"),
                "--cert", shop_.at(name + ".pem")};
    words.insert(words.end(), more.begin(), more.end());
    return shop_.countersign(words);
  }
  Ran enroll(const std::string& name, const Words& more) {
    Words words{"--reference", server_.reference(), "--secret", "pass:" + server_.secret(),
                "--subject",   "CN=" + name};
    words.insert(words.end(), more.begin(), more.end());
    return ours("enroll", name, words);
  }

  Workshop shop_;
  RunningServer server_;
};

TEST_F(Algorithms, our_client_under_every_mac) {
  for (const std::string mac : {"pbm", "pbmac1", "pbm-gmac", "hmac", "kmac"}) {
    const Ran ran = enroll(mac, {"--mac", mac});
    EXPECT_EQ(ran.exit, 0) << mac << ran.err << server_.log();
    EXPECT_THAT(server_.certificates(), HasSubstr("valid CN=" + mac));
  }
  const Ran wrong = enroll("des", {"--mac", "des"});
  EXPECT_EQ(wrong.exit, 1);
  EXPECT_THAT(wrong.err, HasSubstr("hmac or kmac"));
}

TEST_F(Algorithms, a_direct_mac_is_for_secrets_that_the_server_made) {
  const std::string chosen = "pass:chosen by somebody at a desk";
  ASSERT_EQ(shop_
                .countersignd({"secret", "add", "--data", server_.data(), "--reference", "desk",
                               "--secret", chosen, "--names", "any", "--uses", "5"})
                .exit,
            0);
  const auto ask = [&](const std::string& reference, const std::string& name,
                       const std::string& mac) {
    return ours("enroll", name,
                {"--reference", reference, "--secret", chosen, "--subject", "CN=" + name, "--mac",
                 mac, "--start-over"});
  };
  const Ran known = ask("desk", "a", "hmac");
  EXPECT_NE(known.exit, 0);
  EXPECT_THAT(known.err, HasSubstr("PBMAC1"));
  const Ran unknown = ask("no-such-reference", "b", "hmac");
  EXPECT_EQ(known.exit, unknown.exit);
  EXPECT_THAT(unknown.err, HasSubstr("PBMAC1"));
  EXPECT_EQ(ask("desk", "c", "pbmac1").exit, 0) << server_.log();
}

TEST_F(Algorithms, what_the_configuration_leaves_out_is_refused) {
  ASSERT_EQ(server_.stop(), 0);
  Workshop strict;
  RunningServer server(strict, "[cmp]\naccept = [\"signature\", \"pbmac1\"]\n");
  const auto ask = [&](const std::string& mac) {
    return strict.countersign({"enroll", "http://" + server.host_port(), "--reference",
                               server.reference(), "--secret", "pass:" + server.secret(),
                               "--subject", "CN=a", "--key", strict.at("a.key"), "--cert",
                               strict.at("a.pem"), "--mac", mac, "--start-over"});
  };
  EXPECT_THAT(ask("pbm").err, HasSubstr("use signature, pbmac1"));
  EXPECT_THAT(ask("kmac").err, HasSubstr("use signature, pbmac1"));
  EXPECT_EQ(ask("pbmac1").exit, 0) << server.log();
}

TEST_F(Algorithms, our_client_enrols_and_renews_slh_dsa) {
  for (const std::string kind : {"slh-dsa-sha2-128f", "slh-dsa-shake-128f", "slh-dsa-sha2-128s"}) {
    Ran ran = enroll(kind, {"--algorithm", kind});
    ASSERT_EQ(ran.exit, 0) << kind << ran.err << server_.log();
    EXPECT_THAT(shop_.openssl({"x509", "-in", shop_.at(kind + ".pem"), "-noout", "-text"}).err,
                testing::ContainsRegex("Public Key Algorithm: SLH-DSA"));
    ran = ours("renew", kind, {"--algorithm", kind});
    EXPECT_EQ(ran.exit, 0) << kind << ran.err << server_.log();
    ran = ours("revoke", kind, {"--reason", "superseded"});
    EXPECT_EQ(ran.exit, 0) << kind << ran.err << server_.log();
  }
}

TEST_F(Algorithms, openssl_with_slh_dsa_and_rsa_pss_keys) {
  const std::vector<std::pair<std::string, Words>> kinds = {
      {"slh-sha2", {"-algorithm", "SLH-DSA-SHA2-128f"}},
      {"slh-shake", {"-algorithm", "SLH-DSA-SHAKE-192f"}},
      {"rsa-pss", {"-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"}}};
  for (const auto& [name, algorithm] : kinds) {
    const std::string own = key(name + ".key", algorithm);
    Ran ran = openssl_by_secret(name, own, {});
    ASSERT_EQ(ran.exit, 0) << name << ran.err << server_.log();
    ran = openssl_cmp({"-cmd", "kur", "-cert", shop_.at(name + ".pem"), "-key", own, "-trusted",
                       server_.data() + "/root.pem", "-newkey", own, "-certout",
                       shop_.at(name + "2.pem")});
    EXPECT_EQ(ran.exit, 0) << name << ran.err << server_.log();
  }
}

TEST_F(Algorithms, openssl_with_other_digests) {
  const Words p256{"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"};
  const Words rsa{"-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"};
  for (const std::string digest : {"sha224", "sha384", "sha512", "sha3-256"}) {
    const Ran ran = openssl_by_secret("owf-" + digest, key(digest + ".key", p256),
                                      {"-digest", digest, "-mac", "hmacWithSHA512"});
    EXPECT_EQ(ran.exit, 0) << digest << ran.err << server_.log();
  }
  for (const auto& [name, algorithm] : {std::pair{"ec", p256}, std::pair{"rsa", rsa}}) {
    const std::string own = key(std::string(name) + ".key", algorithm);
    ASSERT_EQ(openssl_by_secret(name, own, {}).exit, 0) << server_.log();
    for (const std::string digest : {"sha3-224", "sha3-256", "sha3-384", "sha3-512"}) {
      const Ran ran = openssl_cmp({"-cmd", "cr", "-cert", shop_.at(std::string(name) + ".pem"),
                                   "-key", own, "-trusted", server_.data() + "/root.pem", "-newkey",
                                   key("new.key", p256), "-subject", "/CN=" + std::string(name),
                                   "-digest", digest, "-certout", shop_.at("new.pem")});
      EXPECT_EQ(ran.exit, 0) << name << digest << ran.err << server_.log();
    }
  }
}

// Root, issuing CA and CMP signer alike; certConf needs hashAlg, so pvno 3.
class AuthorityOf : public Algorithms, public testing::WithParamInterface<const char*> {
 protected:
  AuthorityOf() : Algorithms({"--algorithm", GetParam()}) {}
};

TEST_P(AuthorityOf, serves_our_client) {
  Ran ran = enroll("pq", {"--algorithm", GetParam()});
  ASSERT_EQ(ran.exit, 0) << ran.err << server_.log();
  ran = ours("renew", "pq", {});
  EXPECT_EQ(ran.exit, 0) << ran.err << server_.log();
  ran = ours("info", "pq", {});
  EXPECT_EQ(ran.exit, 0) << ran.err << server_.log();
  const Ran verified =
      shop_.openssl({"verify", "-CAfile", server_.data() + "/root.pem", "-untrusted",
                     server_.data() + "/issuing.pem", shop_.at("pq.pem")});
  EXPECT_EQ(verified.exit, 0) << verified.err;
  ran = ours("revoke", "pq", {"--reason", "superseded"});
  EXPECT_EQ(ran.exit, 0) << ran.err << server_.log();
}

TEST_P(AuthorityOf, serves_openssl) {
  const std::string own = key("o.key", {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"});
  Ran ran = openssl_by_secret("o", own, {});
  ASSERT_EQ(ran.exit, 0) << ran.err << server_.log();
  ran =
      openssl_cmp({"-cmd", "rr", "-cert", shop_.at("o.pem"), "-key", own, "-trusted",
                   server_.data() + "/root.pem", "-oldcert", shop_.at("o.pem"), "-revreason", "4"});
  EXPECT_EQ(ran.exit, 0) << ran.err << server_.log();
}

INSTANTIATE_TEST_SUITE_P(PostQuantum, AuthorityOf,
                         testing::Values("ml-dsa-44", "ml-dsa-65", "ml-dsa-87",
                                         "slh-dsa-sha2-128f"));

}  // namespace
}  // namespace countersign::test
