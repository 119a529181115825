// Against SoftHSM, which is initialized once a process: one token for all of these tests.
#include "issuer/token_signer.h"

#include <future>

#include "crypto/sign.h"
#include "issuer/test_values.h"
#include "support/soft_token.h"

namespace countersign::issuer {
namespace {

using namespace test;
using countersign::test::SoftToken;

class TokenSigners : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (SoftToken::module() == nullptr) return;
    soft_token = std::make_unique<SoftToken>();
    soft_token->key("EC:prime256v1", "p256", "01");
    soft_token->key("EC:prime256v1", "fleeting", "02");
    soft_token->key("EC:prime256v1", "changing", "03");
    soft_token->key("EC:prime256v1", "resting", "05");
    soft_token->keep();
  }
  static void TearDownTestSuite() { soft_token.reset(); }
  void SetUp() override {
    if (!soft_token) GTEST_SKIP() << SoftToken::kMissing;
  }

  // Without pauses between tries.
  static Tokens soft() {
    return {{SoftToken::module(), ""}, TokenQueue::Limits{}, {Seconds{0}, Seconds{0}, Seconds{0}}};
  }
  static crypto::TokenUri uri(const std::string& object) {
    return *crypto::TokenUri::parse("pkcs11:token=ra;object=" + object);
  }
  static Secret pin(std::string_view digits = "1234") { return Secret(view(digits)); }
  static Result<Bytes> sign(const ports::Signer& signer) {
    auto told = std::make_shared<std::promise<Result<Bytes>>>();
    signer.sign(to_bytes("tbs"), [told](Result<Bytes> r) { told->set_value(std::move(r)); });
    return told->get_future().get();
  }
  static bool verifies(const ports::Signer& signer, const Result<Bytes>& signature) {
    const auto key = crypto::PublicKey::from_spki(signer.spki());
    return signature && key &&
           crypto::verify(*key, signer.algorithm(), view("tbs"), *signature).has_value();
  }

  static inline std::unique_ptr<SoftToken> soft_token;
};

// The first of all: later ones find the token open to this process.
TEST_F(TokenSigners, show_a_wrong_pin_once) {
  auto tokens = soft();
  EXPECT_EQ(code(tokens.open(uri("p256"), pin("0000"))), "crypto.token-pin");
  EXPECT_EQ(code(tokens.open(uri("fleeting"), pin("0000"))), "crypto.token-pin");
  EXPECT_EQ(code(tokens.open(uri("p256"), pin())), "ok");
  EXPECT_EQ(code(tokens.open(uri("p256"), pin("0000"))), "crypto.token-pin")
      << "it is open by now, and who shows a wrong PIN is let in no more";
}

TEST_F(TokenSigners, rest_between_two_tries) {
  Tokens tokens({SoftToken::module(), ""}, TokenQueue::Limits{}, {Seconds{3600}});
  const auto signer = tokens.open(uri("resting"), pin());
  ASSERT_EQ(code(signer), "ok");
  soft_token->remove_private("resting");
  EXPECT_NE(code(sign(**signer)), "ok");
  soft_token->restore();
  EXPECT_NE(code(sign(**signer)), "ok");
}

TEST_F(TokenSigners, sign_in_the_token_of_their_key) {
  auto tokens = soft();
  const auto signer = tokens.open(uri("p256"), pin());
  ASSERT_EQ(code(signer), "ok") << signer.error().reply_text;
  EXPECT_TRUE(verifies(**signer, sign(**signer)));
}

TEST_F(TokenSigners, sign_again_when_their_key_is_back) {
  auto tokens = soft();
  const auto signer = tokens.open(uri("fleeting"), pin());
  ASSERT_EQ(code(signer), "ok");
  soft_token->remove_private("fleeting");
  for (int i = 0; i < 3; ++i) EXPECT_NE(code(sign(**signer)), "ok");
  soft_token->restore();
  EXPECT_TRUE(verifies(**signer, sign(**signer)));
}

TEST_F(TokenSigners, do_not_sign_with_another_key_of_the_same_name) {
  auto tokens = soft();
  const auto signer = tokens.open(uri("changing"), pin());
  ASSERT_EQ(code(signer), "ok");
  soft_token->remove_private("changing");
  soft_token->remove_public("changing");
  soft_token->key("EC:prime256v1", "changing", "04");
  EXPECT_EQ(code(sign(**signer)), "issuer.token-other-key");
  EXPECT_EQ(code(sign(**signer)), "issuer.token-other-key");
}

TEST_F(TokenSigners, find_a_token_that_comes_later) {
  if (SoftToken::stays_loaded()) GTEST_SKIP() << "this SoftHSM sees new tokens when it is started";
  auto tokens = soft();
  const auto late = *crypto::TokenUri::parse("pkcs11:token=late;object=key");
  EXPECT_EQ(code(tokens.open(late, pin())), "crypto.token-missing");
  soft_token->add("late");
  soft_token->key("EC:prime256v1", "key", "01", "late");
  const auto signer = tokens.open(late, pin());
  ASSERT_EQ(code(signer), "ok") << signer.error().reply_text;
  EXPECT_TRUE(verifies(**signer, sign(**signer)));
}

TEST_F(TokenSigners, refuse_when_they_are_closed) {
  std::shared_ptr<const ports::Signer> signer;
  {
    auto tokens = soft();
    signer = tokens.open(uri("p256"), pin()).value();
    tokens.stop();
    EXPECT_EQ(code(sign(*signer)), "issuer.token-closed");
    EXPECT_EQ(code(tokens.open(uri("p256"), pin())), "issuer.token-closed");
  }
  EXPECT_EQ(code(sign(*signer)), "issuer.token-closed");
}

TEST_F(TokenSigners, need_a_module) {
  Tokens none({"", ""}, TokenQueue::Limits{});
  EXPECT_EQ(code(none.open(uri("p256"), pin())), "crypto.token-module");
}

}  // namespace
}  // namespace countersign::issuer
