#include "store/sqlite/transactions.h"

#include <algorithm>

namespace countersign::store::sqlite {
namespace {

constexpr char kInsert[] =
    "INSERT INTO transactions (endpoint, id, sender, version, state, wake_at, ends_at) "
    "VALUES (?, ?, ?, 1, ?, ?, ?) ON CONFLICT DO NOTHING";
constexpr char kUpdate[] =
    "UPDATE transactions SET version = version + 1, state = ?, wake_at = ?, ends_at = ?, "
    "lease_until = NULL WHERE endpoint = ? AND id = ? AND sender = ? AND version = ?";
constexpr char kFind[] =
    "SELECT endpoint, sender, id, version, state, wake_at, ends_at FROM transactions "
    "WHERE endpoint = ? AND id = ?";
constexpr char kAnyDue[] =
    "SELECT 1 FROM transactions WHERE wake_at <= ?1 AND (lease_until IS NULL OR lease_until <= ?1) "
    "LIMIT 1";
constexpr char kClaim[] =
    "UPDATE transactions SET lease_until = ?2 WHERE number IN ("
    "SELECT number FROM transactions "
    "WHERE wake_at <= ?1 AND (lease_until IS NULL OR lease_until <= ?1) ORDER BY wake_at LIMIT ?3) "
    "RETURNING endpoint, sender, id, version, state, wake_at, ends_at";
// A row must not end before the time it waits for.
constexpr char kRestart[] =
    "UPDATE transactions SET wake_at = ?1, ends_at = max(ends_at, ?1) WHERE wake_at < ?1";
constexpr char kRemove[] =
    "DELETE FROM transactions WHERE number IN ("
    "SELECT number FROM transactions WHERE ends_at <= ? AND wake_at IS NULL LIMIT ?)";

enrol::TransactionRecord read_transaction(const Row& row) {
  return {row.text(0),       row.text(1),   TransactionId{row.blob(2)}, row.integer(3), row.blob(4),
          row.maybe_time(5), row.time_at(6)};
}

}  // namespace

Result<> store_transaction(WriteSession& session, const enrol::TransactionRecord& record) {
  const bool is_new = record.version == 0;
  const int stored =
      is_new
          ? TRY(session.database.change(kInsert, record.endpoint, record.id, record.sender,
                                        record.state, record.wake_at, record.ends_at))
          : TRY(session.database.change(kUpdate, record.state, record.wake_at, record.ends_at,
                                        record.endpoint, record.id, record.sender, record.version));
  if (stored == 1) return {};
  return fail(
      Failure::systemUnavail, "store.conflict",
      "another message of this transaction came first; send the same message again",
      "transaction " + record.id.hex() + " has not version " + std::to_string(record.version));
}

Result<TransactionRecords> find_transactions(Database& database, const std::string& endpoint,
                                             const TransactionId& id) {
  TransactionRecords found;
  TRY(database.each(
      kFind, [&](const Row& row) { found.push_back(read_transaction(row)); }, endpoint, id));
  return found;
}

Result<bool> is_any_due(Database& database, Time now) {
  return TRY(database.number(kAnyDue, now)).has_value();
}

Result<TransactionRecords> claim_due(WriteSession& session, const ports::Due& due, Time until) {
  TransactionRecords found;
  TRY(session.database.each(
      kClaim, [&](const Row& row) { found.push_back(read_transaction(row)); }, due.now, until,
      static_cast<std::int64_t>(due.most)));
  std::ranges::sort(found, {}, [](const auto& record) { return record.wake_at; });
  return found;
}

Result<> restart_waits(WriteSession& session, Time earliest) {
  TRY(session.database.run(kRestart, earliest));
  TRY(session.database.run(
      "UPDATE transactions SET lease_until = NULL WHERE lease_until IS NOT NULL"));
  return {};
}

Result<std::int64_t> remove_ended(WriteSession& session, Time now, std::int64_t most) {
  return TRY(session.database.change(kRemove, now, most));
}

}  // namespace countersign::store::sqlite
