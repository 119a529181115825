#include "crypto/seal.h"

#include "crypto/vectors_for_test.h"

namespace countersign::crypto {
namespace {

struct FixedEntropy final : Entropy {
  Result<> fill(std::span<Byte> out) noexcept override {
    if (broken) return fail(Failure::systemFailure, "test.entropy", "none");
    for (Byte& octet : out) octet = 0;
    return {};
  }
  bool broken = false;
};

TEST(Seal, what_was_sealed_opens) {
  FixedEntropy entropy;
  const Bytes key(32, 7);
  for (const std::string_view plain : {"", "x", "a secret of some length, longer than one block"}) {
    const auto sealed = seal(key, view("row 1"), view(plain), entropy);
    ASSERT_TRUE(sealed);
    EXPECT_EQ(sealed->size(), plain.size() + kSealOverhead);
    const auto opened = open(key, view("row 1"), *sealed);
    ASSERT_TRUE(opened);
    EXPECT_EQ(text(opened->expose()), plain);
  }
}

TEST(Seal, the_form_is_version_nonce_ciphertext_tag) {
  FixedEntropy entropy;
  // The GCM specification's case 14: key, nonce and plaintext all zero. The version octet is part
  // of the associated data, so the tag is another; the ciphertext is the same.
  const auto sealed = seal(Bytes(32, 0), {}, Bytes(16, 0), entropy);
  ASSERT_TRUE(sealed);
  EXPECT_EQ(to_hex(View(*sealed).first(29)),
            "01"
            "000000000000000000000000"
            "cea7403d4d606b6e074ec5d3baf39d18");
}

TEST(Seal, any_changed_octet_keeps_it_shut) {
  FixedEntropy entropy;
  const Bytes key(32, 7);
  const Bytes sealed = seal(key, view("row 1"), view("secret"), entropy).value();
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    Bytes changed = sealed;
    changed[i] ^= 0x01;
    EXPECT_EQ(code_of(open(key, view("row 1"), changed)), "crypto.seal-broken") << "octet " << i;
  }
  for (std::size_t size = 0; size < sealed.size(); ++size)
    EXPECT_EQ(code_of(open(key, view("row 1"), View(sealed).first(size))), "crypto.seal-broken");
}

TEST(Seal, another_row_or_another_key_keeps_it_shut) {
  FixedEntropy entropy;
  const Bytes sealed = seal(Bytes(32, 7), view("row 1"), view("secret"), entropy).value();
  EXPECT_EQ(code_of(open(Bytes(32, 7), view("row 2"), sealed)), "crypto.seal-broken");
  EXPECT_EQ(code_of(open(Bytes(32, 8), view("row 1"), sealed)), "crypto.seal-broken");
}

TEST(Seal, a_key_of_another_length_is_refused) {
  FixedEntropy entropy;
  EXPECT_EQ(code_of(seal(Bytes(16, 7), {}, view("x"), entropy)), "crypto.seal-key");
  EXPECT_EQ(code_of(open(Bytes(33, 7), {}, Bytes(40, 1))), "crypto.seal-key");
}

TEST(Seal, without_entropy_nothing_is_sealed) {
  FixedEntropy entropy;
  entropy.broken = true;
  EXPECT_EQ(code_of(seal(Bytes(32, 7), {}, view("x"), entropy)), "test.entropy");
}

}  // namespace
}  // namespace countersign::crypto
