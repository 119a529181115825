// Registration tokens and authenticators (RFC 4211 §6.1, §6.2), and the challengePassword of a
// PKCS #10 request (RFC 2985 §5.4.1), which counts as a regToken: values that operator and
// subscriber agreed on out of band. They prove nothing alone, since they travel in clear: a message
// still needs its protection. A token narrows what its request may ask for.
//
// What is kept of one is its digest, so it has 16 characters at least: guessing must be hopeless.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "crmf/crmf.h"
#include "enrol/records.h"
#include "message/authenticated.h"
#include "x509/csr.h"

namespace countersign::enrol {

enum class TokenPolicy {
  ignore,   // RFC 4211 §6: nothing was agreed on
  check,    // those that are there must be known
  require,  // and ir, cr and p10cr must have one, but those of registration authorities
};

constexpr std::size_t kShortestToken = 16;  // characters

Bytes token_digest(TokenKind kind, std::string_view value);

// The digests of what a request shows, for the look-up; what is malformed shows nothing.
std::vector<Bytes> tokens_of(const crmf::CertRequest& wanted,
                             const std::vector<crmf::Attribute>& reg_info);
std::vector<Bytes> tokens_of(const x509::CertificationRequest& csr);

struct TokenRules {
  TokenPolicy policy = TokenPolicy::ignore;
  std::span<const TokenRecord> found;  // what the look-up gave
};
// The records of all that a request shows: none under `ignore`. Failure::notAuthorized,
// "token.unknown": one is not known, used up or expired; "token.missing".
Result<std::vector<const TokenRecord*>> check_tokens(std::span<const Bytes> shown,
                                                     const TokenRules& rules,
                                                     message::BodyType type,
                                                     const message::Sender& sender, Time now);

// One answer for whatever is wrong with a token: it says nothing about which values exist.
Error unknown_token(std::string detail);

}  // namespace countersign::enrol
