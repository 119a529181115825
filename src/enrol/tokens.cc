#include "enrol/tokens.h"

#include <algorithm>

#include "crypto/digest.h"

namespace countersign::enrol {
namespace {

using message::BodyType;

std::optional<std::string> text_of(const crmf::Attribute& control) {
  der::Context context(control.value);
  der::Reader in(control.value, context);
  auto text = in.utf8();
  if (!text || !in.at_end()) return std::nullopt;
  return std::string(*text);
}

bool must_have_one(BodyType type, const message::Sender& sender) {
  const bool opens = type == BodyType::ir || type == BodyType::cr || type == BodyType::p10cr;
  return opens && !sender.may_act_as_ra;
}

bool is_good(const TokenRecord& token, Time now) {
  return (!token.uses_left || *token.uses_left > 0) && (!token.expires || now < *token.expires);
}

}  // namespace

Error unknown_token(std::string detail) {
  return {Failure::notAuthorized, "token.unknown",
          "the regToken, authenticator or challengePassword is unknown, used up or expired; ask "
          "the operator for one (countersignd token add)",
          std::move(detail)};
}

Bytes token_digest(TokenKind kind, std::string_view value) {
  crypto::Hasher hasher(crypto::Digest::sha256);
  const Byte as[] = {static_cast<Byte>(kind)};
  hasher.update(as);
  hasher.update(view(value));
  return hasher.finish();
}

std::vector<Bytes> tokens_of(const crmf::CertRequest& wanted,
                             const std::vector<crmf::Attribute>& reg_info) {
  std::vector<Bytes> out;
  const auto add = [&](const crmf::Attribute& one) {
    const bool token = one.type == crmf::oids::reg_token;
    if (!token && one.type != crmf::oids::authenticator) return;
    const auto text = text_of(one);
    if (!text) return;
    Bytes digest = token_digest(token ? TokenKind::regToken : TokenKind::authenticator, *text);
    if (std::ranges::find(out, digest) == out.end()) out.push_back(std::move(digest));
  };
  std::ranges::for_each(wanted.controls, add);
  std::ranges::for_each(reg_info, add);
  return out;
}

std::vector<Bytes> tokens_of(const x509::CertificationRequest& csr) {
  if (csr.challenge_password.empty()) return {};
  return {token_digest(TokenKind::regToken, csr.challenge_password)};
}

Result<std::vector<const TokenRecord*>> check_tokens(std::span<const Bytes> shown,
                                                     const TokenRules& rules, BodyType type,
                                                     const message::Sender& sender, Time now) {
  std::vector<const TokenRecord*> out;
  if (rules.policy == TokenPolicy::ignore) return out;
  for (const Bytes& digest : shown) {
    const auto at = std::ranges::find(rules.found, digest, &TokenRecord::digest);
    // RFC 4211 §6.1: verified before a certificate is issued
    if (at == rules.found.end()) return std::unexpected(unknown_token("unknown"));
    if (!is_good(*at, now)) return std::unexpected(unknown_token("used up or expired"));
    out.push_back(&*at);
  }
  if (!out.empty() || rules.policy != TokenPolicy::require || !must_have_one(type, sender))
    return out;
  return fail(Failure::notAuthorized, "token.missing",
              "this server wants a regToken or authenticator among the controls, in a PKCS #10 "
              "request a challengePassword; ask the operator for one (countersignd token add)");
}

}  // namespace countersign::enrol
