// The rows of the table `replies`: what was sent, sealed, to be sent again for the same request.
// Functions that write belong in a writer's job. Errors: those of database.h; "store.conflict".
#pragma once

#include "ports/store.h"
#include "store/sqlite/writer.h"

namespace countersign::store::sqlite {

// Sealed before it is queued: that needs no transaction.
struct SealedReply {
  RequestDigest digest;
  Bytes sealed;
  Time expires{};
};
Result<SealedReply> seal_reply(const Vault& vault, const ports::StoredReply& reply);

// Guard: the digest is new.
Result<> insert_reply(WriteSession& session, const SealedReply& reply);

// Nothing happens when there is none.
Result<> remove_reply(WriteSession& session, const RequestDigest& digest);

Result<std::optional<Bytes>> find_reply(Database& database, const Vault& vault,
                                        const RequestDigest& digest);

// At most `most` that expired by `now`, and, once none has, the oldest ones over `budget` octets;
// how many were removed.
Result<std::int64_t> remove_replies(WriteSession& session, Time now, std::size_t budget,
                                    std::int64_t most);

}  // namespace countersign::store::sqlite
