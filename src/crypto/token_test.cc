// Against SoftHSM, which is initialized once a process: one token for all of these tests.
#include "crypto/token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "crypto/sign.h"
#include "support/soft_token.h"

namespace countersign::crypto {
namespace {

using testing::HasSubstr;

template <class T>
std::string_view code(const Result<T>& r) {
  return r ? "ok" : r.error().code;
}

class Tokens : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (test::SoftToken::module() == nullptr) return;
    soft_token = std::make_unique<test::SoftToken>();
    soft_token->key("EC:prime256v1", "p256", "01");
    soft_token->key("EC:secp384r1", "p384", "02");
    soft_token->key("rsa:2048", "rsa", "03");
    soft_token->key("EC:edwards25519", "ed25519", "04");
    soft_token->key("EC:secp256k1", "k256", "05");
    soft_token->key("EC:prime256v1", "twin", "06");
    soft_token->key("EC:prime256v1", "twin", "07");
    soft_token->key("EC:prime256v1", "alone", "08");
    soft_token->remove_public("alone");
    soft_token->add("twins");
    soft_token->key("EC:prime256v1", "key", "01", "twins");
    soft_token->add("twins", "5678");
  }
  static void TearDownTestSuite() { soft_token.reset(); }
  void SetUp() override {
    if (!soft_token) GTEST_SKIP() << test::SoftToken::kMissing;
  }

  static TokenModule module() {
    auto opened = TokenModule::open({test::SoftToken::module(), ""});
    if (!opened) throw std::runtime_error(opened.error().reply_text + opened.error().detail);
    return *opened;
  }
  static TokenUri uri(const std::string& object, const std::string& token = "ra") {
    return *TokenUri::parse("pkcs11:token=" + token + ";object=" + object);
  }
  static Secret pin(std::string_view digits = "1234") { return Secret(view(digits)); }

  static inline std::unique_ptr<test::SoftToken> soft_token;
};

// The first of all: later ones find the token open to this process.
TEST_F(Tokens, show_a_pin_once) {
  const TokenModule m = module();
  EXPECT_EQ(code(m.key(uri("p256"), Secret())), "crypto.token-pin-needed");
  const auto wrong = m.key(uri("p256"), pin("9999"));
  ASSERT_EQ(code(wrong), "crypto.token-pin");
  EXPECT_THAT(wrong.error().reply_text, HasSubstr("pkcs11:token=ra;object=p256"));
  EXPECT_EQ(code(m.key(uri("none"), pin("1"))), "crypto.token-pin");
  EXPECT_EQ(code(m.key(uri("none"), pin())), "crypto.token-key");
  EXPECT_EQ(code(m.key(uri("none"), pin())), "crypto.token-missing") << "it is open by now";
  EXPECT_EQ(code(m.key(uri("p256"), Secret())), "ok");
}

TEST_F(Tokens, sign_with_keys_of_each_kind) {
  const TokenModule m = module();
  for (const auto& [label, kind] : {std::pair{"p256", KeyKind::p256},
                                    {"p384", KeyKind::p384},
                                    {"rsa", KeyKind::rsa},
                                    {"ed25519", KeyKind::ed25519}}) {
    const auto key = m.key(uri(label), pin());
    ASSERT_EQ(code(key), "ok") << label << key.error().reply_text << key.error().detail;
    EXPECT_EQ(key->public_key().kind(), kind);
    for (const std::string_view tbs : {"", "to be signed"}) {
      const auto signature = key->sign(view(tbs));
      ASSERT_EQ(code(signature), "ok") << label;
      EXPECT_EQ(code(verify(key->public_key(), key->default_signature_algorithm(), view(tbs),
                            *signature)),
                "ok")
          << label;
    }
  }
}

TEST_F(Tokens, sign_from_several_threads) {
  const auto key = module().key(uri("p256"), pin());
  ASSERT_EQ(code(key), "ok");
  std::vector<std::thread> threads;
  threads.reserve(4);
  std::atomic<int> good = 0;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int n = 0; n < 20; ++n) good += key->sign(view("tbs")) ? 1 : 0;
    });
  for (auto& t : threads) t.join();
  EXPECT_EQ(good, 80);
}

TEST_F(Tokens, say_what_stands_in_the_way) {
  const TokenModule m = module();
  EXPECT_EQ(code(m.key(uri("p256", "other"), pin())), "crypto.token-missing");
  EXPECT_EQ(code(m.key(uri("twin"), pin())), "crypto.token-key");
  EXPECT_EQ(code(m.key(*TokenUri::parse("pkcs11:token=ra;object=twin;id=%07"), pin())), "ok");
  EXPECT_EQ(code(m.key(uri("alone"), pin())), "crypto.token-public-key");
  EXPECT_EQ(code(m.key(uri("k256"), pin())), "crypto.token-key-kind");
}

TEST_F(Tokens, are_named_by_their_serial_where_several_fit) {
  const TokenModule m = module();
  EXPECT_EQ(code(m.key(uri("key", "twins"), pin())), "crypto.token-several");
  EXPECT_EQ(code(m.key(uri("key", "twins"), Secret())), "crypto.token-several");
}

TEST_F(Tokens, sign_no_more_when_their_key_is_gone_and_again_when_it_is_back) {
  soft_token->key("EC:prime256v1", "fleeting", "09");
  soft_token->keep();
  const TokenModule m = module();
  const auto key = m.key(uri("fleeting"), pin());
  ASSERT_EQ(code(key), "ok");
  soft_token->remove_private("fleeting");
  EXPECT_EQ(code(key->sign(view("tbs"))), "crypto.token-sign");
  EXPECT_EQ(code(m.key(uri("fleeting"), pin())), "crypto.token-missing");
  soft_token->restore();
  const auto again = m.key(uri("fleeting"), pin());
  ASSERT_EQ(code(again), "ok");
  EXPECT_EQ(code(again->sign(view("tbs"))), "ok");
}

TEST_F(Tokens, need_a_module_and_a_provider) {
  const std::string soft = test::SoftToken::module();
  EXPECT_EQ(code(TokenModule::open({"", ""})), "crypto.token-module");
  EXPECT_EQ(code(TokenModule::open({"/nonexistent/module.so", ""})), "crypto.token-module");
  const std::string no_module = COUNTERSIGN_OPENSSL;
  EXPECT_EQ(code(TokenModule::open({no_module, ""})), "crypto.token-module");
  EXPECT_EQ(code(TokenModule::open({soft, "/nonexistent/pkcs11.so"})), "crypto.token-provider");
  EXPECT_EQ(code(TokenModule::open({soft, soft})), "crypto.token-module");
}

}  // namespace
}  // namespace countersign::crypto
