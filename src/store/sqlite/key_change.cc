#include "store/sqlite/key_change.h"

#include <array>

#include "store/sqlite/audit_lane.h"
#include "store/sqlite/sealed_kinds.h"
#include "store/sqlite/values.h"
#include "store/vault.h"

namespace countersign::store::sqlite {
namespace {

constexpr Patience kPatience{10'000};

// Where the values of a kind are: a page of rows behind a key, and how one is put back.
struct SealedColumn {
  const char* kind;
  const char* page;
  const char* put;
};
constexpr std::array kColumns = {
    SealedColumn{kSealedReply,
                 "SELECT digest, sealed FROM replies WHERE digest > ? ORDER BY digest LIMIT 500",
                 "UPDATE replies SET sealed = ?2 WHERE digest = ?1"},
    SealedColumn{kSealedCredential,
                 "SELECT reference, secret FROM credentials WHERE reference > ? "
                 "ORDER BY reference LIMIT 500",
                 "UPDATE credentials SET secret = ?2 WHERE reference = ?1"},
    SealedColumn{kSealedFormerCredential,
                 "SELECT reference, former_secret FROM credentials WHERE reference > ? "
                 "AND former_secret IS NOT NULL ORDER BY reference LIMIT 500",
                 "UPDATE credentials SET former_secret = ?2 WHERE reference = ?1"},
    SealedColumn{kSealedValue,
                 "SELECT name, value FROM named_values WHERE name > CAST(? AS TEXT) "
                 "AND sealed = 1 ORDER BY name LIMIT 500",
                 "UPDATE named_values SET value = ?2 WHERE name = CAST(?1 AS TEXT)"},
};

struct Vaults {
  Vault from, to;
};

Result<std::int64_t> seal_anew(Database& database, const SealedColumn& column,
                               const Vaults& vaults) {
  std::int64_t total = 0;
  Bytes last;
  for (;;) {
    std::vector<std::pair<Bytes, Bytes>> page;
    const auto on_row = [&](const Row& row) -> Result<> {
      const Secret opened = TRY(vaults.from.open(column.kind, row.octets(0), row.octets(1)));
      Bytes sealed = TRY(vaults.to.seal(column.kind, row.octets(0), opened.expose()));
      page.emplace_back(row.blob(0), std::move(sealed));
      return {};
    };
    TRY(database.each(column.page, on_row, last));
    if (page.empty()) return total;
    for (const auto& [key, sealed] : page) TRY(database.run(column.put, key, sealed));
    total += static_cast<std::int64_t>(page.size());
    last = std::move(page.back().first);
  }
}

Result<std::int64_t> change_in_transaction(Database& database, const Vaults& vaults,
                                           const AuditLane& lane, const enrol::AuditRow& row) {
  std::int64_t total = 0;
  for (const SealedColumn& column : kColumns) total += TRY(seal_anew(database, column, vaults));
  TRY(sign_audit_anew(database, vaults.from, vaults.to));
  AuditHead head;
  TRY(lane.append(database, head, row));
  TRY(lane.seal(database, head));
  return total;
}

// One that was cut off in writing has sealed nothing.
Result<std::optional<StoreKey>> next_key(const std::string& folder) {
  auto next = read_next_store_key(folder);
  if (next || next.error().code != "store.key-size") return next;
  TRY(drop_next_store_key(folder));
  return std::optional<StoreKey>();
}

Result<bool> opens(const DataFolder& folder, const Secret& key, Entropy& entropy) {
  const Vault vault = TRY(Vault::make(key, entropy));
  Database database = TRY(Database::open(folder.database(), Database::Access::write, kPatience));
  const auto check = read_secret_value(database, vault, kKeyCheck);
  if (!check && check.error().code != "crypto.seal-broken") return std::unexpected(check.error());
  return check && check->has_value();
}

}  // namespace

Result<std::int64_t> change_store_key(const std::string& file, const Secret& present,
                                      const Secret& next, Entropy& entropy,
                                      const enrol::AuditRow& row) {
  // Named one by one: gcc 12 does not destroy the first where the second returns from here.
  Vault from = TRY(Vault::make(present, entropy));
  Vault to = TRY(Vault::make(next, entropy));
  const Vaults vaults{std::move(from), std::move(to)};
  const AuditLane lane = TRY(AuditLane::make(vaults.to, entropy, row.at));
  Database database = TRY(Database::open(file, Database::Access::write, kPatience));
  // What the old key opens does not stay in pages that are free.
  TRY(database.execute("PRAGMA secure_delete = ON"));
  TRY(database.run("BEGIN IMMEDIATE"));
  const auto total = change_in_transaction(database, vaults, lane, row);
  if (!total) {
    if (database.in_transaction()) TRY(database.run("ROLLBACK"));
    return std::unexpected(total.error());
  }
  TRY(database.run("COMMIT"));
  return *total;
}

Result<StoreKey> settled_store_key(const DataFolder& folder, const std::string& credentials,
                                   Entropy& entropy) {
  // In this order: another command may put the next key into its place meanwhile.
  auto next = TRY(next_key(folder.path()));
  auto present = read_store_key(folder.path(), credentials);
  const bool elsewhere = present && present->source == StoreKey::Source::credential;
  if (!next || elsewhere) return present;
  if (present && TRY(opens(folder, present->key, entropy))) {
    TRY(drop_next_store_key(folder.path()));
    return present;
  }
  if (!TRY(opens(folder, next->key, entropy))) return present;
  TRY(adopt_next_store_key(folder.path()));
  return *std::move(next);
}

}  // namespace countersign::store::sqlite
