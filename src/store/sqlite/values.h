// The rows of the table `named_values`: settings, the CRL, encrypted keys.
// Errors: those of database.h; "store.value-sealed" for reading a sealed one as if it were open,
// "store.value-open" for the reverse; crypto.seal-broken.
#pragma once

#include <optional>

#include "store/sqlite/database.h"
#include "store/vault.h"

namespace countersign::store::sqlite {

enum class Sealed { no, yes };

Result<Bytes> seal_value(const Vault& vault, std::string_view name, View value);
Result<> write_value(Database& database, std::string_view name, View value, Sealed sealed);
Result<std::optional<Bytes>> read_value(Database& database, std::string_view name);
Result<std::optional<Secret>> read_secret_value(Database& database, const Vault& vault,
                                                std::string_view name);

}  // namespace countersign::store::sqlite
