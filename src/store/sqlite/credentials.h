// The rows of the tables `credentials` (shared secrets, sealed) and `trust` (anchors of senders).
// Functions that write belong in a writer's job. Errors: those of database.h; "store.conflict";
// "store.reference-exists".
#pragma once

#include "ports/store.h"
#include "store/sqlite/writer.h"

namespace countersign::store::sqlite {

// ---- credentials
Result<Bytes> seal_credential(const Vault& vault, const enrol::CredentialRecord& record);
Result<> insert_credential(WriteSession& session, const enrol::CredentialRecord& record,
                           View sealed_secret);
// false: it is not there.
Result<bool> rotate_credential(WriteSession& session, const Vault& vault,
                               const ports::Ledger::Rotation& rotation);
// Those whose time is over and under which nothing is open; how many.
Result<std::int64_t> forget_former_secrets(WriteSession& session, Time now);
Result<bool> delete_credential(WriteSession& session, std::string_view reference);
// Guard for a reservation: the credential is there, and has as many uses left. Giving back never
// goes above what was granted, and is nothing for a credential that is gone.
Result<> change_uses(WriteSession& session, const ports::UseChange& change);

Result<std::optional<enrol::CredentialRecord>> find_credential(Database& database,
                                                               const Vault& vault,
                                                               std::string_view reference);
Result<std::vector<enrol::CredentialRecord>> list_credentials(Database& database,
                                                              const Vault& vault);

// ---- trust
// Replaces what is kept under the same fingerprint.
Result<> put_trust(WriteSession& session, const enrol::TrustRecord& record);
Result<bool> delete_trust(WriteSession& session, View fingerprint);
Result<std::vector<enrol::TrustRecord>> list_trust(Database& database);

}  // namespace countersign::store::sqlite
