#include "crypto/path.h"

#include <thread>

#include "crypto/libcrypto.h"
#include "crypto/path_cache.h"
#include "crypto/sign.h"
#include "crypto/vectors_for_test.h"

namespace countersign::crypto {
namespace {

const Time kJune = from_iso("2026-06-15").value();

Bytes certificate(const std::string& name) { return read_pem_vector("path/" + name + ".pem"); }

std::vector<Bytes> certificates(std::initializer_list<const char*> names) {
  std::vector<Bytes> all;
  for (const char* name : names) all.push_back(certificate(name));
  return all;
}

TrustSet trust_in(std::initializer_list<const char*> anchors,
                  std::initializer_list<const char*> known = {}) {
  return TrustSet::make(certificates(anchors), certificates(known)).value();
}

struct Case {
  const char* what;
  const char* leaf;
  std::vector<const char*> sent;
  const char* code = "ok";
  const char* blames = "";  // what the sentence must name
  std::vector<const char*> anchors = {"root"};
  Purpose purpose = Purpose::cmp_signature;
  const char* at = "2026-06-15";
};

Result<Path> run(const Case& c) {
  std::vector<Bytes> anchors, sent;
  for (const char* name : c.anchors) anchors.push_back(certificate(name));
  for (const char* name : c.sent) sent.push_back(certificate(name));
  const TrustSet trust = TrustSet::make(anchors).value();
  const Bytes leaf = certificate(c.leaf);
  return validate_path(
      {leaf, {sent.begin(), sent.end()}, trust, from_iso(c.at).value(), c.purpose});
}

const Case kCases[] = {
    {"a leaf, its issuer, the root", "leaf", {"issuing"}},
    {"extra certificates and the leaf itself are sent too",
     "leaf",
     {"leaf", "other-root", "constrained", "root", "issuing", "self-signed"}},
    {"the anchor is the intermediate", "leaf", {}, "ok", "", {"issuing"}},
    {"the anchor is the leaf", "leaf", {}, "ok", "", {"leaf"}},
    {"a self-signed leaf that is an anchor", "self-signed", {}, "ok", "", {"self-signed"}},
    {"no key usage at all", "leaf-no-key-usage", {"issuing"}},
    {"key usage without digitalSignature",
     "leaf-encipherment",
     {"issuing"},
     "crypto.path-key-usage",
     "CN=leaf-encipherment"},
    {"the same for any purpose",
     "leaf-encipherment",
     {"issuing"},
     "ok",
     "",
     {"root"},
     Purpose::any},
    {"the leaf has expired", "leaf-short", {"issuing"}, "crypto.path-expired", "CN=leaf-short"},
    {"the leaf was valid then",
     "leaf-short",
     {"issuing"},
     "ok",
     "",
     {"root"},
     Purpose::cmp_signature,
     "2026-03-15"},
    {"the leaf is not valid yet",
     "leaf-short",
     {"issuing"},
     "crypto.path-not-yet-valid",
     "CN=leaf-short",
     {"root"},
     Purpose::cmp_signature,
     "2026-02-01"},
    {"the issuer has expired",
     "leaf-of-short",
     {"issuing-short"},
     "crypto.path-expired",
     "CN=issuing-short"},
    {"the root has expired",
     "leaf",
     {"issuing"},
     "crypto.path-expired",
     "CN=",
     {"root"},
     Purpose::cmp_signature,
     "2036-06-01"},
    {"the issuer is missing", "leaf", {}, "crypto.path-no-anchor", "CN=leaf"},
    {"another root is trusted",
     "leaf",
     {"issuing"},
     "crypto.path-no-anchor",
     "CN=issuing",
     {"other-root"}},
    {"the root is only sent, not trusted",
     "leaf",
     {"issuing", "root"},
     "crypto.path-no-anchor",
     "CN=root",
     {"other-root"}},
    {"a self-signed leaf that nobody trusts",
     "self-signed",
     {"self-signed"},
     "crypto.path-no-anchor",
     "CN=self-signed"},
    {"an issuer of the right name with another key",
     "leaf-of-impostor",
     {"impostor-other-key"},
     "crypto.path-bad-signature",
     "CN=leaf-of-impostor"},
    {"a leaf that issued a leaf",
     "leaf-of-leaf",
     {"leaf", "issuing"},
     "crypto.path-not-a-ca",
     "CN=leaf"},
    {"a CA without keyCertSign",
     "leaf-of-no-cert-sign",
     {"no-cert-sign"},
     "crypto.path-not-a-ca",
     "CN=no-cert-sign"},
    {"one CA too many below pathlen:0",
     "leaf-below-length-0",
     {"below-length-0", "length-0"},
     "crypto.path-length",
     "CN=length-0"},
    {"a name that is permitted", "leaf-permitted", {"constrained"}},
    {"a name that is not permitted",
     "leaf-not-permitted",
     {"constrained"},
     "crypto.path-name-constraint",
     "CN=leaf-not-permitted"},
    {"a name that is excluded",
     "leaf-excluded",
     {"constrained"},
     "crypto.path-name-constraint",
     "CN=leaf-excluded"},
    {"a leaf signed with SHA-1", "leaf-sha1", {"issuing"}, "crypto.path-weak", "CN=leaf-sha1"},
    {"a leaf with RSA-1024", "rsa1024-leaf", {"issuing"}, "crypto.path-weak", "CN=rsa1024-leaf"},
    {"an unknown critical extension",
     "leaf-critical",
     {"issuing"},
     "crypto.path-critical-extension",
     "CN=leaf-critical"},
    {"two CAs that certify each other, neither trusted",
     "leaf-of-loop",
     {"loop-a-by-b", "loop-b"},
     "crypto.path-no-anchor",
     "CN=loop-"},
    {"the same, with one of them trusted",
     "leaf-of-loop",
     {"loop-a-by-b", "loop-b"},
     "ok",
     "",
     {"loop-a"}},
    {"eight intermediates",
     "leaf-deep-8",
     {"deep-1", "deep-2", "deep-3", "deep-4", "deep-5", "deep-6", "deep-7", "deep-8"}},
    {"nine intermediates",
     "leaf-deep-9",
     {"deep-1", "deep-2", "deep-3", "deep-4", "deep-5", "deep-6", "deep-7", "deep-8", "deep-9"},
     "crypto.path-too-deep",
     "CN="},
};

TEST(ValidatePath, table) {
  for (const Case& c : kCases) {
    const auto result = run(c);
    EXPECT_EQ(code_of(result), c.code) << c.what << (result ? "" : ": " + result.error().detail);
    if (result) continue;
    EXPECT_EQ(result.error().failure, Failure::signerNotTrusted) << c.what;
    EXPECT_NE(result.error().reply_text.find(c.blames), std::string::npos)
        << c.what << ": " << result.error().reply_text;
  }
}

TEST(ValidatePath, the_path_leads_from_the_leaf_to_the_anchor) {
  const auto path = run({"", "leaf", {"issuing", "root"}});
  ASSERT_TRUE(path);
  EXPECT_EQ(path->chain, certificates({"leaf", "issuing", "root"}));
  EXPECT_EQ(to_date(path->not_before), "2026-01-01");
  EXPECT_EQ(to_date(path->not_after), "2036-01-01");
  EXPECT_EQ(run({"", "leaf", {}, "", "", {"leaf"}})->chain, certificates({"leaf"}));
}

TEST(ValidatePath, intermediates_of_the_trust_set_need_not_be_sent) {
  const TrustSet trust = trust_in({"root"}, {"issuing"});
  const Bytes leaf = certificate("leaf");
  EXPECT_EQ(code_of(validate_path({leaf, {}, trust, kJune, Purpose::any})), "ok");
}

TEST(ValidatePath, what_is_no_certificate_is_skipped_among_intermediates_and_refused_as_leaf) {
  const TrustSet trust = trust_in({"root"});
  const Bytes leaf = certificate("leaf"), issuing = certificate("issuing"),
              junk = hex("3003020101");
  Bytes trailing = leaf;
  trailing.push_back(0);
  EXPECT_EQ(code_of(validate_path({leaf, {junk, {}, issuing}, trust, kJune, Purpose::any})), "ok");
  for (const View bad : {View(junk), View(trailing), View()}) {
    const auto result = validate_path({bad, {issuing}, trust, kJune, Purpose::any});
    ASSERT_EQ(code_of(result), "crypto.certificate-format");
    EXPECT_EQ(result.error().failure, Failure::badDataFormat);
  }
}

TEST(ValidatePath, only_the_first_twenty_intermediates_are_considered) {
  const TrustSet trust = trust_in({"root"});
  const Bytes leaf = certificate("leaf"), issuing = certificate("issuing"),
              other = certificate("other-root");
  std::vector<View> sent(kMostIntermediates - 1, other);
  sent.push_back(issuing);
  EXPECT_EQ(code_of(validate_path({leaf, sent, trust, kJune, Purpose::any})), "ok");
  sent.insert(sent.begin(), other);
  EXPECT_EQ(code_of(validate_path({leaf, sent, trust, kJune, Purpose::any})),
            "crypto.path-no-anchor");
}

TEST(ValidatePath, a_changed_octet_in_the_leaf_never_passes) {
  const TrustSet trust = trust_in({"root"}, {"issuing"});
  const Bytes leaf = certificate("leaf");
  for (std::size_t i = 0; i < leaf.size(); ++i) {
    Bytes changed = leaf;
    changed[i] ^= 0x01;
    EXPECT_FALSE(validate_path({changed, {}, trust, kJune, Purpose::any})) << "octet " << i;
  }
}

TEST(ErrorQueue, is_empty_after_whatever_was_asked) {
  for (const Case& c : kCases) {
    static_cast<void>(run(c));
    EXPECT_EQ(ERR_peek_error(), 0UL) << c.what;
  }
  for (const SignatureAlgorithm& row : kSignatureAlgorithms) {
    const SignedParts v = signed_vector("signature/" + std::string(row.name) + ".pem");
    const PublicKey key = PublicKey::from_spki(v.spki).value();
    EXPECT_EQ(ERR_peek_error(), 0UL) << row.name;
    static_cast<void>(verify(key, v.algorithm, v.tbs, v.signature, Sha1::accept));
    EXPECT_EQ(ERR_peek_error(), 0UL) << row.name;
    static_cast<void>(verify(key, v.algorithm, v.tbs, v.tbs, Sha1::accept));
    EXPECT_EQ(ERR_peek_error(), 0UL) << row.name;
  }
}

TEST(TrustSet, is_refused_when_empty_or_malformed) {
  EXPECT_EQ(code_of(TrustSet::make({})), "crypto.trust-set-empty");
  const std::vector<Bytes> junk{hex("3000")}, root{certificate("root")};
  EXPECT_EQ(code_of(TrustSet::make(junk)), "crypto.certificate-format");
  EXPECT_EQ(code_of(TrustSet::make(root, junk)), "crypto.certificate-format");
  EXPECT_EQ(code_of(TrustSet::make(root, std::vector<Bytes>(201, root[0]))),
            "crypto.trust-set-too-large");
}

TEST(TrustSet, copies_share_a_generation_and_new_sets_have_their_own) {
  const TrustSet a = trust_in({"root"});
  const TrustSet copy_of_a = a;
  EXPECT_EQ(a.generation(), copy_of_a.generation());
  EXPECT_NE(a.generation(), trust_in({"root"}).generation());
  EXPECT_EQ(a.size(), 1U);
}

TEST(PathCache, keeps_a_verdict_until_the_first_certificate_of_the_path_expires) {
  PathCache cache;
  const TrustSet trust = trust_in({"root"}, {"issuing"});
  const Bytes leaf = certificate("leaf-short");
  const Time march = from_iso("2026-03-15").value();
  const auto first = cache.validate({leaf, {}, trust, march, Purpose::any});
  ASSERT_TRUE(first);
  EXPECT_EQ(cache.validate({leaf, {}, trust, march + Seconds(1), Purpose::any}).value(), *first);
  EXPECT_EQ(code_of(cache.validate({leaf, {}, trust, kJune, Purpose::any})), "crypto.path-expired");
  const Time january = from_iso("2026-01-15").value();
  EXPECT_EQ(code_of(cache.validate({leaf, {}, trust, january, Purpose::any})),
            "crypto.path-not-yet-valid");
}

TEST(PathCache, another_trust_set_or_purpose_is_another_question) {
  PathCache cache;
  const Bytes leaf = certificate("leaf-encipherment");
  const TrustSet trust = trust_in({"root"}, {"issuing"}),
                 other = trust_in({"other-root"}, {"issuing"});
  EXPECT_EQ(code_of(cache.validate({leaf, {}, trust, kJune, Purpose::any})), "ok");
  EXPECT_EQ(code_of(cache.validate({leaf, {}, other, kJune, Purpose::any})),
            "crypto.path-no-anchor");
  EXPECT_EQ(code_of(cache.validate({leaf, {}, trust, kJune, Purpose::cmp_signature})),
            "crypto.path-key-usage");
  EXPECT_EQ(cache.size(), 1U) << "refusals are not kept";
}

TEST(PathCache, is_bounded_and_cleared) {
  PathCache cache(1);
  const TrustSet trust = trust_in({"root"}, {"issuing"});
  const Bytes a = certificate("leaf"), b = certificate("leaf-no-key-usage");
  EXPECT_TRUE(cache.validate({a, {}, trust, kJune, Purpose::any}));
  EXPECT_TRUE(cache.validate({b, {}, trust, kJune, Purpose::any}));
  EXPECT_EQ(cache.size(), 1U);
  cache.clear();
  EXPECT_EQ(cache.size(), 0U);
}

TEST(PathCache, serves_several_threads) {
  PathCache cache(2);
  const TrustSet trust = trust_in({"root"}, {"issuing"});
  const Bytes a = certificate("leaf"), b = certificate("leaf-no-key-usage"),
              c = certificate("issuing");
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        for (const View leaf : {View(a), View(b), View(c)})
          EXPECT_TRUE(cache.validate({leaf, {}, trust, kJune, Purpose::any}));
        if (t == 0 && i % 10 == 0) cache.clear();
      }
    });
}

}  // namespace
}  // namespace countersign::crypto
