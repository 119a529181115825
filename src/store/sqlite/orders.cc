#include "store/sqlite/orders.h"

#include <algorithm>

namespace countersign::store::sqlite {
namespace {

constexpr char kStore[] =
    "INSERT INTO orders (id, endpoint, sender, transaction_id, request_index, memo, due, ends_at, "
    "kind, authority) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET memo = "
    "excluded.memo, "
    "due = excluded.due, ends_at = excluded.ends_at, authority = excluded.authority, "
    "lease_until = NULL";
constexpr char kFind[] =
    "SELECT id, endpoint, sender, transaction_id, request_index, memo, due, ends_at, kind, "
    "authority "
    "FROM orders WHERE id = ?";
constexpr char kList[] =
    "SELECT id, endpoint, sender, transaction_id, request_index, memo, due, ends_at, kind, "
    "authority "
    "FROM orders WHERE kind = ? AND ends_at > ? ORDER BY number LIMIT 10000";
constexpr char kHasMemo[] = "SELECT 1 FROM orders WHERE id = ? AND memo = ?";
constexpr char kAnyDue[] =
    "SELECT 1 FROM orders WHERE kind = ?1 AND due <= ?2 "
    "AND (lease_until IS NULL OR lease_until <= ?2) LIMIT 1";
constexpr char kClaim[] =
    "UPDATE orders SET lease_until = ?2 WHERE number IN ("
    "SELECT number FROM orders WHERE kind = ?4 AND due <= ?1 "
    "AND (lease_until IS NULL OR lease_until <= ?1) ORDER BY due LIMIT ?3) "
    "RETURNING id, endpoint, sender, transaction_id, request_index, memo, due, ends_at, kind, "
    "authority";
constexpr char kRemove[] =
    "DELETE FROM orders WHERE number IN ("
    "SELECT number FROM orders WHERE ends_at <= ? AND due IS NULL LIMIT ?)";

enrol::OrderRecord read_order(const Row& row) {
  return {row.text(0),
          row.text(1),
          row.text(2),
          TransactionId{row.blob(3)},
          static_cast<std::size_t>(row.integer(4)),
          row.blob(5),
          row.maybe_time(6),
          row.time_at(7),
          static_cast<enrol::OrderKind>(row.integer(8)),
          row.text(9)};
}

std::int64_t number_of(enrol::OrderKind kind) { return static_cast<std::int64_t>(kind); }

}  // namespace

Result<> store_order(WriteSession& session, const enrol::OrderRecord& r) {
  return session.database.run(kStore, r.id, r.endpoint, r.sender, r.transaction,
                              static_cast<std::int64_t>(r.index), r.memo, r.due, r.ends_at,
                              number_of(r.kind), r.authority);
}

Result<std::optional<enrol::OrderRecord>> find_order(Database& database, const std::string& id) {
  std::optional<enrol::OrderRecord> found;
  TRY(database.each(kFind, [&](const Row& row) { found = read_order(row); }, id));
  return found;
}

Result<OrderRecords> list_orders(Database& database, enrol::OrderKind kind, Time now) {
  OrderRecords found;
  TRY(database.each(
      kList, [&](const Row& row) { found.push_back(read_order(row)); }, number_of(kind), now));
  return found;
}

Result<> change_order(WriteSession& session, const enrol::OrderRecord& record, View from) {
  if (!TRY(session.database.number(kHasMemo, record.id, from)))
    return fail(Failure::systemUnavail, "store.conflict",
                "somebody else has just changed that order; look again");
  return store_order(session, record);
}

Result<bool> is_any_order_due(Database& database, enrol::OrderKind kind, Time now) {
  return TRY(database.number(kAnyDue, number_of(kind), now)).has_value();
}

Result<OrderRecords> claim_due_orders(WriteSession& session, enrol::OrderKind kind,
                                      const ports::Due& due, Time until) {
  OrderRecords found;
  TRY(session.database.each(
      kClaim, [&](const Row& row) { found.push_back(read_order(row)); }, due.now, until,
      static_cast<std::int64_t>(due.most), number_of(kind)));
  std::ranges::sort(found, {}, [](const auto& record) { return record.due; });
  return found;
}

Result<> drop_order_leases(WriteSession& session) {
  return session.database.run("UPDATE orders SET lease_until = NULL WHERE lease_until IS NOT NULL");
}

Result<std::int64_t> remove_ended_orders(WriteSession& session, Time now, std::int64_t most) {
  return TRY(session.database.change(kRemove, now, most));
}

}  // namespace countersign::store::sqlite
