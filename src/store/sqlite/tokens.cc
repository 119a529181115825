#include "store/sqlite/tokens.h"

#define TOKEN_COLUMNS \
  "SELECT digest, kind, profile, names, uses_left, uses_granted, expires, created FROM tokens "

namespace countersign::store::sqlite {
namespace {

constexpr char kInsert[] =
    "INSERT INTO tokens (digest, kind, profile, names, uses_left, uses_granted, expires, created) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
constexpr char kFind[] = TOKEN_COLUMNS "WHERE digest = ?";
constexpr char kList[] = TOKEN_COLUMNS "ORDER BY created, digest";
constexpr char kReserve[] =
    "UPDATE tokens SET uses_left = uses_left + ?2 WHERE digest = ?1 "
    "AND (uses_left IS NULL OR uses_left + ?2 >= 0)";
constexpr char kGiveBack[] =
    "UPDATE tokens SET uses_left = min(uses_left + ?2, max(uses_granted, uses_left)) "
    "WHERE digest = ?1 AND uses_left IS NOT NULL";

enrol::TokenRecord read_token(const Row& row) {
  enrol::TokenRecord record;
  record.digest = row.blob(0);
  record.kind = static_cast<enrol::TokenKind>(row.integer(1));
  record.profile = row.text(2);
  record.names = row.text(3);
  record.uses_left = row.maybe_integer(4);
  record.uses_granted = row.integer(5);
  record.expires = row.maybe_time(6);
  record.created = row.time_at(7);
  return record;
}

}  // namespace

Result<> insert_token(WriteSession& session, const enrol::TokenRecord& record) {
  const int added = TRY(session.database.change(
      kInsert, record.digest, static_cast<std::int64_t>(record.kind), record.profile, record.names,
      record.uses_left, record.uses_granted, record.expires, record.created));
  if (added > 0) return {};
  return fail(Failure::systemFailure, "store.token-exists",
              "there is this very token already; remove it first, or take another value");
}

Result<bool> delete_token(WriteSession& session, View digest) {
  return TRY(session.database.change("DELETE FROM tokens WHERE digest = ?", digest)) > 0;
}

Result<> change_uses(WriteSession& session, const ports::TokenUse& use) {
  const bool reserves = use.delta < 0;
  const int changed =
      TRY(session.database.change(reserves ? kReserve : kGiveBack, use.digest, use.delta));
  if (changed > 0 || !reserves) return {};
  return fail(Failure::systemUnavail, "store.conflict",
              "another message used the same token; send the same message again",
              "a token has no use left");
}

Result<std::optional<enrol::TokenRecord>> find_token(Database& database, View digest) {
  std::optional<enrol::TokenRecord> found;
  TRY(database.each(kFind, [&](const Row& row) { found = read_token(row); }, digest));
  return found;
}

Result<std::vector<enrol::TokenRecord>> list_tokens(Database& database) {
  std::vector<enrol::TokenRecord> all;
  TRY(database.each(kList, [&](const Row& row) { all.push_back(read_token(row)); }));
  return all;
}

}  // namespace countersign::store::sqlite
