#include "store/sqlite/sqlite_store.h"

#include "store/sqlite/certificates.h"
#include "store/sqlite/credentials.h"
#include "store/sqlite/devices.h"
#include "store/sqlite/orders.h"
#include "store/sqlite/replies.h"
#include "store/sqlite/sealed_kinds.h"
#include "store/sqlite/tokens.h"
#include "store/sqlite/transactions.h"
#include "store/sqlite/values.h"

namespace countersign::store::sqlite {
namespace {

Result<> check_key(Database& database, const Vault& vault) {
  const Result<std::optional<Secret>> opened = read_secret_value(database, vault, kKeyCheck);
  if (opened && *opened) return {};
  return fail(Failure::systemFailure, "store.wrong-key",
              "the store key does not open this database; give the one it was made with");
}

Result<> prepare(Database& database, const Vault& vault) {
  const Migrated migrated = TRY(migrate(database, migrations()));
  if (migrated != Migrated::from_nothing) return check_key(database, vault);
  TRY(start_census(database, vault));
  const Bytes sealed = TRY(seal_value(vault, kKeyCheck, view(kKeyCheck)));
  return write_value(database, kKeyCheck, sealed, Sealed::yes);
}

Result<> prepare_in_transaction(Database& database, const Vault& vault) {
  TRY(database.run("BEGIN IMMEDIATE"));
  Result<> prepared = prepare(database, vault);
  if (prepared) {
    TRY(database.run("COMMIT"));
    return {};
  }
  if (database.in_transaction()) TRY(database.run("ROLLBACK"));
  return prepared;
}

Result<> limit_pages(Database& database, std::int64_t most) {
  if (most == 0) return {};
  // A PRAGMA takes no bound value; this is a number of ours.
  return database.execute(("PRAGMA max_page_count = " + std::to_string(most)).c_str());
}

// Guards and rows of one commit, in its savepoint.
Result<> apply(WriteSession& session, const ports::Commit& commit,
               const std::optional<SealedReply>& reply) {
  if (commit.transaction) TRY(store_transaction(session, *commit.transaction));
  const auto* const transaction = commit.transaction ? &*commit.transaction : nullptr;
  for (const enrol::CertificateRecord& record : commit.certificates)
    TRY(insert_certificate(session, record, transaction));
  for (const ports::StatusChange& change : commit.status_changes)
    TRY(change_status(session, change));
  for (const ports::Replacement& r : commit.replacements) TRY(replace_certificate(session, r));
  for (const ports::UseChange& change : commit.uses) TRY(change_uses(session, change));
  for (const ports::TokenUse& use : commit.token_uses) TRY(change_uses(session, use));
  if (reply) TRY(insert_reply(session, *reply));
  for (const RequestDigest& digest : commit.forgotten_replies) TRY(remove_reply(session, digest));
  for (const enrol::AuditRow& row : commit.audit) TRY(session.audit(row));
  for (const enrol::OrderRecord& record : commit.orders) TRY(store_order(session, record));
  for (const auto& change : commit.order_changes)
    TRY(sqlite::change_order(session, change.order, change.from));
  for (const ports::DeviceEnrolment& one : commit.device_enrolments)
    TRY(enrol_device(session, one));
  for (const enrol::DeviceRecord& one : commit.told_devices) TRY(put_told_device(session, one));
  return {};
}

bool asks_for_nothing(const ports::Lookup& lookup) {
  return !lookup.digest && !lookup.transaction && !lookup.reference && lookup.key_ids.empty() &&
         lookup.serials.empty() && lookup.key_hashes.empty() && lookup.tokens.empty() &&
         !lookup.order && lookup.devices.empty();
}

Result<ports::Snapshot> look_up(Database& database, const Vault& vault,
                                const ports::Lookup& lookup) {
  ports::Snapshot snapshot;
  if (lookup.digest) {
    snapshot.reply = TRY(find_reply(database, vault, *lookup.digest));
    if (!snapshot.reply) snapshot.answered_before = TRY(was_issued_for(database, *lookup.digest));
  }
  if (lookup.transaction)
    snapshot.transactions = TRY(find_transactions(database, lookup.endpoint, *lookup.transaction));
  if (lookup.reference)
    snapshot.credential = TRY(find_credential(database, vault, *lookup.reference));
  snapshot.certificates = TRY(find_certificates(database, lookup));
  for (const Bytes& digest : lookup.tokens)
    if (auto token = TRY(find_token(database, digest)))
      snapshot.tokens.push_back(std::move(*token));
  for (const std::string& serial : lookup.devices)
    if (auto device = TRY(find_device(database, serial)))
      snapshot.devices.push_back(std::move(*device));
  if (lookup.order) snapshot.order = TRY(find_order(database, *lookup.order));
  return snapshot;
}

}  // namespace

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(SqliteOptions options) {
  auto vault = std::make_unique<const Vault>(TRY(Vault::make(options.store_key, options.entropy)));
  std::unique_ptr<SqliteStore> store(new SqliteStore(std::move(vault), options));
  TRY(store->start(options));
  return store;
}

Result<> SqliteStore::start(const SqliteOptions& options) {
  Database database = TRY(Database::open(options.file, Database::Access::write, options.patience));
  TRY(prepare_in_transaction(database, *vault_));
  TRY(limit_pages(database, options.most_pages));
  AuditLane lane = TRY(AuditLane::make(*vault_, options.entropy, options.opened_at));
  writer_ = std::make_unique<Writer>(std::move(database), std::move(lane), options.queue_capacity);
  return {};
}

// Found out when it is first asked: commands that add a secret need not read every certificate.
KnownKeys* SqliteStore::known() {
  std::call_once(known_once_, [this] {
    auto made = readers_.read([](Database& database) { return KnownKeys::of(database); });
    if (made) known_ = std::move(*made);
  });
  return known_.get();
}

void SqliteStore::load(ports::Lookup lookup, Done<ports::Snapshot> done) {
  if (const KnownKeys* keys = known()) lookup = keys->narrowed(std::move(lookup));
  if (asks_for_nothing(lookup)) return done(ports::Snapshot{});
  done(readers_.read([&](Database& database) { return look_up(database, *vault_, lookup); }));
}

void SqliteStore::commit(ports::Commit commit, Done<ports::Committed> done) {
  if (KnownKeys* keys = known()) keys->add(commit);
  std::optional<SealedReply> reply;
  if (commit.reply) {
    Result<SealedReply> sealed = seal_reply(*vault_, *commit.reply);
    if (!sealed) return done(std::unexpected(std::move(sealed).error()));
    reply = *std::move(sealed);
    commit.reply.reset();
  }
  const ports::Urgency urgency = commit.urgency;
  ports::Committed committed;
  if (commit.transaction) committed.transaction_version = commit.transaction->version + 1;
  writer_->submit({[commit = std::move(commit), reply = std::move(reply)](WriteSession& session) {
                     return apply(session, commit, reply);
                   },
                   [committed, done = std::move(done)](Result<> result) mutable {
                     if (!result) return done(std::unexpected(std::move(result).error()));
                     done(committed);
                   },
                   urgency});
}

template <class Records, class AnyDue, class Claim>
void SqliteStore::claim_rows(ports::Due due, Seconds lease, Done<Records> done, AnyDue any_due,
                             Claim take) {
  // Asked often and seldom true: the writer is not troubled for nothing.
  const Result<bool> any =
      readers_.read([&](Database& database) { return any_due(database, due.now); });
  if (!any) return done(std::unexpected(any.error()));
  if (!*any) return done(Records{});
  auto claimed = std::make_shared<Records>();
  writer_->submit({[due, lease, claimed, take](WriteSession& session) -> Result<> {
                     *claimed = TRY(take(session, due, due.now + lease));
                     return {};
                   },
                   [claimed, done = std::move(done)](Result<> result) mutable {
                     if (!result) return done(std::unexpected(std::move(result).error()));
                     done(std::move(*claimed));
                   }});
}

void SqliteStore::claim(ports::Due due, Seconds lease, Done<TransactionRecords> done) {
  claim_rows(due, lease, std::move(done), is_any_due, claim_due);
}

void SqliteStore::claim_orders(enrol::OrderKind kind, ports::Due due, Seconds lease,
                               Done<OrderRecords> done) {
  claim_rows(
      due, lease, std::move(done),
      [kind](Database& database, Time now) { return is_any_order_due(database, kind, now); },
      [kind](WriteSession& session, const ports::Due& when, Time until) {
        return claim_due_orders(session, kind, when, until);
      });
}

}  // namespace countersign::store::sqlite
