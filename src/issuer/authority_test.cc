#include "issuer/authority.h"

#include "issuer/test_values.h"

namespace countersign::issuer {
namespace {

using namespace test;
using x509::KeyUsage;
namespace oid = x509::oids;

AuthoritySpec all_of(const std::string& algorithm) {
  AuthoritySpec spec;
  spec.name = "Test";
  spec.organization = "Example";
  spec.root_algorithm = spec.issuing_algorithm = spec.cmp_algorithm = algorithm;
  spec.public_url = "http://ca.example:8829";
  return spec;
}

struct Parsed {
  x509::Certificate root, issuing, cmp;
};
Parsed parse(const NewAuthority& authority) {
  return {x509::parse_certificate(authority.root_certificate).value(),
          x509::parse_certificate(authority.issuing_certificate).value(),
          x509::parse_certificate(authority.cmp_certificate).value()};
}

class Authority : public testing::TestWithParam<const char*> {};

TEST_P(Authority, is_what_openssl_verifies_strictly) {
  CountingEntropy entropy;
  const auto made = make_authority(all_of(GetParam()), kNow, entropy);
  ASSERT_TRUE(made) << made.error().reply_text;
  Folder folder;
  const auto root = folder.write_pem("root.pem", "CERTIFICATE", made->root_certificate);
  const auto issuing = folder.write_pem("issuing.pem", "CERTIFICATE", made->issuing_certificate);
  const auto cmp = folder.write_pem("cmp.pem", "CERTIFICATE", made->cmp_certificate);
  const auto verdict =
      openssl("verify -x509_strict -check_ss_sig -attime " + std::to_string(to_unix(kNow)) +
              " -CAfile " + root + " -untrusted " + issuing + ' ' + cmp);
  EXPECT_TRUE(good(verdict)) << verdict;
  // The keys belong to the certificates.
  for (const auto& [key, certificate] : {std::pair(&made->root_key, &made->root_certificate),
                                         std::pair(&made->issuing_key, &made->issuing_certificate),
                                         std::pair(&made->cmp_key, &made->cmp_certificate)})
    EXPECT_TRUE(equal(open_software_signer(*key).value()->spki(),
                      x509::parse_certificate(*certificate).value().spki));
}

INSTANTIATE_TEST_SUITE_P(Keys, Authority,
                         testing::Values("p256", "p384", "rsa2048", "ed25519", "ed448", "ml-dsa-44",
                                         "ml-dsa-65"));

TEST(Authorities, the_certificates_say_what_RFC_5280_wants) {
  CountingEntropy entropy;
  const auto made = make_authority(all_of("p256"), kNow, entropy);
  ASSERT_TRUE(made);
  const Parsed all = parse(*made);
  EXPECT_EQ(x509::to_text(all.root.subject), "CN=Test Root CA,O=Example");
  EXPECT_EQ(x509::to_text(all.issuing.subject), "CN=Test Issuing CA,O=Example");
  EXPECT_EQ(x509::to_text(all.cmp.subject), "CN=Test CMP,O=Example");
  EXPECT_EQ(all.root.issuer, all.root.subject);
  EXPECT_EQ(all.issuing.issuer, all.root.subject);
  EXPECT_EQ(all.cmp.issuer, all.issuing.subject);
  for (const auto* ca : {&all.root, &all.issuing}) {
    EXPECT_TRUE(ca->is_ca());
    EXPECT_TRUE(x509::find(ca->extensions, oid::basic_constraints)->critical);
    EXPECT_TRUE(x509::find(ca->extensions, oid::key_usage)->critical);
    EXPECT_EQ(ca->key_usage(), x509::usages({KeyUsage::keyCertSign, KeyUsage::cRLSign}));
    EXPECT_TRUE(ca->ext_key_usage().empty());
  }
  EXPECT_EQ(x509::read_basic_constraints(
                x509::find(all.issuing.extensions, oid::basic_constraints)->value)
                ->path_length,
            0);
  EXPECT_FALSE(all.cmp.is_ca());
  EXPECT_EQ(all.cmp.key_usage(), x509::usages({KeyUsage::digitalSignature}));
  EXPECT_EQ(all.cmp.ext_key_usage(), (std::vector{oid::kp_cmc_ca, oid::kp_cmc_ra}));
  EXPECT_FALSE(x509::find(all.cmp.extensions, oid::ext_key_usage)->critical);
  EXPECT_NE(all.root.serial, all.issuing.serial);
  EXPECT_NE(all.issuing.serial, all.cmp.serial);
}

TEST(Authorities, the_urls_are_where_openssl_reads_them) {
  CountingEntropy entropy;
  const auto made = make_authority(all_of("p256"), kNow, entropy);
  ASSERT_TRUE(made);
  Folder folder;
  const auto shown = [&](View der) {
    return openssl("x509 -noout -text -in " + folder.write_pem("c.pem", "CERTIFICATE", der));
  };
  const auto issuing = shown(made->issuing_certificate);
  EXPECT_TRUE(issuing.contains("URI:http://ca.example:8829/crl/root.crl")) << issuing;
  EXPECT_TRUE(issuing.contains("CA Issuers - URI:http://ca.example:8829/ca/root.cer")) << issuing;
  const auto cmp = shown(made->cmp_certificate);
  EXPECT_TRUE(cmp.contains("URI:http://ca.example:8829/crl/issuing.crl")) << cmp;
  EXPECT_TRUE(cmp.contains("CA Issuers - URI:http://ca.example:8829/ca/issuing.cer")) << cmp;
}

TEST(Authorities, with_a_name_have_their_urls_below_it) {
  CountingEntropy entropy;
  auto spec = all_of("p256");
  spec.issuing.ca = "meters";
  const auto made = make_authority(spec, kNow, entropy);
  ASSERT_TRUE(made);
  Folder folder;
  const auto issuing = openssl("x509 -noout -text -in " +
                               folder.write_pem("c.pem", "CERTIFICATE", made->issuing_certificate));
  EXPECT_TRUE(issuing.contains("URI:http://ca.example:8829/crl/meters/root.crl")) << issuing;
  EXPECT_TRUE(issuing.contains("URI:http://ca.example:8829/ca/meters/root.cer")) << issuing;
}

TEST(Authorities, nothing_outlives_its_issuer) {
  CountingEntropy entropy;
  AuthoritySpec spec = all_of("p256");
  spec.root_validity = Seconds{100LL * 86400};
  const auto made = make_authority(spec, kNow, entropy);
  ASSERT_TRUE(made);
  const Parsed all = parse(*made);
  EXPECT_EQ(all.root.validity.not_before, kNow - spec.backdate);
  EXPECT_EQ(all.root.validity.not_after, kNow + spec.root_validity);
  EXPECT_EQ(all.issuing.validity, all.root.validity);
  EXPECT_EQ(all.cmp.validity, all.root.validity);
}

TEST(Authorities, a_new_cmp_signer_is_made_by_the_issuing_ca) {
  CountingEntropy entropy;
  const AuthoritySpec spec = all_of("p256");
  const auto made = make_authority(spec, kNow, entropy);
  ASSERT_TRUE(made);
  const auto signer = open_software_signer(made->issuing_key).value();
  const Time later = kNow + Seconds{300LL * 86400};
  const auto renewed = make_cmp_signer(spec, made->issuing_certificate, *signer, later, entropy);
  ASSERT_TRUE(renewed);
  const auto certificate = x509::parse_certificate(renewed->certificate).value();
  EXPECT_EQ(certificate.validity.not_after, later + spec.cmp_validity);
  EXPECT_NE(certificate.spki, parse(*made).cmp.spki);
  const auto root = open_software_signer(made->root_key).value();
  EXPECT_EQ(code(make_cmp_signer(spec, made->issuing_certificate, *root, later, entropy)),
            "issuer.key-mismatch");
  const Time too_late = kNow + Seconds{11LL * 365 * 86400};
  EXPECT_EQ(code(make_cmp_signer(spec, made->issuing_certificate, *signer, too_late, entropy)),
            "issuer.expired");
}

// RFC 9810 §4.5. Ed448 is not for signing CMS: its digest there is one of its own.
TEST(Authorities, a_key_generation_authority_may_do_that_and_nothing_else) {
  CountingEntropy entropy;
  const auto made = make_authority(all_of("p256"), kNow, entropy);
  ASSERT_TRUE(made);
  const auto signer = open_software_signer(made->issuing_key).value();
  for (const auto& [algorithm, kind] : {std::pair{"p256", crypto::KeyKind::p256},
                                        {"ed25519", crypto::KeyKind::ed25519},
                                        {"ed448", crypto::KeyKind::p384}}) {
    AuthoritySpec spec = all_of("p256");
    spec.cmp_algorithm = algorithm;
    const auto kga = make_kga_signer(spec, made->issuing_certificate, *signer, kNow, entropy);
    ASSERT_TRUE(kga) << algorithm;
    const auto certificate = x509::parse_certificate(kga->certificate).value();
    EXPECT_EQ(certificate.ext_key_usage(), std::vector{x509::oids::kp_cm_kga});
    EXPECT_EQ(certificate.key_usage(), x509::usages({x509::KeyUsage::digitalSignature}));
    EXPECT_EQ(crypto::PublicKey::from_spki(certificate.spki).value().kind(), kind) << algorithm;
  }
}

TEST(Authorities, a_tls_server_has_the_names_that_it_is_asked_for_and_a_key_that_tls_knows) {
  CountingEntropy entropy;
  const auto made = make_authority(all_of("p256"), kNow, entropy);
  ASSERT_TRUE(made);
  const auto signer = open_software_signer(made->issuing_key).value();
  const auto make = [&](const std::string& algorithm, const std::vector<std::string>& names) {
    AuthoritySpec spec = all_of("p256");
    spec.cmp_algorithm = algorithm;
    return make_tls_signer(spec, names, made->issuing_certificate, *signer, kNow, entropy);
  };
  const auto tls = make("slh-dsa-sha2-128s", {"ca.example", "::1"});
  ASSERT_TRUE(tls);
  const auto certificate = x509::parse_certificate(tls->certificate).value();
  EXPECT_EQ(certificate.ext_key_usage(), std::vector{x509::oids::kp_server_auth});
  EXPECT_EQ(
      certificate.subject_alt_names(),
      (std::vector{x509::dns_name("ca.example"), x509::general_name_from_text("ip:::1").value()}));
  EXPECT_EQ(crypto::PublicKey::from_spki(certificate.spki).value().kind(), crypto::KeyKind::p384);
  EXPECT_FALSE(make("p256", {"uri:no scheme"}));
}

TEST(Authorities, a_spec_that_makes_no_sense_is_refused) {
  struct Case {
    const char* what;
    const char* code;
    void (*change)(AuthoritySpec&);
  };
  const Case cases[] = {
      {"no name", "issuer.name", [](auto& s) { s.name.clear(); }},
      {"a name too long for CN", "issuer.name", [](auto& s) { s.name = std::string(54, 'a'); }},
      {"a name that is no UTF-8", "issuer.name", [](auto& s) { s.name = "\xff"; }},
      {"an unknown algorithm", "issuer.algorithm", [](auto& s) { s.root_algorithm = "rsa1"; }},
      {"no URL", "issuer.public-url", [](auto& s) { s.public_url = "ca.example"; }},
      {"a URL with a slash", "issuer.public-url", [](auto& s) { s.public_url += '/'; }},
  };
  CountingEntropy entropy;
  for (const Case& c : cases) {
    AuthoritySpec spec = all_of("p256");
    c.change(spec);
    EXPECT_EQ(code(make_authority(spec, kNow, entropy)), c.code) << c.what;
  }
  BrokenEntropy broken;
  EXPECT_EQ(code(make_authority(all_of("p256"), kNow, broken)), "test.entropy");
}

}  // namespace
}  // namespace countersign::issuer
