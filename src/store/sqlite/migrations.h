// The schema, as numbered steps. A database is brought from its version to the newest one when it
// is opened, in one transaction: all steps or none. Steps are only ever appended.
// Errors: store.newer-version, and those of database.h.
#pragma once

#include <span>

#include "store/sqlite/database.h"

namespace countersign::store::sqlite {

struct Migration {
  int number;  // 1, 2, 3 …
  const char* sql;
};
std::span<const Migration> migrations() noexcept;

enum class Migrated { no, yes, from_nothing };

// Within the caller's transaction (BEGIN IMMEDIATE).
Result<Migrated> migrate(Database& database, std::span<const Migration> steps);

}  // namespace countersign::store::sqlite
