// The rows of the table `orders`: what an issuer elsewhere remembers, and when it goes on.
// Functions that write belong in a writer's job. Errors: those of database.h.
#pragma once

#include "ports/store.h"
#include "store/sqlite/writer.h"

namespace countersign::store::sqlite {

using OrderRecords = std::vector<enrol::OrderRecord>;

// Instead of the one of that id. Ends its lease.
Result<> store_order(WriteSession& session, const enrol::OrderRecord& record);

Result<std::optional<enrol::OrderRecord>> find_order(Database& database, const std::string& id);

// Those that have not ended, oldest first.
Result<OrderRecords> list_orders(Database& database, enrol::OrderKind kind, Time now);
// "store.conflict" unless the memo is `from`.
Result<> change_order(WriteSession& session, const enrol::OrderRecord& record, View from);

Result<bool> is_any_order_due(Database& database, enrol::OrderKind kind, Time now);
// The due ones that nobody has leased, leased until `until`, in the order of their times.
Result<OrderRecords> claim_due_orders(WriteSession& session, enrol::OrderKind kind,
                                      const ports::Due& due, Time until);

Result<> drop_order_leases(WriteSession& session);
// At most `most` that have ended and wait for nothing; how many were removed.
Result<std::int64_t> remove_ended_orders(WriteSession& session, Time now, std::int64_t most);

}  // namespace countersign::store::sqlite
