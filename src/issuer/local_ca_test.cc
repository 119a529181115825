#include "issuer/local_ca.h"

#include "issuer/test_values.h"

namespace countersign::issuer {
namespace {

using namespace test;
namespace oid = x509::oids;

NewAuthority authority(const std::string& algorithm, Entropy& entropy) {
  AuthoritySpec spec;
  spec.root_algorithm = spec.issuing_algorithm = algorithm;
  return make_authority(spec, kNow, entropy).value();
}
const NewAuthority& p256() {
  static const NewAuthority made = [] {
    CountingEntropy entropy;
    return authority("p256", entropy);
  }();
  return made;
}

class LocalCas : public testing::TestWithParam<const char*> {};

TEST_P(LocalCas, certify_what_openssl_verifies_strictly_under_the_crl) {
  CountingEntropy entropy;
  const NewAuthority made = authority(GetParam(), entropy);
  const auto ca = open_ca(made, entropy);
  ASSERT_TRUE(ca) << ca.error().reply_text;
  const auto issued = issue(**ca, leaf().order);
  ASSERT_TRUE(issued) << issued.error().reply_text;
  EXPECT_EQ(issued->chain, std::vector<Bytes>{made.issuing_certificate});
  EXPECT_EQ(issued->root, made.root_certificate);

  Got<Bytes> crl;
  make_crl({{}, 1, kNow, kNow + Seconds{86400}},
           x509::parse_certificate(made.issuing_certificate).value(),
           *open_software_signer(made.issuing_key).value(), crl.done());
  Folder folder;
  const auto root = folder.write_pem("root.pem", "CERTIFICATE", issued->root);
  const auto issuing = folder.write_pem("issuing.pem", "CERTIFICATE", issued->chain[0]);
  const auto list = folder.write_pem("crl.pem", "X509 CRL", crl.result->value());
  const auto file = folder.write_pem("leaf.pem", "CERTIFICATE", issued->certificate);
  for (const char* purpose : {"sslserver", "sslclient"}) {
    std::string command = "verify -x509_strict -crl_check";
    command.append(" -attime ").append(std::to_string(to_unix(kNow)));
    command.append(" -purpose ").append(purpose).append(" -CAfile ").append(root);
    command.append(" -untrusted ").append(issuing).append(" -CRLfile ").append(list);
    const auto verdict = openssl(command.append(" ").append(file));
    EXPECT_TRUE(good(verdict)) << verdict;
  }
}

INSTANTIATE_TEST_SUITE_P(Keys, LocalCas,
                         testing::Values("p256", "rsa2048", "ed25519", "ml-dsa-44", "ml-dsa-65"));

TEST(LocalCa, the_certificate_says_what_was_ordered_and_what_RFC_5280_wants) {
  CountingEntropy entropy;
  const auto ca = open_ca(p256(), entropy).value();
  const Leaf wanted = leaf();
  const auto issued = issue(*ca, wanted.order);
  ASSERT_TRUE(issued);
  const auto certificate = x509::parse_certificate(issued->certificate);
  ASSERT_TRUE(certificate) << certificate.error().reply_text;
  EXPECT_EQ(certificate->serial, issued->serial);
  EXPECT_EQ(certificate->subject, wanted.order.subject);
  EXPECT_EQ(certificate->spki, wanted.order.spki);
  EXPECT_EQ(certificate->validity, wanted.order.validity);
  for (const x509::Extension& ordered : wanted.order.extensions)
    EXPECT_EQ(*x509::find(certificate->extensions, ordered.id), ordered);
  EXPECT_EQ(certificate->extensions.size(), wanted.order.extensions.size() + 4);
  EXPECT_EQ(certificate->subject_key_identifier(), wanted.key.public_key().key_identifier());
  const auto issuing = x509::parse_certificate(p256().issuing_certificate).value();
  EXPECT_EQ(certificate->issuer, issuing.subject);
  const auto authority_id = x509::read_authority_key_identifier(
      x509::find(certificate->extensions, oid::authority_key_identifier)->value);
  EXPECT_EQ(authority_id.value(), issuing.subject_key_identifier());
}

TEST(LocalCa, openssl_reads_the_urls_and_the_names) {
  CountingEntropy entropy;
  const auto ca = open_ca(p256(), entropy).value();
  const auto issued = issue(*ca, leaf().order);
  ASSERT_TRUE(issued);
  Folder folder;
  const auto shown = openssl("x509 -noout -text -in " +
                             folder.write_pem("leaf.pem", "CERTIFICATE", issued->certificate));
  for (const char* part :
       {"Version: 3", "DNS:device-7.example", "URI:http://ca.example:8829/crl/issuing.crl",
        "CA Issuers - URI:http://ca.example:8829/ca/issuing.cer", "Digital Signature",
        "TLS Web Client Authentication, TLS Web Server Authentication"})
    EXPECT_TRUE(shown.contains(part)) << part << '\n' << shown;
}

TEST(LocalCa, two_certificates_have_two_serial_numbers) {
  CountingEntropy entropy;
  const auto ca = open_ca(p256(), entropy).value();
  const auto order = leaf().order;
  EXPECT_NE(issue(*ca, order).value().serial, issue(*ca, order).value().serial);
}

TEST(LocalCa, the_validity_is_cut_to_that_of_its_certificate) {
  CountingEntropy entropy;
  const auto ca = open_ca(p256(), entropy).value();
  const auto issuing = x509::parse_certificate(p256().issuing_certificate).value();
  auto order = leaf().order;
  order.validity = {kNow - Seconds{86400}, kNow + Seconds{50LL * 365 * 86400}};
  const auto issued = issue(*ca, order);
  ASSERT_TRUE(issued);
  EXPECT_EQ(x509::parse_certificate(issued->certificate)->validity, issuing.validity);
}

TEST(LocalCa, an_expired_ca_issues_nothing) {
  CountingEntropy entropy;
  const auto ca = open_ca(p256(), entropy).value();
  const auto issuing = x509::parse_certificate(p256().issuing_certificate).value();
  const auto order = leaf().order;
  const auto refused = issue(*ca, order, issuing.validity.not_after + Seconds{1});
  EXPECT_EQ(code(refused), "issuer.expired");
  EXPECT_EQ(refused.error().failure, Failure::systemUnavail);
  auto later = order;
  later.validity.not_before = issuing.validity.not_after;
  later.validity.not_after = issuing.validity.not_after + Seconds{86400};
  EXPECT_EQ(code(issue(*ca, later)), "issuer.validity");
}

TEST(LocalCa, extensions_that_are_its_own_to_make_are_not_taken_from_the_order) {
  CountingEntropy entropy;
  const auto ca = open_ca(p256(), entropy).value();
  auto order = leaf().order;
  order.extensions.push_back(x509::make_subject_key_identifier(Bytes{1, 2, 3}));
  order.extensions.push_back(x509::make_crl_distribution_point("http://elsewhere.example/"));
  const auto issued = issue(*ca, order);
  ASSERT_TRUE(issued);
  const auto certificate = x509::parse_certificate(issued->certificate);
  ASSERT_TRUE(certificate);
  EXPECT_EQ(certificate->subject_key_identifier().size(), 20U);
  EXPECT_FALSE(text(issued->certificate).contains("elsewhere"));
}

TEST(LocalCa, without_entropy_nothing_is_issued) {
  BrokenEntropy entropy;
  const auto ca = open_ca(p256(), entropy).value();
  EXPECT_EQ(code(issue(*ca, leaf().order)), "test.entropy");
}

TEST(LocalCa, key_and_certificates_must_belong_together) {
  CountingEntropy entropy;
  const NewAuthority& good = p256();
  const auto create = [&](const Bytes& issuing, const Bytes& root, const Secret& key) {
    return code(LocalCa::create({issuing, root, "http://ca.example"},
                                open_software_signer(key).value(), entropy));
  };
  const NewAuthority other = [&] {
    AuthoritySpec spec;
    spec.name = "Other";
    return make_authority(spec, kNow, entropy).value();
  }();
  EXPECT_EQ(create(good.issuing_certificate, good.root_certificate, good.issuing_key), "ok");
  EXPECT_EQ(create(good.issuing_certificate, good.root_certificate, good.root_key),
            "issuer.key-mismatch");
  EXPECT_EQ(create(good.cmp_certificate, good.root_certificate, good.cmp_key), "issuer.not-a-ca");
  EXPECT_EQ(create(good.issuing_certificate, other.root_certificate, good.issuing_key),
            "issuer.root-mismatch");
  EXPECT_NE(create(Bytes{1}, good.root_certificate, good.issuing_key), "ok");
}

TEST(LocalCa, it_waits_for_a_signer_that_works_elsewhere) {
  CountingEntropy entropy;
  const NewAuthority made = authority("ml-dsa-44", entropy);
  std::vector<std::move_only_function<void()>> work;
  const auto signer = open_software_signer(
      made.issuing_key,
      [&work](std::move_only_function<void()> task) { work.push_back(std::move(task)); });
  Got<transaction::Answer> got;
  {
    const auto ca = LocalCa::create(
        {made.issuing_certificate, made.root_certificate, "http://ca.example"}, *signer, entropy);
    ASSERT_TRUE(ca);
    (*ca)->issue({}, leaf().order, kNow, got.done());
  }
  EXPECT_FALSE(got.result);
  ASSERT_EQ(work.size(), 1U);
  work[0]();
  ASSERT_TRUE(got.result);
  EXPECT_TRUE(*got.result);
}

}  // namespace
}  // namespace countersign::issuer
