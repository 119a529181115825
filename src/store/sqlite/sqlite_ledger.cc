// The Ledger's half of SqliteStore: reads on a read connection, writes as jobs of the writer.
#include "store/sqlite/certificates.h"
#include "store/sqlite/credentials.h"
#include "store/sqlite/devices.h"
#include "store/sqlite/objects.h"
#include "store/sqlite/orders.h"
#include "store/sqlite/replies.h"
#include "store/sqlite/sqlite_store.h"
#include "store/sqlite/tokens.h"
#include "store/sqlite/transactions.h"
#include "store/sqlite/values.h"

namespace countersign::store::sqlite {
namespace {

// Rows that purge() removes in one commit: others must not wait long behind it.
constexpr std::int64_t kPurgeStep = 1000;

constexpr char kNewestAudit[] =
    "SELECT at, event, transaction_id, sender, subject, serial, code, detail FROM audit "
    "ORDER BY number DESC LIMIT ?";
constexpr char kAuditOf[] =
    "SELECT at, event, transaction_id, sender, subject, serial, code, detail FROM audit "
    "WHERE transaction_id = ? ORDER BY number";

}  // namespace

template <class Value>
Result<std::vector<enrol::AuditRow>> SqliteStore::audit_rows(const char* sql, const Value& value) {
  return readers_.read([&](Database& database) -> Result<std::vector<enrol::AuditRow>> {
    std::vector<enrol::AuditRow> rows;
    const auto on_row = [&](const Row& row) {
      rows.push_back({row.time_at(0), row.text(1), row.text(2), row.text(3), row.text(4),
                      row.text(5), row.text(6), row.text(7)});
    };
    TRY(database.each(sql, on_row, value));
    return rows;
  });
}

template <class Change>
Result<> SqliteStore::add(Change change, const Rows& rows) {
  return writer_->run([&](WriteSession& session) -> Result<> {
    TRY(change(session));
    return session.audit(rows);
  });
}

template <class Change>
Result<bool> SqliteStore::change_one(Change change, const Rows& rows) {
  bool was_there = false;
  TRY(writer_->run([&](WriteSession& session) -> Result<> {
    was_there = TRY(change(session));
    return was_there ? session.audit(rows) : Result<>{};
  }));
  return was_there;
}

Result<std::vector<enrol::CertificateRecord>> SqliteStore::certificates(
    const CertificateFilter& filter) {
  return readers_.read([&](Database& database) { return list_certificates(database, filter); });
}

Result<std::int64_t> SqliteStore::issued_since(std::string_view authority, Time since) {
  return readers_.read(
      [&](Database& database) { return count_issued(database, authority, since); });
}

Result<std::vector<enrol::CertificateRecord>> SqliteStore::revoked(Time now) {
  return readers_.read([&](Database& database) { return list_revoked(database, now); });
}

Result<std::vector<enrol::CredentialRecord>> SqliteStore::credentials() {
  return readers_.read([&](Database& database) { return list_credentials(database, *vault_); });
}

Result<> SqliteStore::add_credential(const enrol::CredentialRecord& record, const Rows& rows) {
  const Bytes sealed = TRY(seal_credential(*vault_, record));
  return add([&](WriteSession& session) { return insert_credential(session, record, sealed); },
             rows);
}

Result<bool> SqliteStore::remove_credential(std::string_view reference, const Rows& rows) {
  return change_one([&](WriteSession& session) { return delete_credential(session, reference); },
                    rows);
}

Result<bool> SqliteStore::rotate_credential(const Rotation& rotation, const Rows& rows) {
  return change_one(
      [&](WriteSession& session) { return sqlite::rotate_credential(session, *vault_, rotation); },
      rows);
}

Result<std::vector<enrol::TokenRecord>> SqliteStore::tokens() {
  return readers_.read([](Database& database) { return list_tokens(database); });
}

Result<> SqliteStore::add_token(const enrol::TokenRecord& record, const Rows& rows) {
  return add([&](WriteSession& session) { return insert_token(session, record); }, rows);
}

Result<bool> SqliteStore::remove_token(View digest, const Rows& rows) {
  return change_one([&](WriteSession& session) { return delete_token(session, digest); }, rows);
}

Result<std::vector<enrol::TrustRecord>> SqliteStore::trust() {
  return readers_.read([](Database& database) { return list_trust(database); });
}

Result<> SqliteStore::add_trust(const enrol::TrustRecord& record, const Rows& rows) {
  return add([&](WriteSession& session) { return put_trust(session, record); }, rows);
}

Result<bool> SqliteStore::remove_trust(View fingerprint, const Rows& rows) {
  return change_one([&](WriteSession& session) { return delete_trust(session, fingerprint); },
                    rows);
}

Result<std::vector<enrol::DeviceRecord>> SqliteStore::devices(const DeviceFilter& filter) {
  return readers_.read([&](Database& database) { return list_devices(database, filter); });
}

Result<std::optional<enrol::DeviceRecord>> SqliteStore::device(std::string_view serial) {
  return readers_.read([&](Database& database) { return find_device(database, serial); });
}

Result<> SqliteStore::change_devices(const std::vector<DeviceChange>& changes, const Rows& rows) {
  return writer_->run([&](WriteSession& session) -> Result<> {
    for (const auto& change : changes) TRY(change_device(session, change));
    return session.audit(rows);
  });
}

Result<std::vector<enrol::ObjectRecord>> SqliteStore::objects() {
  return readers_.read([](Database& database) { return list_objects(database); });
}

Result<std::vector<enrol::ObjectVersion>> SqliteStore::object_history(enrol::ObjectKind kind,
                                                                      std::string_view name) {
  return readers_.read(
      [&](Database& database) { return list_object_history(database, kind, name); });
}

Result<> SqliteStore::change_objects(const std::vector<enrol::ObjectChange>& changes,
                                     const Rows& rows,
                                     const std::optional<std::vector<enrol::ObjectRecord>>& seen) {
  return writer_->run([&](WriteSession& session) -> Result<> {
    if (seen) TRY(check_objects_are(session.database, *seen));
    for (const auto& change : changes) TRY(change_object(session, change));
    return session.audit(rows);
  });
}

Result<std::int64_t> SqliteStore::generation() {
  return readers_.read([](Database& database) -> Result<std::int64_t> {
    return TRY(database.number("SELECT value FROM generation")).value_or(0);
  });
}

Result<std::optional<Bytes>> SqliteStore::value(std::string_view name) {
  return readers_.read([&](Database& database) { return read_value(database, name); });
}

Result<> SqliteStore::set_value(std::string_view name, View value) {
  return writer_->run([&](WriteSession& session) {
    return write_value(session.database, name, value, Sealed::no);
  });
}

Result<> SqliteStore::set_secret_value(std::string_view name, const Secret& value) {
  const Bytes sealed = TRY(seal_value(*vault_, name, value.expose()));
  return writer_->run([&](WriteSession& session) {
    return write_value(session.database, name, sealed, Sealed::yes);
  });
}

Result<std::optional<Secret>> SqliteStore::secret_value(std::string_view name) {
  return readers_.read(
      [&](Database& database) { return read_secret_value(database, *vault_, name); });
}

Result<> SqliteStore::change_values(const ValuesChange& change, const enrol::AuditRow& row) {
  std::vector<std::pair<std::string, Bytes>> sealed;
  sealed.reserve(change.secrets.size());
  for (const auto& [name, secret] : change.secrets)
    sealed.emplace_back(name, TRY(seal_value(*vault_, name, secret.expose())));
  return writer_->run([&](WriteSession& session) -> Result<> {
    for (const Guard& guard : change.guards)
      if (TRY(read_value(session.database, guard.name)) != guard.expected)
        return fail(Failure::systemUnavail, "store.conflict",
                    "somebody else changed the same at the same time; look again and repeat",
                    "value " + guard.name);
    for (const auto& [name, value] : sealed)
      TRY(write_value(session.database, name, value, Sealed::yes));
    for (const auto& [name, value] : change.values)
      TRY(write_value(session.database, name, value, Sealed::no));
    session.note_change();
    return session.audit(row);
  });
}

Result<> SqliteStore::append_audit(const enrol::AuditRow& row) {
  return writer_->run([&](WriteSession& session) { return session.audit(row); });
}

Result<> SqliteStore::change_status(const ports::StatusChange& change, const enrol::AuditRow& row,
                                    const std::vector<enrol::OrderRecord>& orders) {
  return writer_->run([&](WriteSession& session) -> Result<> {
    TRY(sqlite::change_status(session, change));
    for (const auto& order : orders) TRY(store_order(session, order));
    return session.audit(row);
  });
}

Result<OrderRecords> SqliteStore::orders(enrol::OrderKind kind, Time now) {
  return readers_.read([&](Database& database) { return list_orders(database, kind, now); });
}

Result<> SqliteStore::change_order(const enrol::OrderRecord& record, View from,
                                   const enrol::AuditRow& row) {
  return writer_->run([&](WriteSession& session) -> Result<> {
    TRY(sqlite::change_order(session, record, from));
    return session.audit(row);
  });
}

Result<std::int64_t> SqliteStore::verify_audit() {
  return readers_.read([&](Database& database) { return sqlite::verify_audit(database, *vault_); });
}

Result<std::vector<enrol::AuditRow>> SqliteStore::audit(std::size_t newest) {
  return audit_rows(kNewestAudit, static_cast<std::int64_t>(newest));
}

Result<std::vector<enrol::AuditRow>> SqliteStore::audit_of(std::string_view transaction) {
  return audit_rows(kAuditOf, transaction);
}

Result<> SqliteStore::restart_waits(Time earliest) {
  (void)known();  // before the first request, rather than with it
  return writer_->run([&](WriteSession& session) -> Result<> {
    TRY(drop_order_leases(session));
    return sqlite::restart_waits(session, earliest);
  });
}

Result<std::int64_t> SqliteStore::purge(Time now) {
  std::int64_t total = 0;
  for (std::int64_t removed = 1; removed > 0; total += removed) {
    TRY(writer_->run([&](WriteSession& session) -> Result<> {
      removed = TRY(remove_replies(session, now, reply_budget_, kPurgeStep)) +
                TRY(remove_ended(session, now, kPurgeStep)) +
                TRY(remove_ended_orders(session, now, kPurgeStep)) +
                TRY(forget_former_secrets(session, now));
      return {};
    }));
  }
  return total;
}

}  // namespace countersign::store::sqlite
