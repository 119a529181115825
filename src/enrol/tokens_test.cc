#include "enrol/tokens.h"

#include "der/writer.h"
#include "enrol/test_values.h"

namespace countersign::enrol {
namespace {

using namespace test;
using message::BodyType;

const std::string kValue = "0123456789abcdef";

TokenRecord token(TokenKind kind = TokenKind::regToken) {
  TokenRecord out;
  out.digest = token_digest(kind, kValue);
  out.kind = kind;
  out.names = "any";
  return out;
}

crmf::Attribute control(const der::Oid& id, std::string_view text) {
  der::Writer w;
  w.utf8(text);
  return {id, std::move(w).take()};
}

TEST(Tokens, are_found_by_kind_and_value) {
  crmf::CertRequest wanted;
  wanted.controls = {control(crmf::oids::reg_token, kValue),
                     control(crmf::oids::authenticator, kValue),
                     {crmf::oids::old_cert_id, {0x05, 0x00}}};
  const auto shown = tokens_of(wanted, {});
  ASSERT_EQ(shown.size(), 2u);
  EXPECT_EQ(shown[0], token().digest);
  EXPECT_EQ(shown[1], token(TokenKind::authenticator).digest);
  EXPECT_NE(shown[0], shown[1]) << "a regToken is good for no authenticator";
  wanted.controls = {{crmf::oids::reg_token, {0x05, 0x00}}};
  EXPECT_TRUE(tokens_of(wanted, {}).empty()) << "what is no UTF8String shows nothing";
  wanted.controls = {control(crmf::oids::reg_token, kValue)};
  EXPECT_EQ(tokens_of({}, wanted.controls), std::vector<Bytes>{token().digest});
  EXPECT_EQ(tokens_of(wanted, wanted.controls), std::vector<Bytes>{token().digest})
      << "in both places it is one";

  x509::CertificationRequest csr;
  EXPECT_TRUE(tokens_of(csr).empty());
  csr.challenge_password = kValue;
  EXPECT_EQ(tokens_of(csr), std::vector<Bytes>{token().digest});
}

struct Case {
  const char* what;
  TokenPolicy policy;
  bool shown;
  std::vector<TokenRecord> found;
  std::string says;  // the code, or how many are good
  BodyType type = BodyType::ir;
  bool ra = false;
};

std::vector<Case> cases() {
  using enum TokenPolicy;
  auto spent = token();
  spent.uses_left = 0;
  auto last = token();
  last.uses_left = 1;
  auto over = token();
  over.expires = kNow;
  auto fresh = token();
  fresh.expires = kNow + Seconds{1};
  return {
      {"ignored, unknown", ignore, true, {}, "0"},
      {"ignored, known", ignore, true, {token()}, "0"},
      {"checked, none shown", check, false, {}, "0"},
      {"checked, known", check, true, {token()}, "1"},
      {"checked, its last use", check, true, {last}, "1"},
      {"checked, not yet expired", check, true, {fresh}, "1"},
      {"checked, unknown", check, true, {}, "token.unknown"},
      {"checked, another is known",
       check,
       true,
       {token(TokenKind::authenticator)},
       "token.unknown"},
      {"checked, used up", check, true, {spent}, "token.unknown"},
      {"checked, expired", check, true, {over}, "token.unknown"},
      {"required, known", require, true, {token()}, "1"},
      {"required, none in an ir", require, false, {}, "token.missing"},
      {"required, none in a cr", require, false, {}, "token.missing", BodyType::cr},
      {"required, none in a p10cr", require, false, {}, "token.missing", BodyType::p10cr},
      {"required, a kur has its certificate", require, false, {}, "0", BodyType::kur},
      {"required, an unknown one in a kur", require, true, {}, "token.unknown", BodyType::kur},
      {"required, an RA answers for it", require, false, {}, "0", BodyType::ir, true},
      {"required, an RA shows a bad one", require, true, {}, "token.unknown", BodyType::ir, true},
  };
}

TEST(Tokens, are_checked_by_the_policy) {
  const std::vector<Bytes> shown{token().digest};
  for (const Case& c : cases()) {
    auto sender = by_secret("alpha");
    sender.may_act_as_ra = c.ra;
    const auto good = check_tokens(c.shown ? shown : std::vector<Bytes>{}, {c.policy, c.found},
                                   c.type, sender, kNow);
    EXPECT_EQ(good ? std::to_string(good->size()) : std::string(good.error().code), c.says)
        << c.what;
  }
}

TEST(Tokens, one_answer_for_whatever_is_wrong_with_one) {
  auto spent = token();
  spent.uses_left = 0;
  const std::vector<Bytes> shown{token().digest};
  const auto sender = by_secret("alpha");
  const auto unknown =
      check_tokens(shown, {TokenPolicy::check, {}}, BodyType::ir, sender, kNow).error();
  const auto used =
      check_tokens(shown, {TokenPolicy::check, {&spent, 1}}, BodyType::ir, sender, kNow).error();
  EXPECT_EQ(unknown.reply_text, used.reply_text);
  EXPECT_EQ(unknown.failure, used.failure);
  EXPECT_NE(unknown.detail, used.detail) << "the operator sees which";
}

}  // namespace
}  // namespace countersign::enrol
