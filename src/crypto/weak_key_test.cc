#include "crypto/weak_key.h"

#include <gmock/gmock.h>

#include <map>
#include <sstream>

#include "crypto/vectors_for_test.h"
#include "der/writer.h"

namespace countersign::crypto {
namespace {

Bytes weak_vector(const std::string& name) { return read_pem_vector("weak/" + name + ".pub.pem"); }

Bytes spki_of(const der::Oid& algorithm, View key) {
  der::Writer w;
  w.sequence([&](der::Writer& s) {
    write(s, der::AlgorithmIdentifier{algorithm, {}});
    s.bit_octets(key);
  });
  return std::move(w).take();
}
Bytes ed25519(std::string_view text) { return spki_of(der::Oid::of("1.3.101.112"), hex(text)); }
Bytes ed448(std::string_view text) { return spki_of(der::Oid::of("1.3.101.113"), hex(text)); }

struct Case {
  const char* what;
  const char* vector;
  const char* code = "ok";
  WeakKeyPolicy policy = {};
};

// The vectors are made by tests/vectors/crypto/weak.py.
const Case kRsaCases[] = {
    {"two random primes of 1024 bits", "good-2048"},
    {"two random primes of 1536 bits", "good-3072"},
    {"two random primes of 2048 bits", "good-4096"},
    {"a modulus with the factor 3", "factor-3", "key.small-factor"},
    {"a modulus with the greatest factor that is looked for", "factor-751", "key.small-factor"},
    {"a modulus with the least factor that is not looked for", "factor-757"},
    {"the square of a prime", "square", "key.close-primes"},
    {"the third power of a prime", "cube", "key.power"},
    {"the fifth power of a prime", "fifth-power", "key.power"},
    {"the thirteenth power of a prime", "thirteenth-power", "key.power"},
    {"two primes of the ROCA form for 2048 bits", "roca-2048", "key.roca"},
    {"two primes of the ROCA form for 4096 bits", "roca-4096", "key.roca"},
    {"one prime of the ROCA form and a random one", "roca-one-prime"},
    {"a prime and the next one", "neighbours", "key.close-primes"},
    {"primes that the second round of Fermat's method finds", "fermat-2", "key.close-primes"},
    {"primes that the last round finds", "fermat-100", "key.close-primes"},
    {"primes that one more round would find", "fermat-101"},
    {"a modulus of 2049 bits where any length is allowed", "bits-2049"},
    {"a modulus of 2049 bits where it must fill octets",
     "bits-2049",
     "key.modulus-length",
     {.modulus_length = ModulusLength::whole_octets}},
    {"a modulus of 2048 bits where it must fill octets",
     "good-2048",
     "ok",
     {.modulus_length = ModulusLength::whole_octets}},
    {"the exponent 3", "exponent-3", "crypto.rsa-exponent"},
    {"the exponent 17", "exponent-17", "crypto.rsa-exponent"},
    {"the exponent 3 where it is allowed", "exponent-3", "ok", {.least_exponent = 3}},
    {"the exponent 3 where any number is allowed", "exponent-3", "ok", {.least_exponent = 0}},
    {"the exponent 17 where 17 is the least", "exponent-17", "ok", {.least_exponent = 17}},
    {"the exponent 17 where 19 is the least",
     "exponent-17",
     "crypto.rsa-exponent",
     {.least_exponent = 19}},
    {"65537 where more is wanted", "good-2048", "crypto.rsa-exponent", {.least_exponent = 65539}},
};

TEST(WeakKey, rsa) {
  for (const Case& c : kRsaCases) {
    const auto result = check_strength(weak_vector(c.vector), c.policy);
    ASSERT_EQ(code_of(result), c.code) << c.what;
    if (!result) {
      EXPECT_EQ(result.error().failure, Failure::badCertTemplate) << c.what;
    }
  }
}

TEST(WeakKey, a_sentence_says_how_to_make_a_better_one) {
  for (const char* vector : {"factor-3", "cube", "neighbours"}) {
    const auto result = check_strength(weak_vector(vector));
    ASSERT_FALSE(result) << vector;
    EXPECT_THAT(result.error().reply_text, testing::HasSubstr("openssl genpkey")) << vector;
  }
  EXPECT_THAT(check_strength(weak_vector("factor-751")).error().reply_text,
              testing::HasSubstr("divided by 751"));
}

TEST(WeakKey, keys_of_every_kind_as_the_openssl_program_makes_them_are_good) {
  for (const char* vector :
       {"p256", "p256-compressed", "rsa2048", "rsa-pss", "x25519", "ml-kem-768"})
    EXPECT_EQ(code_of(check_strength(read_pem_vector("keys/" + std::string(vector) + ".pub.pem"))),
              "ok")
        << vector;
  for (const char* kind : {"p256", "p384", "p521", "rsa2048", "ed25519", "ed448", "ml-dsa-44"})
    EXPECT_EQ(code_of(check_strength(PrivateKey::generate(*key_spec(kind)).public_key())), "ok")
        << kind;
}

TEST(WeakKey, what_has_no_form_is_refused_as_by_the_parser) {
  const std::pair<const char*, const char*> cases[] = {{"p224", "crypto.unsupported-curve"},
                                                       {"p256-explicit", "crypto.explicit-curve"},
                                                       {"rsa1024", "crypto.key-too-short"},
                                                       {"rsa2048-e3", "crypto.rsa-exponent"}};
  for (const auto& [vector, code] : cases)
    EXPECT_EQ(code_of(check_strength(read_pem_vector("keys/" + std::string(vector) + ".pub.pem"))),
              code);
  EXPECT_EQ(code_of(check_strength(View{})), "crypto.key-format");
}

// RFC 8032 §5.1.3 and §5.2.3: y is below p. All points of small order, by Python.
TEST(WeakKey, points_of_small_order_are_refused) {
  std::istringstream lines(read_vector("weak/small-order.txt"));
  std::map<std::string, int> seen;
  for (std::string curve, point; lines >> curve >> point; ++seen[curve]) {
    const bool short_one = curve == "ed25519";
    const auto result = check_strength(short_one ? ed25519(point) : ed448(point));
    ASSERT_EQ(code_of(result), "key.point") << curve << " " << point;
    EXPECT_EQ(result.error().failure, Failure::badCertTemplate);
  }
  EXPECT_THAT(seen, testing::ElementsAre(std::pair{"ed25519", 8}, std::pair{"ed448", 4}));
}

TEST(WeakKey, encodings_that_are_no_coordinate_are_refused) {
  const std::string f(60, 'f');
  const std::string zeros(110, '0');
  const std::string high(54, 'f');
  const std::tuple<const char*, Bytes, const char*> cases[] = {
      {"Ed25519: y = 2, no small order", ed25519("02" + zeros.substr(0, 62)), "ok"},
      {"Ed25519: y = p - 2", ed25519("eb" + f + "7f"), "ok"},
      {"Ed25519: y = p - 1 with the sign of x", ed25519("ec" + f + "ff"), "key.point"},
      {"Ed25519: y = p", ed25519("ed" + f + "7f"), "key.point"},
      {"Ed25519: y = p + 1", ed25519("ee" + f + "7f"), "key.point"},
      {"Ed25519: y = 2^255 - 1", ed25519("ff" + f + "ff"), "key.point"},
      {"Ed25519: y = 1 with the sign of x", ed25519("01" + zeros.substr(0, 60) + "80"),
       "key.point"},
      {"Ed448: y = 2, no small order", ed448("02" + zeros + "00"), "ok"},
      {"Ed448: y = p - 2", ed448("fd" + high + "fe" + high + "00"), "ok"},
      {"Ed448: y = p", ed448(std::string(56, 'f') + "fe" + high + "00"), "key.point"},
      {"Ed448: a bit above the coordinate", ed448("02" + zeros + "01"), "key.point"},
  };
  for (const auto& [what, spki, code] : cases)
    EXPECT_EQ(code_of(check_strength(spki)), code) << what;
}

TEST(WeakKey, a_key_of_the_block_list_is_refused_after_all_else) {
  const Bytes spki = weak_vector("good-2048");
  const auto list = parse_block_list(read_vector("weak/good-2048.blacklist")).value();
  const auto result = check_strength(spki, {.blocked = &list});
  ASSERT_EQ(code_of(result), "key.blocked");
  EXPECT_EQ(result.error().failure, Failure::badCertTemplate);
  EXPECT_EQ(code_of(check_strength(weak_vector("good-3072"), {.blocked = &list})), "ok");
  EXPECT_EQ(code_of(check_strength(weak_vector("factor-3"), {.blocked = &list})),
            "key.small-factor");
}

}  // namespace
}  // namespace countersign::crypto
