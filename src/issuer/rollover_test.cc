#include "issuer/rollover.h"

#include "crypto/path.h"
#include "issuer/present_ca.h"
#include "issuer/test_values.h"

namespace countersign::issuer {
namespace {

using namespace test;

constexpr const char* kUrl = "http://ca.example:8829";
const Time kLater = kNow + Seconds{300LL * 86400};

AuthoritySpec spec_of(const std::string& algorithm) {
  AuthoritySpec spec;
  spec.name = "Test";
  spec.organization = "Example";
  spec.root_algorithm = spec.issuing_algorithm = algorithm;
  spec.public_url = kUrl;
  return spec;
}

// A CA certificate with its key.
struct Owned {
  x509::Certificate certificate;
  std::shared_ptr<const ports::Signer> signer;
  Generation generation;

  Owned(View der, const Secret& key, int number = 1)
      : certificate(x509::parse_certificate(der).value()),
        signer(open_software_signer(key).value()),
        generation{number} {}
  CaKey key() const { return {certificate, *signer, generation}; }
};

// An authority whose root was replaced once, by a key of the same kind.
struct Replaced {
  CountingEntropy entropy;
  AuthoritySpec spec;
  NewAuthority made;
  Owned old_root, issuing;
  NewRoot next;
  Owned new_root;
  Bytes issuing_again;

  explicit Replaced(const std::string& algorithm)
      : spec(spec_of(algorithm)),
        made(make_authority(spec, kNow, entropy).value()),
        old_root(made.root_certificate, made.root_key),
        issuing(made.issuing_certificate, made.issuing_key),
        next(make_next_root({"", kUrl}, old_root.key(), kLater, entropy).value()),
        new_root(next.certificate, next.key, 2),
        issuing_again(
            certify_again(issuing.certificate, new_root.key(), {"", kUrl}, kLater, entropy)
                .value()) {}
};

Bytes issue_under(const Bytes& issuing, const Bytes& root, const std::vector<Bytes>& links,
                  const Replaced& of, Entropy& entropy) {
  auto ca = LocalCa::create({issuing, root, kUrl, {}, links}, of.issuing.signer, entropy).value();
  auto issued = issue(*ca, leaf().order, kLater).value();
  EXPECT_EQ(issued.chain.size(), 1 + links.size());
  return issued.certificate;
}

Bytes crl_of(const Owned& ca) {
  Got<Bytes> crl;
  make_crl({{}, 1, kLater, kLater + Seconds{86400}}, ca.certificate, *ca.signer, crl.done());
  return crl.result->value();
}

class RootRollover : public testing::TestWithParam<const char*> {
 protected:
  Replaced all_{GetParam()};
  Folder folder_;

  std::string pem(const std::vector<Bytes>& certificates) {
    std::string out;
    for (const Bytes& c : certificates) out += der::to_pem("CERTIFICATE", c);
    return folder_.write("file" + std::to_string(files_++) + ".pem", view(out));
  }
  // By the openssl command, strictly, with the CRL of every CA on the way.
  std::string verify(const Bytes& certificate, const Bytes& trusted,
                     const std::vector<Bytes>& untrusted) {
    std::string command = "verify -x509_strict -crl_check_all -attime ";
    command.append(std::to_string(to_unix(kLater))).append(" -CAfile ").append(pem({trusted}));
    for (const Owned* ca : {&all_.old_root, &all_.new_root, &all_.issuing})
      command.append(" -CRLfile ")
          .append(folder_.write_pem("crl" + std::to_string(files_++), "X509 CRL", crl_of(*ca)));
    command.append(" -untrusted ").append(pem(untrusted)).append(" ").append(pem({certificate}));
    return openssl(command);
  }

 private:
  int files_ = 0;
};

// RFC 9810 §4.4.2, table 1
TEST_P(RootRollover, every_verifier_finds_a_path) {
  auto& a = all_;
  const Bytes before =
      issue_under(a.made.issuing_certificate, a.made.root_certificate, {}, a, a.entropy);
  const Bytes after =
      issue_under(a.issuing_again, a.next.certificate, {a.next.new_with_old}, a, a.entropy);
  struct Case {
    const char* sentence;
    const Bytes& certificate;
    const Bytes& trusted;
    std::vector<Bytes> untrusted;
    bool holds;
  };
  const Case cases[] = {
      {"case 1: new by new", after, a.next.certificate, {a.issuing_again}, true},
      {"case 1, with the link that it does not need",
       after,
       a.next.certificate,
       {a.issuing_again, a.next.new_with_old},
       true},
      {"case 2: new by old, over newWithOld",
       after,
       a.made.root_certificate,
       {a.issuing_again, a.next.new_with_old},
       true},
      {"case 2 without the link", after, a.made.root_certificate, {a.issuing_again}, false},
      {"case 3: old by new, over oldWithNew",
       before,
       a.next.certificate,
       {a.made.issuing_certificate, a.next.old_with_new},
       true},
      {"case 3: old by new, by the issuing CA's new certificate",
       before,
       a.next.certificate,
       {a.issuing_again},
       true},
      {"case 4: old by old", before, a.made.root_certificate, {a.made.issuing_certificate}, true},
  };
  for (const Case& c : cases) {
    const auto verdict = verify(c.certificate, c.trusted, c.untrusted);
    EXPECT_EQ(good(verdict), c.holds) << c.sentence << ": " << verdict;
    const auto trust = crypto::TrustSet::make(std::vector<Bytes>{c.trusted}).value();
    const std::vector<View> between(c.untrusted.begin(), c.untrusted.end());
    const auto ours = crypto::validate_path({c.certificate, between, trust, kLater});
    EXPECT_EQ(ours.has_value(), c.holds) << c.sentence;
  }
}

// RFC 9810 §4.4.1
TEST_P(RootRollover, validities_are_those_of_the_standard) {
  const auto parse = [](const Bytes& der) { return x509::parse_certificate(der).value(); };
  const auto& old = all_.old_root.certificate;
  const auto fresh = parse(all_.next.certificate);
  const auto forth = parse(all_.next.new_with_old);
  const auto back = parse(all_.next.old_with_new);
  for (const auto* c : {&fresh, &forth, &back}) {
    EXPECT_EQ(c->subject, old.subject);
    EXPECT_EQ(c->issuer, old.subject);
    EXPECT_TRUE(c->is_ca());
  }
  EXPECT_NE(fresh.spki, old.spki);
  EXPECT_EQ(forth.spki, fresh.spki);
  EXPECT_EQ(back.spki, old.spki);
  EXPECT_LT(fresh.validity.not_before, old.validity.not_after);
  EXPECT_EQ(fresh.validity.not_after - fresh.validity.not_before,
            old.validity.not_after - old.validity.not_before);
  EXPECT_EQ(forth.validity.not_before, fresh.validity.not_before);
  EXPECT_EQ(forth.validity.not_after, old.validity.not_after);
  EXPECT_EQ(back.validity, old.validity);
  const auto again = parse(all_.issuing_again);
  EXPECT_EQ(again.spki, all_.issuing.certificate.spki);
  EXPECT_EQ(again.subject, all_.issuing.certificate.subject);
  EXPECT_EQ(again.validity.not_after, all_.issuing.certificate.validity.not_after);
}

INSTANTIATE_TEST_SUITE_P(Keys, RootRollover,
                         testing::Values("p256", "rsa2048", "ed25519", "ml-dsa-65"));

TEST(Rollover, links_name_the_list_of_the_key_that_signed_them) {
  Replaced all("p256");
  const Folder folder;
  const auto shown = [&](View der) {
    return openssl("x509 -noout -text -in " + folder.write_pem("c.pem", "CERTIFICATE", der));
  };
  const auto forth = shown(all.next.new_with_old);
  EXPECT_TRUE(forth.contains("URI:http://ca.example:8829/crl/root.crl")) << forth;
  EXPECT_TRUE(forth.contains("CA Issuers - URI:http://ca.example:8829/ca/root-1.cer")) << forth;
  for (const Bytes& der : {all.next.old_with_new, all.issuing_again}) {
    const auto back = shown(der);
    EXPECT_TRUE(back.contains("URI:http://ca.example:8829/crl/root-2.crl")) << back;
    EXPECT_TRUE(back.contains("CA Issuers - URI:http://ca.example:8829/ca/root-2.cer")) << back;
  }
}

TEST(Rollover, who_trusts_only_the_first_of_three_roots_finds_a_path) {
  Replaced all("p256");
  const auto third = make_next_root({"p384", kUrl}, all.new_root.key(), kLater, all.entropy);
  ASSERT_TRUE(third) << third.error().reply_text;
  const Owned root(third->certificate, third->key, 3);
  EXPECT_EQ(algorithm_of(root.certificate.spki).value(), "p384") << "as it was wished";
  const auto issuing =
      certify_again(all.issuing.certificate, root.key(), {"", kUrl}, kLater, all.entropy).value();
  const Bytes certificate = issue_under(
      issuing, third->certificate, {third->new_with_old, all.next.new_with_old}, all, all.entropy);
  const auto first = crypto::TrustSet::make(std::vector<Bytes>{all.made.root_certificate}).value();
  const std::vector<View> sent{issuing, third->new_with_old, all.next.new_with_old};
  EXPECT_TRUE(crypto::validate_path({certificate, sent, first, kLater}));
}

TEST(Rollover, the_next_issuing_ca_has_a_name_and_addresses_of_its_own) {
  Replaced all("p256");
  auto made = make_next_issuing({"", kUrl}, all.spec, all.issuing.key(), all.new_root.key(), kLater,
                                all.entropy);
  ASSERT_TRUE(made) << made.error().reply_text;
  const Owned second(made->certificate, made->key, 2);
  EXPECT_EQ(x509::to_text(second.certificate.subject), "CN=Test Issuing CA G2,O=Example");
  EXPECT_EQ(
      second.certificate.validity.not_after - second.certificate.validity.not_before,
      all.issuing.certificate.validity.not_after - all.issuing.certificate.validity.not_before);
  auto ca = LocalCa::create({made->certificate, all.next.certificate, kUrl, {2}, {}}, second.signer,
                            all.entropy)
                .value();
  const auto issued = issue(*ca, leaf().order, kLater).value();
  const Folder folder;
  const auto shown = openssl("x509 -noout -text -in " +
                             folder.write_pem("c.pem", "CERTIFICATE", issued.certificate));
  EXPECT_TRUE(shown.contains("URI:http://ca.example:8829/crl/issuing-2.crl")) << shown;
  EXPECT_TRUE(shown.contains("CA Issuers - URI:http://ca.example:8829/ca/issuing-2.cer")) << shown;
  // A CN has at most 64 octets, and the name of an authority up to 53.
  all.spec.name = std::string(53, 'a');
  made = make_next_issuing({"", kUrl}, all.spec, all.issuing.key(), all.new_root.key(), kLater,
                           all.entropy);
  EXPECT_EQ(x509::to_text(x509::parse_certificate(made->certificate).value().subject),
            "CN=" + all.spec.name + " CA G2,O=Example");
}

TEST(Rollover, another_authority_below_a_root_has_addresses_of_its_own) {
  Replaced all("p256");
  AuthoritySpec other = all.spec;
  other.name = "Meters";
  other.issuing_algorithm = "p384";
  other.issuing = {1, "meters"};
  const auto made = make_first_issuing(other, all.new_root.key(), kLater, all.entropy);
  ASSERT_TRUE(made) << made.error().reply_text;
  Owned first(made->certificate, made->key);
  EXPECT_EQ(x509::to_text(first.certificate.subject), "CN=Meters Issuing CA,O=Example");
  EXPECT_EQ(algorithm_of(first.certificate.spki).value(), "p384");
  const LocalCaOptions options{made->certificate, all.next.certificate, kUrl, other.issuing, {}};
  auto ca = LocalCa::create(options, first.signer, all.entropy).value();
  const auto issued = issue(*ca, leaf().order, kLater).value();
  const Folder folder;
  const auto shown = [&](View der) {
    return openssl("x509 -noout -text -in " + folder.write_pem("c.pem", "CERTIFICATE", der));
  };
  const auto theirs = shown(made->certificate);
  EXPECT_TRUE(theirs.contains("URI:http://ca.example:8829/crl/root-2.crl")) << theirs;
  const auto leafs = shown(issued.certificate);
  EXPECT_TRUE(leafs.contains("URI:http://ca.example:8829/crl/meters/issuing.crl")) << leafs;
  EXPECT_TRUE(leafs.contains("URI:http://ca.example:8829/ca/meters/issuing.cer")) << leafs;
  const auto trust = crypto::TrustSet::make(std::vector<Bytes>{all.next.certificate}).value();
  const std::vector<View> between{made->certificate};
  EXPECT_TRUE(crypto::validate_path({issued.certificate, between, trust, kLater}));
  const Time end = all.new_root.certificate.validity.not_after;
  const auto late =
      make_first_issuing(other, all.new_root.key(), end - Seconds{86400}, all.entropy);
  EXPECT_EQ(x509::parse_certificate(late->certificate)->validity.not_after, end);
  EXPECT_EQ(code(make_first_issuing(other, all.new_root.key(), end, all.entropy)),
            "issuer.expired");
}

TEST(Rollover, what_cannot_be_is_refused) {
  Replaced all("p256");
  const CaKey mixed{all.new_root.certificate, *all.old_root.signer, {2}};
  const Time too_late = all.old_root.certificate.validity.not_after;
  struct Case {
    const char* sentence;
    RolloverSpec spec;
    CaKey root;
    Time now;
    const char* code;
  };
  const Case cases[] = {
      {"a root that has expired", {"", kUrl}, all.old_root.key(), too_late, "issuer.expired"},
      {"a key of another root", {"", kUrl}, mixed, kLater, "issuer.key-mismatch"},
      {"an unknown algorithm", {"rsa1", kUrl}, all.old_root.key(), kLater, "issuer.algorithm"},
      {"a key that cannot sign", {"x25519", kUrl}, all.old_root.key(), kLater, "issuer.algorithm"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(code(make_next_root(c.spec, c.root, c.now, all.entropy)), c.code) << c.sentence;
    EXPECT_EQ(
        code(make_next_issuing(c.spec, all.spec, all.issuing.key(), c.root, c.now, all.entropy)),
        c.code)
        << c.sentence;
  }
  BrokenEntropy broken;
  EXPECT_EQ(code(make_next_root({"", kUrl}, all.old_root.key(), kLater, broken)), "test.entropy");
}

// The signer answers later, when another CA is there already.
struct SlowSigner final : ports::Signer {
  explicit SlowSigner(std::shared_ptr<const ports::Signer> signer) : own(std::move(signer)) {}
  const der::AlgorithmIdentifier& algorithm() const noexcept override { return own->algorithm(); }
  View spki() const noexcept override { return own->spki(); }
  void sign(Bytes tbs, Done<Bytes> done) const override {
    waiting = [this, tbs = std::move(tbs), done = std::move(done)]() mutable {
      own->sign(std::move(tbs), std::move(done));
    };
  }
  std::shared_ptr<const ports::Signer> own;
  mutable std::move_only_function<void()> waiting;
};

TEST(PresentCa, who_began_with_one_ca_ends_with_it) {
  Replaced all("p256");
  const auto slow = std::make_shared<const SlowSigner>(all.issuing.signer);
  PresentCa present;
  present.set(LocalCa::create({all.made.issuing_certificate, all.made.root_certificate, kUrl}, slow,
                              all.entropy)
                  .value());
  Got<transaction::Answer> first, second;
  present.issue({}, leaf().order, kLater, first.done());
  present.set(
      LocalCa::create({all.issuing_again, all.next.certificate, kUrl, {}, {all.next.new_with_old}},
                      all.issuing.signer, all.entropy)
          .value());
  present.issue({}, leaf().order, kLater, second.done());
  ASSERT_TRUE(second.result);
  EXPECT_EQ(std::get<transaction::Issued>(**second.result).root, all.next.certificate);
  ASSERT_FALSE(first.result);
  slow->waiting();
  ASSERT_TRUE(first.result);
  EXPECT_EQ(std::get<transaction::Issued>(**first.result).root, all.made.root_certificate);
}

}  // namespace
}  // namespace countersign::issuer
