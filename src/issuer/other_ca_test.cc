#include "issuer/other_ca.h"

#include "crypto/crl_check.h"
#include "issuer/making.h"
#include "issuer/test_values.h"

namespace countersign::issuer {
namespace {

using namespace test;

constexpr Seconds kDay{86400};

struct MadeCa {
  crypto::PrivateKey key = crypto::PrivateKey::generate(*crypto::key_spec("p256"));
  x509::Name name;
  Bytes certificate;
};

x509::Extension excluded_dns_name(std::string_view name) {
  Bytes general_name{0x82, static_cast<Byte>(name.size())};
  append(general_name, view(name));
  Bytes out{0x30, static_cast<Byte>(general_name.size() + 4),
            0xa1, static_cast<Byte>(general_name.size() + 2),
            0x30, static_cast<Byte>(general_name.size())};
  append(out, general_name);
  return {x509::oids::name_constraints, true, std::move(out)};
}

class OtherCaTest : public testing::Test {
 protected:
  MadeCa make_ca(const std::string& name, const MadeCa* above, x509::Extensions more = {},
                 Seconds length = 100 * kDay, std::optional<int> path_length = {}) {
    MadeCa out;
    out.name = x509::common_name(name);
    auto extensions = ca_extensions(path_length);
    for (auto& extension : more) extensions.push_back(std::move(extension));
    out.certificate = sign({out.name,
                            out.key.public_key().spki(),
                            {kNow - kDay, kNow + length},
                            std::move(extensions),
                            above != nullptr ? above->name : out.name},
                           above != nullptr ? above->key : out.key);
    return out;
  }
  Bytes make_leaf(const MadeCa& issuing) {
    return sign({x509::common_name("device-7"),
                 key_.public_key().spki(),
                 {kNow - kDay, kNow + 30 * kDay},
                 {x509::make_subject_alt_name({x509::dns_name("device-7.example")}, false)},
                 issuing.name},
                issuing.key);
  }
  Bytes sign(Wish wish, const crypto::PrivateKey& key) {
    return make_certificate(std::move(wish), *make_software_signer(key), entropy_).value();
  }
  static Bytes revocation_list(const MadeCa& ca, const Bytes& of) {
    Got<Bytes> got;
    const x509::RevokedEntry entry{x509::serial_of(of).value(), kNow - kDay, 0, {}};
    make_crl({{entry}, 1, kNow - kDay, kNow + kDay},
             x509::parse_certificate(ca.certificate).value(), *make_software_signer(ca.key),
             got.done());
    return got.result->value();
  }
  std::string check(const OtherCa& ca, const Bytes& certificate, Time now = kNow) {
    return code(ca.issued->check(certificate, key_.public_key().spki(), ca.anchors, now));
  }
  static OtherCa known(std::initializer_list<const MadeCa*> chain) {
    std::vector<Bytes> certificates;
    for (const MadeCa* ca : chain) certificates.push_back(ca->certificate);
    return make_other_ca(certificates).value();
  }

  CountingEntropy entropy_;
  crypto::PrivateKey key_ = crypto::PrivateKey::generate(*crypto::key_spec("p256"));
  const MadeCa root_ = make_ca("Root", nullptr);
  const MadeCa issuing_ = make_ca("Issuing", &root_);
};

constexpr std::string_view kUnfit = "issuer.upstream-certificate";

TEST_F(OtherCaTest, what_it_issued_passes_and_again) {
  const OtherCa ca = known({&issuing_, &root_});
  EXPECT_EQ(check(ca, make_leaf(issuing_)), "ok");
  EXPECT_EQ(check(ca, make_leaf(issuing_)), "ok");
}

TEST_F(OtherCaTest, a_certificate_for_another_key_does_not) {
  const OtherCa ca = known({&issuing_, &root_});
  const auto other = crypto::PrivateKey::generate(*crypto::key_spec("p256"));
  const auto checked =
      ca.issued->check(make_leaf(issuing_), other.public_key().spki(), ca.anchors, kNow);
  EXPECT_EQ(code(checked), kUnfit);
}

TEST_F(OtherCaTest, one_of_another_ca_does_not_whatever_its_name) {
  const OtherCa ca = known({&issuing_, &root_});
  EXPECT_EQ(check(ca, make_leaf(make_ca("Another", &root_))), kUnfit);
  EXPECT_EQ(check(ca, make_leaf(make_ca("Issuing", &root_))), kUnfit) << "it has another key";
  EXPECT_EQ(check(ca, Bytes{1, 2, 3}), kUnfit);
}

TEST_F(OtherCaTest, an_issuing_ca_that_its_root_did_not_sign_issues_nothing) {
  const MadeCa other_root = make_ca("Root", nullptr);
  const OtherCa ca = known({&issuing_, &other_root});
  EXPECT_EQ(check(ca, make_leaf(issuing_)), kUnfit);
}

TEST_F(OtherCaTest, what_passed_yesterday_passes_no_more_when_the_path_has_ended) {
  const MadeCa short_root = make_ca("Short", nullptr, {}, 10 * kDay);
  const MadeCa issuing = make_ca("Issuing", &short_root);
  const OtherCa ca = known({&issuing, &short_root});
  const Bytes leaf = make_leaf(issuing);
  EXPECT_EQ(check(ca, leaf), "ok");
  EXPECT_EQ(check(ca, leaf, kNow + 11 * kDay), kUnfit) << "the root has expired, nothing else";
}

TEST_F(OtherCaTest, names_are_bound_by_every_certificate_above) {
  const MadeCa bound = make_ca("Bound", nullptr, {excluded_dns_name("device-7.example")});
  const MadeCa below = make_ca("Below", &bound);
  EXPECT_EQ(check(known({&below, &bound}), make_leaf(below)), kUnfit);

  const MadeCa between = make_ca("Between", &root_, {excluded_dns_name("device-7.example")});
  const MadeCa lowest = make_ca("Lowest", &between);
  EXPECT_EQ(check(known({&lowest, &between, &root_}), make_leaf(lowest)), kUnfit);

  const MadeCa itself = make_ca("Itself", &root_, {excluded_dns_name("device-7.example")});
  EXPECT_EQ(check(known({&itself, &root_}), make_leaf(itself)), kUnfit);

  const MadeCa elsewhere = make_ca("Elsewhere", nullptr, {excluded_dns_name("other.example")});
  const MadeCa fine = make_ca("Fine", &elsewhere);
  EXPECT_EQ(check(known({&fine, &elsewhere}), make_leaf(fine)), "ok");
}

// RFC 5280 §4.2.1.9 [MUST] pathLenConstraint counts the issuing CA, whichever comes first
TEST_F(OtherCaTest, no_more_cas_follow_than_those_above_allow) {
  const MadeCa last = make_ca("Last", nullptr, {}, 100 * kDay, 0);
  const MadeCa below = make_ca("Below", &last);
  const OtherCa ca = known({&below, &last});
  EXPECT_EQ(check(ca, make_leaf(below)), kUnfit);
  EXPECT_EQ(check(ca, make_leaf(below)), kUnfit);

  const MadeCa one_more = make_ca("One more", nullptr, {}, 100 * kDay, 1);
  const MadeCa fine = make_ca("Fine", &one_more);
  EXPECT_EQ(check(known({&fine, &one_more}), make_leaf(fine)), "ok");
}

TEST_F(OtherCaTest, an_issuing_ca_with_a_new_key_is_known_as_well) {
  const MadeCa newer = make_ca("Issuing", &root_);
  const OtherCa ca = known({&issuing_, &newer, &root_});
  EXPECT_EQ(check(ca, make_leaf(issuing_)), "ok");
  EXPECT_EQ(check(ca, make_leaf(newer)), "ok");
  EXPECT_EQ(check(ca, make_leaf(issuing_)), "ok");
}

TEST_F(OtherCaTest, what_a_ca_issued_that_the_root_vouches_for_passes_if_that_comes_along) {
  const MadeCa newer = make_ca("Newer", &root_), stranger = make_ca("Stranger", nullptr);
  const OtherCa ca = known({&issuing_, &root_});
  const auto chain = [&](const Bytes& leaf, std::vector<Bytes> between) -> std::string {
    const auto found = ca.issued->check(leaf, key_.public_key().spki(), ca.anchors, kNow, between);
    if (!found) return code(found);
    std::string out;
    for (const Bytes& der : *found)
      out += x509::to_text(x509::parse_certificate(der).value().subject) + " ";
    return out;
  };
  const MadeCa below = make_ca("Below", &newer);
  EXPECT_EQ(chain(make_leaf(newer), {}), kUnfit);
  EXPECT_EQ(chain(make_leaf(newer), {stranger.certificate, newer.certificate}), "CN=Newer ");
  EXPECT_EQ(chain(make_leaf(newer), {}), kUnfit) << "one that came along is not remembered here";
  EXPECT_EQ(chain(make_leaf(below), {newer.certificate, below.certificate}), "CN=Below CN=Newer ");
  EXPECT_EQ(chain(make_leaf(stranger), {stranger.certificate}), kUnfit);
  EXPECT_EQ(chain(make_leaf(issuing_), {}), "CN=Issuing ");

  const OtherCa taught = make_other_ca({issuing_.certificate, root_.certificate},
                                       std::vector{newer.certificate, issuing_.certificate})
                             .value();
  EXPECT_EQ(taught.chain, (std::vector{issuing_.certificate, newer.certificate}));
  EXPECT_EQ(check(taught, make_leaf(newer)), "ok");
  EXPECT_EQ(check(taught, make_leaf(newer)), "ok");
}

// Of a policy CA in the list, above the one that issues.
TEST_F(OtherCaTest, what_was_learnt_leads_to_the_root_by_the_list) {
  const MadeCa policy = make_ca("Policy", &root_), listed = make_ca("Listed", &policy);
  const MadeCa learnt = make_ca("Learnt", &policy), below = make_ca("Below it", &learnt);
  const MadeCa stranger = make_ca("Stranger", nullptr);
  const std::vector list{listed.certificate, policy.certificate, root_.certificate};
  const std::vector kept{below.certificate, stranger.certificate, learnt.certificate};
  const auto leading = leading_to_root(list, kept, kNow);
  EXPECT_EQ(leading, (std::vector{below.certificate, learnt.certificate}));
  EXPECT_TRUE(leading_to_root(list, kept, kNow + 101 * kDay).empty());
  const OtherCa ca = make_other_ca(list, leading).value();
  EXPECT_EQ(check(ca, make_leaf(learnt)), "ok");
  EXPECT_EQ(check(ca, make_leaf(below)), "ok");
}

// More than a path takes of what comes along.
TEST_F(OtherCaTest, any_number_of_them_is_known) {
  std::vector<Bytes> learnt;
  constexpr int kMany = 30;
  learnt.reserve(kMany + 1);
  for (int i = 0; i < kMany; ++i)
    learnt.push_back(make_ca("Learnt " + std::to_string(i), &root_).certificate);
  const MadeCa last = make_ca("Last", &issuing_);
  learnt.push_back(last.certificate);
  const std::vector list{issuing_.certificate, root_.certificate};
  EXPECT_EQ(leading_to_root(list, learnt, kNow), learnt);
  EXPECT_EQ(check(make_other_ca(list, learnt).value(), make_leaf(last)), "ok");
}

// Whichever stands first in the list.
TEST_F(OtherCaTest, names_are_bound_by_the_first_above_another) {
  const MadeCa bound = make_ca("Bound", &root_, {excluded_dns_name("device-7.example")});
  const MadeCa lowest = make_ca("Lowest", &bound);
  const OtherCa ca = known({&bound, &lowest, &root_});
  Wish wish{x509::common_name("device-8"),
            key_.public_key().spki(),
            {kNow - kDay, kNow + 30 * kDay},
            {x509::make_subject_alt_name({x509::dns_name("device-8.example")}, false)},
            lowest.name};
  EXPECT_EQ(check(ca, sign(std::move(wish), lowest.key)), "ok") << "a path that is good";
  EXPECT_EQ(check(ca, make_leaf(lowest)), kUnfit);
}

TEST_F(OtherCaTest, names_are_bound_by_what_came_along_too) {
  const MadeCa bound = make_ca("Bound", &root_, {excluded_dns_name("device-7.example")});
  const MadeCa lowest = make_ca("Lowest", &bound);
  const OtherCa ca = known({&issuing_, &root_});
  for (int i = 0; i < 2; ++i) {
    const auto checked = ca.issued->check(make_leaf(lowest), key_.public_key().spki(), ca.anchors,
                                          kNow, std::vector{bound.certificate, lowest.certificate});
    EXPECT_EQ(code(checked), kUnfit);
  }
}

TEST_F(OtherCaTest, each_is_looked_up_where_there_are_revocation_lists) {
  const OtherCa ca = known({&issuing_, &root_});
  const Bytes good = make_leaf(issuing_), revoked = make_leaf(issuing_);
  const Bytes list = revocation_list(issuing_, revoked);
  const auto anchors = crypto::with_revocation_lists(ca.anchors, std::span(&list, 1)).value();
  const auto issued =
      IssuedCheck::make({issuing_.certificate, root_.certificate}, IssuedCheck::Lists::some)
          .value();
  const auto spki = key_.public_key().spki();
  EXPECT_EQ(code(issued->check(good, spki, anchors, kNow)), "ok");
  EXPECT_EQ(code(issued->check(revoked, spki, anchors, kNow)), kUnfit);
}

}  // namespace
}  // namespace countersign::issuer
