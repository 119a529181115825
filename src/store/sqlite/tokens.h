// The rows of the table `tokens`: digests of registration tokens and authenticators, never their
// values. Functions that write belong in a writer's job. Errors: those of database.h;
// "store.conflict"; "store.token-exists".
#pragma once

#include "ports/store.h"
#include "store/sqlite/writer.h"

namespace countersign::store::sqlite {

Result<> insert_token(WriteSession& session, const enrol::TokenRecord& record);
Result<bool> delete_token(WriteSession& session, View digest);
// Guard for a reservation: the token is there, and has as many uses left. Giving back never goes
// above what was granted, and is nothing for a token that is gone.
Result<> change_uses(WriteSession& session, const ports::TokenUse& use);

Result<std::optional<enrol::TokenRecord>> find_token(Database& database, View digest);
Result<std::vector<enrol::TokenRecord>> list_tokens(Database& database);

}  // namespace countersign::store::sqlite
