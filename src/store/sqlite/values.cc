#include "store/sqlite/values.h"

#include "store/sqlite/sealed_kinds.h"

namespace countersign::store::sqlite {
namespace {

constexpr char kRead[] = "SELECT value, sealed FROM named_values WHERE name = ?";
constexpr char kWrite[] =
    "INSERT INTO named_values (name, value, sealed) VALUES (?, ?, ?) "
    "ON CONFLICT (name) DO UPDATE SET value = excluded.value, sealed = excluded.sealed";

}  // namespace

Result<Bytes> seal_value(const Vault& vault, std::string_view name, View value) {
  return vault.seal(kSealedValue, view(name), value);
}

Result<> write_value(Database& database, std::string_view name, View value, Sealed sealed) {
  TRY(database.run(kWrite, name, value, int{sealed == Sealed::yes}));
  return {};
}

Result<std::optional<Bytes>> read_value(Database& database, std::string_view name) {
  std::optional<Bytes> found;
  const auto on_row = [&](const Row& row) -> Result<> {
    if (row.integer(1) != 0)
      return fail(Failure::systemFailure, "store.value-sealed",
                  "the value " + std::string(name) + " is sealed: read it as a secret");
    found = row.blob(0);
    return {};
  };
  TRY(database.each(kRead, on_row, name));
  return found;
}

Result<std::optional<Secret>> read_secret_value(Database& database, const Vault& vault,
                                                std::string_view name) {
  std::optional<Secret> found;
  const auto on_row = [&](const Row& row) -> Result<> {
    if (row.integer(1) == 0)
      return fail(Failure::systemFailure, "store.value-open",
                  "the value " + std::string(name) + " is not sealed: it is no secret");
    found = TRY(vault.open(kSealedValue, view(name), row.octets(0)));
    return {};
  };
  TRY(database.each(kRead, on_row, name));
  return found;
}

}  // namespace countersign::store::sqlite
