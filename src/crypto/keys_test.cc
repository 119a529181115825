#include "crypto/keys.h"

#include <atomic>
#include <thread>

#include "crypto/public_key_cache.h"
#include "crypto/sign.h"
#include "crypto/vectors_for_test.h"
#include "der/writer.h"

namespace countersign::crypto {
namespace {

Bytes public_vector(const std::string& name) {
  return read_pem_vector("keys/" + name + ".pub.pem");
}

Bytes spki_of(const der::AlgorithmIdentifier& algorithm, View key) {
  der::Writer w;
  w.sequence([&](der::Writer& s) {
    write(s, algorithm);
    s.bit_octets(key);
  });
  return std::move(w).take();
}

TEST(PublicKey, keys_of_the_openssl_program_are_read_and_kept_as_they_are) {
  struct Case {
    const char* vector;
    KeyKind kind;
    unsigned bits, security_bits;
  };
  for (const Case& c : {Case{"p256", KeyKind::p256, 256, 128},
                        {"p256-compressed", KeyKind::p256, 256, 128},
                        {"rsa2048", KeyKind::rsa, 2048, 112},
                        {"rsa-pss", KeyKind::rsa_pss, 2048, 112},
                        {"x25519", KeyKind::x25519, 253, 128},
                        {"ml-kem-768", KeyKind::ml_kem_768, 768, 192}}) {
    const Bytes spki = public_vector(c.vector);
    const auto key = PublicKey::from_spki(spki);
    ASSERT_TRUE(key) << c.vector << ": " << code_of(key);
    EXPECT_TRUE(equal(key->spki(), spki)) << c.vector;
    EXPECT_EQ(key->kind(), c.kind) << c.vector;
    EXPECT_EQ(key->bits(), c.bits) << c.vector;
    EXPECT_EQ(key->security_bits(), c.security_bits) << c.vector;
    EXPECT_EQ(code_of(key->check_strength()), "ok") << c.vector;
  }
}

TEST(PublicKey, unsupported_and_weak_keys_are_badCertTemplate) {
  const std::pair<const char*, const char*> cases[] = {{"p224", "crypto.unsupported-curve"},
                                                       {"p256-explicit", "crypto.explicit-curve"},
                                                       {"rsa1024", "crypto.key-too-short"},
                                                       {"rsa2048-e3", "crypto.rsa-exponent"}};
  for (const auto& [vector, code] : cases) {
    const auto key = PublicKey::from_spki(public_vector(vector));
    const auto strength = key ? key->check_strength() : Result<>(std::unexpected(key.error()));
    ASSERT_EQ(code_of(strength), code) << vector;
    EXPECT_EQ(strength.error().failure, Failure::badCertTemplate) << vector;
  }
}

Bytes rsa_spki(const Bytes& modulus, const Bytes& exponent) {
  der::Writer key;
  key.sequence([&](der::Writer& s) {
    s.unsigned_integer(modulus);
    s.unsigned_integer(exponent);
  });
  return spki_of({der::Oid::of("1.2.840.113549.1.1.1"), copy(der::kNullDer)}, key.bytes());
}

TEST(PublicKey, rsa_numbers_are_held_against_the_limits) {
  const Bytes f4 = {1, 0, 1};
  const auto code = [](std::size_t octets, Byte last, const Bytes& exponent) {
    Bytes modulus(octets, 0xff);
    modulus.back() = last;
    const auto key = PublicKey::from_spki(rsa_spki(modulus, exponent));
    return key ? code_of(key->check_strength()) : code_of(key);
  };
  EXPECT_EQ(code(256, 0xff, f4), "ok");
  EXPECT_EQ(code(1024, 0xff, f4), "ok") << "8192 bits";
  EXPECT_EQ(code(1025, 0xff, f4), "crypto.key-too-long");
  EXPECT_EQ(code(255, 0xff, f4), "crypto.key-too-short");
  EXPECT_EQ(code(256, 0xfe, f4), "crypto.rsa-modulus");
  EXPECT_EQ(code(256, 0xff, {1, 0, 0}), "crypto.rsa-exponent") << "even";
  EXPECT_EQ(code(256, 0xff, {0xff, 0xff}), "crypto.rsa-exponent") << "65535";
  EXPECT_EQ(code(256, 0xff, {1}), "crypto.rsa-exponent");
  EXPECT_EQ(code(256, 0xff, Bytes(33, 0xff)), "crypto.rsa-exponent") << "above 2^256";
  EXPECT_EQ(code(8200, 0xff, f4), "crypto.key-format") << "longer than any SubjectPublicKeyInfo";
}

TEST(PublicKey, a_point_off_the_curve_is_refused) {
  Bytes spki = public_vector("p256");
  spki.back() ^= 1;
  const auto result = PublicKey::from_spki(spki);
  ASSERT_EQ(code_of(result), "crypto.point-not-on-curve");
  EXPECT_EQ(result.error().failure, Failure::badCertTemplate);
}

TEST(PublicKey, anything_but_one_strict_SubjectPublicKeyInfo_is_badDataFormat) {
  const Bytes good = public_vector("p256");
  Bytes trailing = good;
  trailing.push_back(0);
  const der::AlgorithmIdentifier ec{der::Oid::of("1.2.840.10045.2.1"), hex("06082a8648ce3d030107")};
  const std::pair<const char*, Bytes> cases[] = {
      {"nothing", {}},
      {"an octet after the end", trailing},
      {"the end is missing", copy(View(good).first(good.size() - 1))},
      {"the point at infinity", spki_of(ec, hex("00"))},
      {"a hybrid point", spki_of(ec, Bytes(65, 0x06))},
      {"an empty point", spki_of(ec, {})},
      {"no curve", spki_of({ec.algorithm, {}}, Bytes(65, 4))},
      {"an implicit curve", spki_of({ec.algorithm, copy(der::kNullDer)}, Bytes(65, 4))},
      {"RSA without NULL",
       spki_of({der::Oid::of("1.2.840.113549.1.1.1"), {}}, hex("3006020103020103"))},
      {"RSA of something else",
       spki_of({der::Oid::of("1.2.840.113549.1.1.1"), copy(der::kNullDer)}, hex("0500"))},
      {"a negative modulus", spki_of({der::Oid::of("1.2.840.113549.1.1.1"), copy(der::kNullDer)},
                                     hex("30060201ff020103"))},
      {"Ed25519 with parameters",
       spki_of({der::Oid::of("1.3.101.112"), copy(der::kNullDer)}, Bytes(32, 1))},
      {"Ed25519 one octet short", spki_of({der::Oid::of("1.3.101.112"), {}}, Bytes(31, 1))},
      {"ML-DSA-44 with too few octets",
       spki_of({der::Oid::of("2.16.840.1.101.3.4.3.17"), {}}, Bytes(32, 1))},
      {"SLH-DSA-SHA2-128s with parameters",
       spki_of({der::Oid::of("2.16.840.1.101.3.4.3.20"), copy(der::kNullDer)}, Bytes(32, 1))},
      {"SLH-DSA-SHA2-128s with too many octets",
       spki_of({der::Oid::of("2.16.840.1.101.3.4.3.20"), {}}, Bytes(48, 1))},
  };
  for (const auto& [what, spki] : cases) {
    const auto result = PublicKey::from_spki(spki);
    ASSERT_EQ(code_of(result), "crypto.key-format") << what;
    EXPECT_EQ(result.error().failure, Failure::badDataFormat) << what;
  }
  EXPECT_EQ(
      code_of(PublicKey::from_spki(spki_of({der::Oid::of("1.2.840.10040.4.1"), {}}, hex("00")))),
      "crypto.unsupported-key")
      << "DSA";
}

TEST(PublicKey, its_identifier_is_the_beginning_of_the_sha256_of_the_whole) {
  // The key of RFC 7093 §3
  const PublicKey key = PublicKey::from_spki(hex("3059301306072A8648CE3D020106082A8648CE3D030107"
                                                 "034200047F7F35A79794C950060B8029FC8F363A"
                                                 "28F11159692D9D34E6AC948190434735"
                                                 "F833B1A66652DC514337AFF7F5C9C75D"
                                                 "670C019D95A5D639B72744C64A9128BB"))
                            .value();
  EXPECT_EQ(key.key_identifier(), hex("6D20896AB8BD833B6B66554BD59B20225D8A75A2"));
  EXPECT_EQ(key_identifier(key.spki()), key.key_identifier());
}

TEST(PublicKeyCache, gives_the_same_key_again_and_stays_bounded) {
  PublicKeyCache cache(2);
  const Bytes a = public_vector("p256"), b = public_vector("rsa2048"), c = public_vector("x25519");
  const PublicKey first = cache.get(a).value();
  EXPECT_EQ(&cache.get(a)->data(), &first.data());
  EXPECT_TRUE(cache.get(b));
  EXPECT_TRUE(cache.get(a));
  EXPECT_TRUE(cache.get(c));  // pushes out b, which was used least recently
  EXPECT_EQ(cache.size(), 2U);
  EXPECT_EQ(&cache.get(a)->data(), &first.data());
  EXPECT_EQ(code_of(cache.get(hex("3000"))), "crypto.key-format");
  EXPECT_EQ(cache.size(), 2U) << "a refused key is not kept";
  cache.clear();
  EXPECT_EQ(cache.size(), 0U);
}

TEST(PrivateKey, every_spec_makes_a_key_that_signs_and_returns_from_pem) {
  for (const KeySpec& spec : kKeySpecs) {
    const PrivateKey key = PrivateKey::generate(spec);
    EXPECT_EQ(key.kind(), spec.kind) << spec.name;
    EXPECT_EQ(key.public_key().bits(), spec.bits) << spec.name;
    EXPECT_EQ(code_of(key.public_key().check_strength()), "ok") << spec.name;
    const auto algorithm = key.default_signature_algorithm();
    const auto signature = sign(key, algorithm, view("tbs"));
    ASSERT_TRUE(signature) << spec.name;
    EXPECT_EQ(code_of(verify(key.public_key(), algorithm, view("tbs"), *signature)), "ok");
    const Secret pem = key.to_pem();
    const auto again = PrivateKey::from_pem(text(pem.expose()), Secret());
    ASSERT_TRUE(again) << spec.name << ": " << code_of(again);
    EXPECT_TRUE(again->matches(key.public_key())) << spec.name;
    EXPECT_EQ(again->public_key(), key.public_key()) << spec.name;
    const auto from_der = PrivateKey::from_pkcs8(key.to_pkcs8().expose());
    EXPECT_EQ(code_of(from_der), "ok") << spec.name;
  }
}

TEST(PrivateKey, slow_signers_are_marked) {
  EXPECT_FALSE(slow_to_sign(KeyKind::rsa, 2048));
  EXPECT_TRUE(slow_to_sign(KeyKind::rsa, 3072));
  EXPECT_TRUE(slow_to_sign(KeyKind::ml_dsa_44, 10496));
  EXPECT_TRUE(slow_to_sign(KeyKind::slh_dsa_sha2_128f, 256));
  EXPECT_FALSE(slow_to_sign(KeyKind::p256, 256));
}

TEST(PrivateKey, files_of_the_openssl_program_are_read) {
  const PublicKey p256 = PublicKey::from_spki(public_vector("p256")).value();
  const PublicKey rsa = PublicKey::from_spki(public_vector("rsa2048")).value();
  const Secret sesame(view("open sesame"));
  for (const char* file : {"pkcs8-p256", "sec1-p256", "pbes2-pbkdf2-p256", "pbes2-scrypt-p256"}) {
    const auto key =
        PrivateKey::from_pem(read_vector("keys/" + std::string(file) + ".pem"), sesame);
    ASSERT_TRUE(key) << file << ": " << code_of(key);
    EXPECT_TRUE(key->matches(p256)) << file;
    EXPECT_FALSE(key->matches(rsa)) << file;
  }
  const auto pkcs1 = PrivateKey::from_pem(read_vector("keys/pkcs1-rsa2048.pem"), Secret());
  ASSERT_TRUE(pkcs1);
  EXPECT_TRUE(pkcs1->matches(rsa));
  const auto ml_dsa = PrivateKey::from_pem(read_vector("keys/pkcs8-ml-dsa-65.pem"), Secret());
  ASSERT_TRUE(ml_dsa);
  EXPECT_EQ(ml_dsa->kind(), KeyKind::ml_dsa_65);
}

TEST(PrivateKey, passphrases_are_asked_for_and_checked) {
  const std::string pem = read_vector("keys/pbes2-pbkdf2-p256.pem");
  EXPECT_EQ(code_of(PrivateKey::from_pem(pem, Secret())), "crypto.passphrase-needed");
  EXPECT_EQ(code_of(PrivateKey::from_pem(pem, Secret(view("wrong")))), "crypto.passphrase-wrong");
  EXPECT_EQ(code_of(PrivateKey::from_pem("", Secret())), "crypto.private-key-format");
  EXPECT_EQ(code_of(PrivateKey::from_pem("no PEM", Secret())), "crypto.private-key-format");
  EXPECT_EQ(code_of(PrivateKey::from_pem(read_vector("keys/p256.pub.pem"), Secret())),
            "crypto.private-key-format");
}

TEST(PrivateKey, halves_that_do_not_fit_are_refused) {
  Secret der = PrivateKey::generate(*key_spec("p256")).to_pkcs8();
  Bytes changed = copy(der.expose());
  const auto other = PrivateKey::generate(*key_spec("p256")).to_pkcs8();
  // The public point ends the encoding: take that of another key.
  ASSERT_EQ(other.size(), changed.size());
  std::copy(other.expose().end() - 64, other.expose().end(), changed.end() - 64);
  EXPECT_EQ(code_of(PrivateKey::from_pkcs8(changed)), "crypto.key-mismatch");
}

TEST(PrivateKey, an_encrypted_pem_opens_with_its_passphrase_only) {
  const PrivateKey key = PrivateKey::generate(*key_spec("ed25519"));
  const Secret sesame(view("open sesame"));
  for (const PassphraseKdf kdf : {PassphraseKdf::pbkdf2, PassphraseKdf::scrypt}) {
    const std::string pem = key.to_encrypted_pem(sesame, kdf).value();
    EXPECT_TRUE(pem.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
    const auto again = PrivateKey::from_pem(pem, sesame);
    ASSERT_TRUE(again) << code_of(again);
    EXPECT_TRUE(again->matches(key.public_key()));
    EXPECT_EQ(code_of(PrivateKey::from_pem(pem, Secret(view("x")))), "crypto.passphrase-wrong");
  }
  EXPECT_EQ(code_of(key.to_encrypted_pem(Secret())), "crypto.passphrase-empty");
}

TEST(PrivateKey, several_threads_sign_with_one_key) {
  for (const char* spec : {"p256", "rsa2048", "ml-dsa-44"}) {
    const PrivateKey key = PrivateKey::generate(*key_spec(spec));
    const auto algorithm = key.default_signature_algorithm();
    std::vector<std::jthread> threads;
    threads.reserve(4);
    std::atomic<int> good{0};
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 10; ++i) {
          const auto signature = sign(key, algorithm, view("tbs"));
          if (signature && verify(key.public_key(), algorithm, view("tbs"), *signature)) ++good;
        }
      });
    threads.clear();
    EXPECT_EQ(good, 40) << spec;
  }
}

}  // namespace
}  // namespace countersign::crypto
