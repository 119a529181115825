// The routes below /api/v1/tokens.
#include "enrol/tokens.h"

#include "console/knowledge.h"
#include "console/page.h"
#include "console/routes.h"
#include "console/rows.h"
#include "server/officer.h"

namespace countersign::console {

using enrol::TokenKind;
using enrol::TokenRecord;

Handled list_tokens(const Call& call) {
  const auto id = [](const TokenRecord& r) { return to_hex(r.digest); };
  const auto row_of = [](const TokenRecord& r) { return to_json(r); };
  return page_by_key(call, TRY(call.at.ledger.tokens()), id, row_of);
}

Handled add_token(const Call& call) {
  TRY(check_knowledge(call));
  TokenRecord record;
  record.kind = server::token_kind_from_name(call.body.text("kind")).value_or(TokenKind::regToken);
  std::optional<std::int64_t> usual_uses;
  if (record.kind == TokenKind::regToken) usual_uses = 1;
  describe(record, call, "any", usual_uses);
  const std::string shown = server::random_secret(call.at.entropy);
  record.digest = enrol::token_digest(record.kind, shown);
  TRY(call.at.ledger.add_token(
      record, {console::row_of(call, "token-added", "token " + server::token_id(record))}));
  auto body = to_json(record);
  body["token"] = shown;
  return json_response(201, body);
}

Handled remove_token(const Call& call) {
  const auto all = TRY(call.at.ledger.tokens());
  const auto at = std::ranges::find(all, call.parameter, server::token_id);
  if (at == all.end()) return refuse(404, "console.no-token", "no token has this id");
  const std::string what = "token " + server::token_id(*at);
  if (!TRY(call.at.ledger.remove_token(at->digest, {row_of(call, "token-removed", what)})))
    return refuse(404, "console.no-token", "no token has this id");
  return ports::WebResponse{.status = 204};
}

}  // namespace countersign::console
