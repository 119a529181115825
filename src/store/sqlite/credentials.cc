#include "store/sqlite/credentials.h"

#include <algorithm>

#include "store/sqlite/sealed_kinds.h"

#define CREDENTIAL_COLUMNS                                                                   \
  "SELECT reference, secret, made_by_us, profile, names, uses_left, uses_granted, expires, " \
  "created, cmp_profile, begins, note, enabled, author, networks, former_secret, "           \
  "former_made_by_us, former_until, subscriber, is_ra FROM credentials "

namespace countersign::store::sqlite {
namespace {

constexpr char kInsert[] =
    "INSERT INTO credentials (reference, secret, made_by_us, profile, names, uses_left, "
    "uses_granted, expires, created, cmp_profile, begins, note, enabled, author, networks, "
    "subscriber, is_ra) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT DO NOTHING";
constexpr char kRotate[] =
    "UPDATE credentials SET secret = ?2, made_by_us = 1, former_secret = ?3, "
    "former_made_by_us = ?4, former_until = ?5 WHERE reference = ?1";
// What began under the former secret is carried to its end under it.
constexpr char kForgetFormer[] =
    "UPDATE credentials SET former_secret = NULL, former_made_by_us = NULL, former_until = NULL "
    "WHERE former_until <= ? AND NOT EXISTS (SELECT 1 FROM transactions "
    "WHERE sender = 'secret:' || CAST(credentials.reference AS TEXT))";
constexpr char kFind[] = CREDENTIAL_COLUMNS "WHERE reference = ?";
constexpr char kList[] = CREDENTIAL_COLUMNS "ORDER BY created, reference";
constexpr char kReserve[] =
    "UPDATE credentials SET uses_left = uses_left + ?2 WHERE reference = ?1 "
    "AND (uses_left IS NULL OR uses_left + ?2 >= 0)";
constexpr char kGiveBack[] =
    "UPDATE credentials SET uses_left = CASE WHEN uses_granted > 0 "
    "THEN min(uses_left + ?2, max(uses_granted, uses_left)) ELSE uses_left + ?2 END "
    "WHERE reference = ?1 AND uses_left IS NOT NULL";
constexpr char kPutTrust[] =
    "INSERT INTO trust (fingerprint, der, names, is_ra, created) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (fingerprint) DO UPDATE SET der = excluded.der, names = excluded.names, "
    "is_ra = excluded.is_ra, created = excluded.created";

std::string joined(const std::vector<std::string>& networks) {
  std::string out;
  for (const std::string& one : networks) out.append(out.empty() ? "" : " ").append(one);
  return out;
}

std::vector<std::string> split(std::string_view networks) {
  std::vector<std::string> out;
  while (!networks.empty()) {
    const auto space = std::min(networks.find(' '), networks.size());
    out.emplace_back(networks.substr(0, space));
    networks.remove_prefix(std::min(space + 1, networks.size()));
  }
  return out;
}

Result<enrol::CredentialRecord> read_credential(const Row& row, const Vault& vault) {
  enrol::CredentialRecord record;
  record.reference = row.text(0);
  record.secret = TRY(vault.open(kSealedCredential, view(record.reference), row.octets(1)));
  record.made_by_us = row.integer(2) != 0;
  record.profile = row.text(3);
  record.names = row.text(4);
  record.uses_left = row.maybe_integer(5);
  record.uses_granted = row.integer(6);
  record.expires = row.maybe_time(7);
  record.created = row.time_at(8);
  record.cmp_profile = row.text(9);
  record.begins = row.maybe_time(10);
  record.note = row.text(11);
  record.enabled = row.integer(12) != 0;
  record.author = row.text(13);
  record.networks = split(row.text(14));
  if (!row.null(15)) {
    Secret former =
        TRY(vault.open(kSealedFormerCredential, view(record.reference), row.octets(15)));
    record.former = enrol::FormerSecret{std::move(former), row.integer(16) != 0, row.time_at(17)};
  }
  record.subscriber = row.text(18);
  record.is_ra = row.integer(19) != 0;
  return record;
}

}  // namespace

Result<Bytes> seal_credential(const Vault& vault, const enrol::CredentialRecord& record) {
  return vault.seal(kSealedCredential, view(record.reference), record.secret.expose());
}

Result<> insert_credential(WriteSession& session, const enrol::CredentialRecord& record,
                           View sealed_secret) {
  const int added = TRY(session.database.change(
      kInsert, view(record.reference), sealed_secret, int{record.made_by_us}, record.profile,
      record.names, record.uses_left, record.uses_granted, record.expires, record.created,
      record.cmp_profile, record.begins, record.note, int{record.enabled}, record.author,
      joined(record.networks), record.subscriber, int{record.is_ra}));
  if (added == 0)
    return fail(Failure::systemFailure, "store.reference-exists",
                "there is a credential with the reference " + record.reference +
                    " already; remove it first, or choose another reference");
  session.note_change();
  return {};
}

Result<bool> rotate_credential(WriteSession& session, const Vault& vault,
                               const ports::Ledger::Rotation& rotation) {
  const auto present = TRY(find_credential(session.database, vault, rotation.reference));
  if (!present) return false;
  const View reference = view(rotation.reference);
  const Bytes fresh = TRY(vault.seal(kSealedCredential, reference, rotation.fresh.expose()));
  std::optional<Bytes> former;
  std::optional<std::int64_t> made_by_us;
  if (rotation.former_until) {
    former = TRY(vault.seal(kSealedFormerCredential, reference, present->secret.expose()));
    made_by_us = present->made_by_us ? 1 : 0;
  }
  TRY(session.database.change(kRotate, reference, fresh, former, made_by_us,
                              rotation.former_until));
  session.note_change();
  return true;
}

Result<std::int64_t> forget_former_secrets(WriteSession& session, Time now) {
  return TRY(session.database.change(kForgetFormer, now));
}

Result<bool> delete_credential(WriteSession& session, std::string_view reference) {
  const int removed =
      TRY(session.database.change("DELETE FROM credentials WHERE reference = ?", view(reference)));
  if (removed > 0) session.note_change();
  return removed > 0;
}

Result<> change_uses(WriteSession& session, const ports::UseChange& change) {
  const View reference = view(change.reference);
  const bool reserves = change.delta < 0;
  const int changed =
      TRY(session.database.change(reserves ? kReserve : kGiveBack, reference, change.delta));
  if (changed > 0 || !reserves) return {};
  return fail(Failure::systemUnavail, "store.conflict",
              "another message used the same credential; send the same message again",
              "credential " + change.reference + " has no use left");
}

Result<std::optional<enrol::CredentialRecord>> find_credential(Database& database,
                                                               const Vault& vault,
                                                               std::string_view reference) {
  std::optional<enrol::CredentialRecord> found;
  const auto on_row = [&](const Row& row) -> Result<> {
    found = TRY(read_credential(row, vault));
    return {};
  };
  TRY(database.each(kFind, on_row, view(reference)));
  return found;
}

Result<std::vector<enrol::CredentialRecord>> list_credentials(Database& database,
                                                              const Vault& vault) {
  std::vector<enrol::CredentialRecord> all;
  const auto on_row = [&](const Row& row) -> Result<> {
    all.push_back(TRY(read_credential(row, vault)));
    return {};
  };
  TRY(database.each(kList, on_row));
  return all;
}

Result<> put_trust(WriteSession& session, const enrol::TrustRecord& record) {
  TRY(session.database.run(kPutTrust, record.fingerprint, record.der, record.names,
                           int{record.is_ra}, record.created));
  session.note_change();
  return {};
}

Result<bool> delete_trust(WriteSession& session, View fingerprint) {
  const int removed =
      TRY(session.database.change("DELETE FROM trust WHERE fingerprint = ?", fingerprint));
  if (removed > 0) session.note_change();
  return removed > 0;
}

Result<std::vector<enrol::TrustRecord>> list_trust(Database& database) {
  std::vector<enrol::TrustRecord> all;
  TRY(database.each("SELECT fingerprint, der, names, is_ra, created FROM trust ORDER BY number",
                    [&](const Row& row) {
                      all.push_back({row.blob(0), row.blob(1), row.text(2), row.integer(3) != 0,
                                     row.time_at(4)});
                    }));
  return all;
}

}  // namespace countersign::store::sqlite
