// The embedded store: one SQLite file (WAL, synchronous=FULL) behind both ports.
//
// Any thread may call. load() completes in place, on a read connection; commit() and claim() answer
// on the writer's thread, after COMMIT (claim() in place when nothing is due); a Done must not
// throw and should be short, since the next commit waits for it. The Ledger's calls block: not for
// an event loop, but for commands, the console and timers' threads. Another process may open the
// same file at the same time: each waits for the other's commit, `patience` at most. Only one of
// them may commit() (whoever holds the data folder): what the others do not store is remembered.
//
// At most `queue_capacity` commits wait; the next gets "store.busy". Kept replies are held to
// `reply_budget` octets by purge(). Destroying the store finishes the commits it has taken; no
// other call may run then. The SqliteStore owns its connections and its vault, and borrows the
// Entropy.
//
// Errors: store.conflict, store.busy, store.full, store.io, store.corrupt, store.open,
// store.internal, store.newer-version, store.wrong-key, store.key-size, store.reference-exists,
// store.token-exists, store.value-sealed, store.value-open, store.audit-broken, crypto.seal-broken.
#pragma once

#include <memory>
#include <mutex>

#include "base/ports.h"
#include "ports/store.h"
#include "store/sqlite/known_keys.h"
#include "store/sqlite/migrations.h"
#include "store/sqlite/read_pool.h"
#include "store/sqlite/writer.h"
#include "store/vault.h"

namespace countersign::store::sqlite {

struct SqliteOptions {
  std::string file;  // made, mode 0600, when it is missing; its folder is not
  Secret store_key;
  Entropy& entropy;
  Time opened_at{};  // of the audit lane
  std::size_t queue_capacity = 4096;
  std::size_t reply_budget = std::size_t{256} << 20;
  Patience patience{10'000};
  std::int64_t most_pages = 0;  // of the file, 4 KiB each; 0: as the disk allows
};

class SqliteStore final : public ports::Store, public ports::Ledger {
 public:
  static Result<std::unique_ptr<SqliteStore>> open(SqliteOptions options);

  // ---- ports::Store
  void load(ports::Lookup lookup, Done<ports::Snapshot> done) override;
  void commit(ports::Commit commit, Done<ports::Committed> done) override;
  void claim(ports::Due due, Seconds lease,
             Done<std::vector<enrol::TransactionRecord>> done) override;
  void claim_orders(enrol::OrderKind kind, ports::Due due, Seconds lease,
                    Done<std::vector<enrol::OrderRecord>> done) override;
  ports::Load pressure() const noexcept override { return writer_->pressure(); }

  // ---- ports::Ledger
  Result<std::vector<enrol::CertificateRecord>> certificates(const CertificateFilter&) override;
  Result<std::int64_t> issued_since(std::string_view authority, Time since) override;
  Result<std::vector<enrol::CertificateRecord>> revoked(Time now) override;
  Result<std::vector<enrol::CredentialRecord>> credentials() override;
  Result<> add_credential(const enrol::CredentialRecord& record, const Rows& rows = {}) override;
  Result<bool> remove_credential(std::string_view reference, const Rows& rows = {}) override;
  Result<bool> rotate_credential(const Rotation& rotation, const Rows& rows = {}) override;
  Result<std::vector<enrol::TokenRecord>> tokens() override;
  Result<> add_token(const enrol::TokenRecord& record, const Rows& rows = {}) override;
  Result<bool> remove_token(View digest, const Rows& rows = {}) override;
  Result<std::vector<enrol::TrustRecord>> trust() override;
  // Replaces the one of its fingerprint.
  Result<> add_trust(const enrol::TrustRecord& record, const Rows& rows = {}) override;
  Result<bool> remove_trust(View fingerprint, const Rows& rows = {}) override;
  Result<std::vector<enrol::DeviceRecord>> devices(const DeviceFilter&) override;
  Result<std::optional<enrol::DeviceRecord>> device(std::string_view serial) override;
  Result<> change_devices(const std::vector<DeviceChange>& changes, const Rows& rows) override;
  Result<std::vector<enrol::ObjectRecord>> objects() override;
  Result<std::vector<enrol::ObjectVersion>> object_history(enrol::ObjectKind kind,
                                                           std::string_view name) override;
  Result<> change_objects(
      const std::vector<enrol::ObjectChange>& changes, const Rows& rows,
      const std::optional<std::vector<enrol::ObjectRecord>>& seen = std::nullopt) override;
  Result<std::int64_t> generation() override;
  Result<std::optional<Bytes>> value(std::string_view name) override;
  Result<> set_value(std::string_view name, View value) override;
  Result<> set_secret_value(std::string_view name, const Secret& value) override;
  Result<std::optional<Secret>> secret_value(std::string_view name) override;
  Result<> change_values(const ValuesChange& change, const enrol::AuditRow& row) override;
  Result<> append_audit(const enrol::AuditRow&) override;
  Result<> change_status(const ports::StatusChange& change, const enrol::AuditRow& row,
                         const std::vector<enrol::OrderRecord>& orders) override;
  Result<std::vector<enrol::OrderRecord>> orders(enrol::OrderKind kind, Time now) override;
  Result<> change_order(const enrol::OrderRecord& record, View from,
                        const enrol::AuditRow& row) override;
  Result<std::int64_t> verify_audit() override;
  Result<std::vector<enrol::AuditRow>> audit(std::size_t newest) override;  // newest first
  Result<std::vector<enrol::AuditRow>> audit_of(std::string_view transaction) override;
  Result<> restart_waits(Time earliest) override;
  Result<std::int64_t> purge(Time now) override;

 private:
  SqliteStore(std::unique_ptr<const Vault> vault, const SqliteOptions& options)
      : vault_(std::move(vault)),
        readers_(options.file, options.patience),
        reply_budget_(options.reply_budget) {}
  Result<> start(const SqliteOptions& options);
  KnownKeys* known();  // null: cannot be told
  template <class Change>
  Result<> add(Change change, const Rows& rows);
  template <class Change>
  Result<bool> change_one(Change change, const Rows& rows);
  template <class Value>
  Result<std::vector<enrol::AuditRow>> audit_rows(const char* sql, const Value& value);
  template <class Records, class AnyDue, class Claim>
  void claim_rows(ports::Due due, Seconds lease, Done<Records> done, AnyDue any_due, Claim take);

  std::unique_ptr<const Vault> vault_;  // at one address: the audit lane borrows it
  ReadPool readers_;
  std::size_t reply_budget_;
  std::once_flag known_once_;
  std::unique_ptr<KnownKeys> known_;
  std::unique_ptr<Writer> writer_;  // last: finishes its jobs before the rest goes
};

}  // namespace countersign::store::sqlite
