#include "crypto/kdf.h"

#include <stdexcept>

#include "crypto/vectors_for_test.h"

namespace countersign::crypto {
namespace {

std::string shown(const Secret& secret) { return to_hex(secret.expose()); }

TEST(Pbkdf2, agrees_with_the_openssl_program) {
  for (const auto& [prf, vector] : {std::pair{Digest::sha1, "pbkdf2-sha1"},
                                    {Digest::sha256, "pbkdf2-sha256"},
                                    {Digest::sha512, "pbkdf2-sha512"}}) {
    EXPECT_EQ(shown(pbkdf2(prf, view("password"), view("saltsaltsaltsalt"), 1000, 40)),
              to_hex(derivation_vector(vector)))
        << vector;
  }
}

TEST(Pbkdf2, agrees_with_rfc_6070_and_rfc_7914) {
  EXPECT_EQ(shown(pbkdf2(Digest::sha1, view("password"), view("salt"), 4096, 20)),
            "4b007901b765489abead49d926f721d065a429c1");
  EXPECT_EQ(shown(pbkdf2(Digest::sha256, view("passwd"), view("salt"), 1, 64)),
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
            "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783");
}

TEST(Pbkdf2, an_empty_secret_and_salt_are_taken) {
  EXPECT_EQ(pbkdf2(Digest::sha256, {}, {}, 1, 16).size(), 16U);
}

TEST(Pbkdf2, a_count_or_length_of_zero_is_a_programming_error) {
  EXPECT_THROW(pbkdf2(Digest::sha256, view("s"), view("t"), 0, 16), std::invalid_argument);
  EXPECT_THROW(pbkdf2(Digest::sha256, view("s"), view("t"), 1, 0), std::invalid_argument);
  EXPECT_THROW(pbkdf2(Digest::sha256, view("s"), view("t"), 0x80000000U, 16),
               std::invalid_argument);
}

TEST(PbmKey, a_hundred_applications_agree_with_the_openssl_program) {
  EXPECT_EQ(shown(pbm_key(Digest::sha256, view("secret"), view("saltsaltsaltsalt"), 100)),
            to_hex(derivation_vector("pbm-sha256-100")));
}

TEST(PbmKey, the_first_application_counts_as_one) {
  EXPECT_EQ(shown(pbm_key(Digest::sha256, view("ab"), view("c"), 1)), to_hex(sha256(view("abc"))));
  EXPECT_EQ(shown(pbm_key(Digest::sha512, view("ab"), view("c"), 2)),
            to_hex(digest(Digest::sha512, digest(Digest::sha512, view("abc")))));
  EXPECT_THROW(pbm_key(Digest::sha256, view("ab"), view("c"), 0), std::invalid_argument);
}

TEST(PbmKey, is_expanded_for_a_mac_that_wants_more_and_cut_for_one_that_wants_less) {
  const Secret base(Bytes(28, 7));
  const auto block = [&](char number) {
    Bytes input{static_cast<Byte>(number)};
    append(input, base.expose());
    return digest(Digest::sha224, input);
  };
  Bytes all = copy(base.expose());
  append(all, block('1'));
  append(all, block('2'));
  for (const std::size_t length : {0U, 16U, 28U, 29U, 56U, 57U, 84U})
    EXPECT_EQ(shown(expand_base_key(Digest::sha224, base, length)),
              to_hex(View(all).first(length)));
  EXPECT_EQ(shown(expand_base_key(Digest::sha224, base, 280)).size(), 560U);
  EXPECT_THROW(expand_base_key(Digest::sha224, base, 281), std::invalid_argument);
}

TEST(Hkdf, agrees_with_rfc_5869_cases_1_and_3) {
  const Bytes key(22, 0x0b);
  EXPECT_EQ(
      shown(hkdf_sha256(key, hex("000102030405060708090a0b0c"), hex("f0f1f2f3f4f5f6f7f8f9"), 42)),
      "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  EXPECT_EQ(shown(hkdf_sha256(key, {}, {}, 42)),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

}  // namespace
}  // namespace countersign::crypto
