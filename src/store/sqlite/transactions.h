// The rows of the table `transactions`: state of an exchange, the time it waits for, its lease.
// Functions that write belong in a writer's job. Errors: those of database.h; "store.conflict".
#pragma once

#include "ports/store.h"
#include "store/sqlite/writer.h"

namespace countersign::store::sqlite {

using TransactionRecords = std::vector<enrol::TransactionRecord>;

// Guard: the stored version is record.version, or, for 0, there is none. Ends the row's lease.
Result<> store_transaction(WriteSession& session, const enrol::TransactionRecord& record);

// Those of every sender.
Result<TransactionRecords> find_transactions(Database& database, const std::string& endpoint,
                                             const TransactionId& id);

Result<bool> is_any_due(Database& database, Time now);
// The due ones that nobody has leased, leased until `until`, in the order of their times.
Result<TransactionRecords> claim_due(WriteSession& session, const ports::Due& due, Time until);

Result<> restart_waits(WriteSession& session, Time earliest);
// At most `most` that have ended and wait for nothing; how many were removed.
Result<std::int64_t> remove_ended(WriteSession& session, Time now, std::int64_t most);

}  // namespace countersign::store::sqlite
