#include "crypto/sign.h"

#include <map>

#include "crypto/vectors_for_test.h"
#include "der/writer.h"

namespace countersign::crypto {
namespace {

const der::AlgorithmIdentifier kEcdsaSha256{der::Oid::of("1.2.840.10045.4.3.2"), {}};

// A key that fits the scheme of a row; the same one each time.
const PrivateKey& key_for(const SignatureAlgorithm& row) {
  static std::map<std::string_view, PrivateKey> made;
  std::string_view spec = row.name;
  if (row.name.starts_with("rsa")) spec = "rsa2048";
  if (row.scheme == Scheme::ecdsa) spec = "p256";
  const auto found = made.find(spec);
  if (found != made.end()) return found->second;
  return made.emplace(spec, PrivateKey::generate(*key_spec(spec))).first->second;
}

TEST(SignatureTable, every_row_has_a_vector_that_verifies) {
  for (const SignatureAlgorithm& row : kSignatureAlgorithms) {
    const SignedParts v = signed_vector("signature/" + std::string(row.name) + ".pem");
    const auto key = PublicKey::from_spki(v.spki);
    ASSERT_TRUE(key) << row.name;
    EXPECT_EQ(v.algorithm, identifier(row)) << row.name;
    ASSERT_TRUE(resolve(v.algorithm)) << row.name;
    EXPECT_EQ(resolve(v.algorithm)->row, &row) << row.name;
    EXPECT_EQ(code_of(verify(*key, v.algorithm, v.tbs, v.signature, Sha1::accept)), "ok")
        << row.name;
    const auto refused = row.standing == Standing::forbidden ? "crypto.algorithm-forbidden" : "ok";
    EXPECT_EQ(code_of(verify(*key, v.algorithm, v.tbs, v.signature)), refused) << row.name;
  }
}

TEST(SignatureTable, every_vector_is_refused_once_changed) {
  for (const SignatureAlgorithm& row : kSignatureAlgorithms) {
    const SignedParts v = signed_vector("signature/" + std::string(row.name) + ".pem");
    const PublicKey key = PublicKey::from_spki(v.spki).value();
    Bytes tbs = v.tbs;
    tbs.back() ^= 1;
    const auto other_text = verify(key, v.algorithm, tbs, v.signature, Sha1::accept);
    EXPECT_EQ(code_of(other_text), "crypto.signature-mismatch") << row.name;
    EXPECT_EQ(other_text.error().failure, Failure::badMessageCheck);
    for (const std::size_t at : {std::size_t{0}, v.signature.size() / 2, v.signature.size() - 1}) {
      Bytes signature = v.signature;
      signature[at] ^= 1;
      EXPECT_EQ(code_of(verify(key, v.algorithm, v.tbs, signature, Sha1::accept)),
                "crypto.signature-mismatch")
          << row.name << " at " << at;
    }
    EXPECT_EQ(code_of(verify(key, v.algorithm, v.tbs, {}, Sha1::accept)),
              "crypto.signature-mismatch")
        << row.name;
  }
}

TEST(Sign, what_every_accepted_row_signs_verifies_in_one_piece_or_two) {
  for (const SignatureAlgorithm& row : kSignatureAlgorithms) {
    if (row.standing == Standing::forbidden) continue;
    // The small SLH-DSA take seconds each; keys_test.cc signs once with every one.
    if (row.name.starts_with("slh-dsa") && row.name.ends_with("s")) continue;
    const PrivateKey& key = key_for(row);
    const auto algorithm = identifier(row);
    for (const std::string_view all : {"", "header and body"}) {
      const std::size_t half = all.size() / 2;
      const auto one = sign(key, algorithm, view(all));
      const auto two = sign(key, algorithm, view(all.substr(0, half)), view(all.substr(half)));
      ASSERT_TRUE(one && two) << row.name;
      EXPECT_EQ(code_of(verify(key.public_key(), algorithm, view(all), *two)), "ok") << row.name;
      EXPECT_EQ(code_of(verify(key.public_key(), algorithm, view(all.substr(0, half)),
                               view(all.substr(half)), *one)),
                "ok")
          << row.name;
    }
  }
}

TEST(Sign, a_forbidden_algorithm_is_not_signed_with) {
  for (const std::string_view name : {"rsa-sha1", "ecdsa-sha1"}) {
    const SignatureAlgorithm& row = *signature_algorithm(name);
    EXPECT_EQ(code_of(sign(key_for(row), identifier(row), view("x"))),
              "crypto.algorithm-forbidden");
  }
}

TEST(Verify, ed25519_agrees_with_rfc_8032_test_2) {
  Bytes spki = hex("302a300506032b6570032100");
  append(spki, hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"));
  const auto signature =
      hex("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
          "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
  EXPECT_EQ(code_of(verify(PublicKey::from_spki(spki).value(), {der::Oid::of("1.3.101.112"), {}},
                           hex("72"), signature)),
            "ok");
}

TEST(Verify, an_algorithm_that_does_not_fit_the_key_is_badAlg) {
  for (const SignatureAlgorithm& row : kSignatureAlgorithms) {
    const auto& other =
        *signature_algorithm(row.scheme == Scheme::ecdsa ? "ed25519" : "ecdsa-sha256");
    const auto result = verify(key_for(row).public_key(), identifier(other), view("x"), view("y"));
    ASSERT_EQ(code_of(result), "crypto.algorithm-mismatch") << row.name;
    EXPECT_EQ(result.error().failure, Failure::badAlg);
  }
}

TEST(Verify, unknown_algorithms_are_badAlg) {
  const PublicKey& key = key_for(*signature_algorithm("rsa-sha256")).public_key();
  for (const auto& oid :
       {der::Oid::of("1.2.840.113549.1.1.4"), der::Oid::of("2.16.840.1.101.3.4.3.35")}) {
    const auto result = verify(key, {oid, {}}, view("x"), view("y"));
    ASSERT_EQ(code_of(result), "crypto.unsupported-algorithm");
    EXPECT_EQ(result.error().failure, Failure::badAlg);
  }
}

TEST(Parameters, each_scheme_takes_only_its_own) {
  for (const SignatureAlgorithm& row : kSignatureAlgorithms) {
    if (row.scheme == Scheme::rsa_pss) continue;
    const bool null_is_fine = row.scheme == Scheme::rsa_v15;
    EXPECT_EQ(code_of(resolve({row.oid, {}})), "ok") << row.name;
    EXPECT_EQ(code_of(resolve({row.oid, copy(der::kNullDer)})),
              null_is_fine ? "ok" : "crypto.algorithm-parameters")
        << row.name;
    EXPECT_EQ(code_of(resolve({row.oid, hex("0400")})), "crypto.algorithm-parameters") << row.name;
  }
}

struct Pss {
  der::Oid hash = oid(Digest::sha256);
  der::Oid mgf_hash = oid(Digest::sha256);
  der::Oid mgf = der::Oid::of("1.2.840.113549.1.1.8");
  std::int64_t salt = 32;
  std::int64_t trailer = 1;
  Bytes hash_parameters = {0x05, 0x00};

  der::AlgorithmIdentifier algorithm() const {
    der::Writer w;
    w.sequence([&](der::Writer& s) {
      s.tagged(0,
               [&](der::Writer& t) { write(t, der::AlgorithmIdentifier{hash, hash_parameters}); });
      s.tagged(1, [&](der::Writer& t) {
        write(t, der::AlgorithmIdentifier{mgf, der::encode({mgf_hash, hash_parameters})});
      });
      s.tagged(2, [&](der::Writer& t) { t.integer(salt); });
      if (trailer != 1) s.tagged(3, [&](der::Writer& t) { t.integer(trailer); });
    });
    return {der::Oid::of("1.2.840.113549.1.1.10"), std::move(w).take()};
  }
};

TEST(PssParameters, are_read_strictly) {
  EXPECT_EQ(code_of(resolve(Pss{}.algorithm())), "ok");
  EXPECT_EQ(resolve(Pss{}.algorithm())->salt_length, 32);
  EXPECT_EQ(code_of(resolve(Pss{.salt = 20}.algorithm())), "ok") << "a salt of another length";
  EXPECT_EQ(code_of(resolve(Pss{.hash_parameters = {}}.algorithm())), "ok") << "NULL left out";
  const std::pair<const char*, Pss> refused[] = {
      {"MGF1 with another hash", {.mgf_hash = oid(Digest::sha1)}},
      {"another mask generation function", {.mgf = der::Oid::of("1.2.3.4")}},
      {"a negative salt length", {.salt = -1}},
      {"a huge salt length", {.salt = 1 << 20}},
      {"another trailer", {.trailer = 2}},
      {"an unknown hash", {.hash = der::Oid::of("1.2.3"), .mgf_hash = der::Oid::of("1.2.3")}},
      {"a hash with parameters", {.hash_parameters = {0x04, 0x00}}},
  };
  for (const auto& [what, pss] : refused)
    EXPECT_EQ(code_of(resolve(pss.algorithm())), "crypto.algorithm-parameters") << what;
  const der::Oid pss_oid = der::Oid::of("1.2.840.113549.1.1.10");
  EXPECT_EQ(code_of(resolve({pss_oid, {}})), "crypto.algorithm-parameters") << "absent";
  EXPECT_EQ(code_of(resolve({pss_oid, hex("3000")})), "crypto.algorithm-parameters") << "all SHA-1";
  EXPECT_EQ(
      code_of(resolve(Pss{.hash = oid(Digest::sha1), .mgf_hash = oid(Digest::sha1)}.algorithm())),
      "crypto.unsupported-algorithm");
}

TEST(PssParameters, those_of_the_openssl_program_are_taken_or_refused) {
  const SignedParts salt = signed_vector("keys/pss-salt-20.pem");
  const PublicKey key = PublicKey::from_spki(salt.spki).value();
  EXPECT_EQ(code_of(verify(key, salt.algorithm, salt.tbs, salt.signature)), "ok");
  EXPECT_EQ(code_of(verify(key, Pss{}.algorithm(), salt.tbs, salt.signature)),
            "crypto.signature-mismatch")
      << "a salt length other than the one that was named";
  const SignedParts mgf = signed_vector("keys/pss-mgf1-sha1.pem");
  EXPECT_EQ(code_of(verify(key, mgf.algorithm, mgf.tbs, mgf.signature)),
            "crypto.algorithm-parameters");
}

TEST(ConfirmationDigest, follows_the_algorithm_of_the_certificate) {
  const auto of = [](std::string_view name) {
    return confirmation_digest(identifier(*signature_algorithm(name)));
  };
  EXPECT_EQ(of("rsa-sha256"), Digest::sha256);
  EXPECT_EQ(of("rsa-pss-sha384"), Digest::sha384);
  EXPECT_EQ(of("ecdsa-sha512"), Digest::sha512);
  EXPECT_EQ(of("ed25519"), Digest::sha512);
  EXPECT_EQ(of("ed448"), Digest::shake256);
  EXPECT_EQ(of("rsa-sha3-256"), Digest::sha3_256);
  EXPECT_EQ(of("ecdsa-shake256"), Digest::shake256);
  EXPECT_EQ(of("ml-dsa-65"), std::nullopt);
  EXPECT_EQ(of("slh-dsa-sha2-128s"), std::nullopt);
  EXPECT_EQ(confirmation_digest({der::Oid::of("1.2.3"), {}}), std::nullopt);
}

TEST(CheckAlgorithm, says_the_same_as_verify_without_the_work) {
  EXPECT_EQ(code_of(check_algorithm(KeyKind::p521, kEcdsaSha256)), "ok");
  EXPECT_EQ(
      code_of(check_algorithm(KeyKind::rsa_pss, identifier(*signature_algorithm("rsa-sha256")))),
      "crypto.algorithm-mismatch");
  EXPECT_EQ(code_of(check_algorithm(KeyKind::x25519, kEcdsaSha256)), "crypto.algorithm-mismatch");
}

}  // namespace
}  // namespace countersign::crypto
