#include "issuer/software_signer.h"

#include "crypto/sign.h"
#include "issuer/test_values.h"

namespace countersign::issuer {
namespace {

using namespace test;

class SoftwareSigner : public testing::TestWithParam<const char*> {};

TEST_P(SoftwareSigner, signs_with_its_own_key_and_algorithm) {
  auto key = crypto::PrivateKey::generate(*crypto::key_spec(GetParam()));
  const crypto::PublicKey public_key = key.public_key();
  const auto signer = open_software_signer(key.to_pem());
  ASSERT_TRUE(signer) << signer.error().reply_text;
  EXPECT_TRUE(equal((*signer)->spki(), public_key.spki()));
  Got<Bytes> got;
  (*signer)->sign(to_bytes("to be signed"), got.done());
  ASSERT_TRUE(got.result && *got.result);
  EXPECT_EQ(
      code(crypto::verify(public_key, (*signer)->algorithm(), view("to be signed"), **got.result)),
      "ok");
}

INSTANTIATE_TEST_SUITE_P(Keys, SoftwareSigner,
                         testing::Values("p256", "p384", "p521", "rsa2048", "ed25519", "ed448",
                                         "ml-dsa-44", "ml-dsa-65", "ml-dsa-87"));

struct Elsewhere {
  std::vector<std::move_only_function<void()>> work;
  RunElsewhere door() {
    return [this](std::move_only_function<void()> task) { work.push_back(std::move(task)); };
  }
};

TEST(SoftwareSigners, slow_algorithms_sign_elsewhere_even_if_the_signer_is_gone) {
  Elsewhere elsewhere;
  Got<Bytes> got;
  {
    const auto signer = make_software_signer(
        crypto::PrivateKey::generate(*crypto::key_spec("ml-dsa-44")), elsewhere.door());
    signer->sign(to_bytes("tbs"), got.done());
  }
  EXPECT_FALSE(got.result);
  ASSERT_EQ(elsewhere.work.size(), 1U);
  elsewhere.work[0]();
  ASSERT_TRUE(got.result);
  EXPECT_EQ(code(*got.result), "ok");
}

TEST(SoftwareSigners, fast_algorithms_sign_in_place) {
  Elsewhere elsewhere;
  const auto signer = make_software_signer(crypto::PrivateKey::generate(*crypto::key_spec("p256")),
                                           elsewhere.door());
  Got<Bytes> got;
  signer->sign(to_bytes("tbs"), got.done());
  EXPECT_TRUE(got.result && *got.result);
  EXPECT_TRUE(elsewhere.work.empty());
}

TEST(SoftwareSigners, what_is_no_key_opens_none) {
  EXPECT_EQ(code(open_software_signer(Secret(view("no PEM")))), "crypto.private-key-format");
}

TEST(SoftwareSigners, a_key_that_cannot_sign_opens_none) {
  Bytes der;
  ASSERT_TRUE(from_hex("302e020100300506032b656e04220420" + std::string(64, '5'), der));
  const std::string pem = der::to_pem("PRIVATE KEY", der);
  EXPECT_EQ(code(open_software_signer(Secret(view(pem)))), "issuer.key-cannot-sign");
}

}  // namespace
}  // namespace countersign::issuer
