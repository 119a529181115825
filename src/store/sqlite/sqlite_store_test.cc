#include "store/sqlite/sqlite_store.h"

#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>

#include "crypto/os_entropy.h"
#include "ports/store_contract.h"
#include "store/temporary_folder_test.h"

namespace countersign::store::sqlite {
namespace {

using namespace ports;
using namespace ports::contract;

// Works on the file behind the store's back.
class Intruder {
 public:
  explicit Intruder(const std::string& file) {
    EXPECT_EQ(sqlite3_open(file.c_str(), &raw_), SQLITE_OK);
  }
  Intruder(const Intruder&) = delete;
  Intruder& operator=(const Intruder&) = delete;
  ~Intruder() { sqlite3_close(raw_); }
  void run(const char* sql) {
    EXPECT_EQ(sqlite3_exec(raw_, sql, nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(raw_);
  }

 private:
  sqlite3* raw_ = nullptr;
};

const char* sql_of(Tamper tamper) {
  switch (tamper) {
    case Tamper::change_row:
      return "UPDATE audit SET sender = 'mac:beta' WHERE lane = 1 AND sequence = 2";
    case Tamper::remove_row:
      return "DELETE FROM audit WHERE lane = 1 AND sequence = 2";
    case Tamper::insert_row:
      return "UPDATE audit SET sequence = -sequence WHERE lane = 1 AND sequence >= 2;"
             "UPDATE audit SET sequence = 1 - sequence WHERE lane = 1 AND sequence < 0;"
             "INSERT INTO audit (lane, sequence, at, event, transaction_id, sender, subject, "
             "serial,"
             " code, detail, hash) SELECT lane, 2, at, event, transaction_id, sender, subject, "
             "serial, code, detail, hash FROM audit WHERE lane = 1 AND sequence = 1";
    case Tamper::cut_tail:
      return "DELETE FROM audit WHERE lane = 1 AND sequence = 5";
    case Tamper::append_row:
      return "INSERT INTO audit (lane, sequence, at, event, transaction_id, sender, subject, "
             "serial,"
             " code, detail, hash) SELECT lane, 6, at, event, transaction_id, sender, subject, "
             "serial, code, detail, hash FROM audit WHERE lane = 1 AND sequence = 5";
    case Tamper::remove_lane:
      return "DELETE FROM audit WHERE lane = 2; DELETE FROM audit_lanes WHERE number = 2";
  }
  return "";
}

SqliteOptions options_for(const TemporaryFolder& folder) {
  static crypto::OsEntropy entropy;
  return {.file = folder.file("countersign.db"),
          .store_key = Secret(Bytes(32, 0x2a)),
          .entropy = entropy,
          .opened_at = kNow};
}

struct SqlitePlace {
  TemporaryFolder folder;

  Result<std::unique_ptr<SqliteStore>> open() { return SqliteStore::open(options_for(folder)); }
  void tamper(Tamper tamper) { Intruder(folder.file("countersign.db")).run(sql_of(tamper)); }
};

class SqliteStoreTest : public testing::Test {
 protected:
  std::unique_ptr<SqliteStore> open(SqliteOptions options) {
    auto opened = SqliteStore::open(std::move(options));
    EXPECT_EQ(code(opened), "");
    return opened ? *std::move(opened) : nullptr;
  }
  std::unique_ptr<SqliteStore> open() { return open(options_for(folder_)); }
  std::string file() const { return folder_.file("countersign.db"); }

  TemporaryFolder folder_;
};

TEST_F(SqliteStoreTest, files_are_for_their_owner_alone) {
  const auto store = open();
  ASSERT_EQ(code(commit_now(*store, enrolment(1))), "");
  for (const char* name : {"countersign.db", "countersign.db-wal", "countersign.db-shm"}) {
    struct stat status{};
    ASSERT_EQ(::stat(folder_.file(name).c_str(), &status), 0) << name;
    EXPECT_EQ(status.st_mode & 0777, 0600u) << name;
  }
}

TEST_F(SqliteStoreTest, another_store_key_is_refused) {
  open().reset();
  SqliteOptions options = options_for(folder_);
  options.store_key = Secret(Bytes(32, 0x2b));
  EXPECT_EQ(code(SqliteStore::open(std::move(options))), "store.wrong-key");
}

TEST_F(SqliteStoreTest, a_database_of_a_newer_program_is_refused) {
  open().reset();
  Intruder(file()).run("INSERT INTO schema_version (number) VALUES (9999)");
  EXPECT_EQ(code(SqliteStore::open(options_for(folder_))), "store.newer-version");
}

TEST_F(SqliteStoreTest, a_file_that_is_no_database_is_refused) {
  folder_.write("countersign.db", std::string(8192, 'x'));
  EXPECT_EQ(code(SqliteStore::open(options_for(folder_))), "store.corrupt");
}

TEST_F(SqliteStoreTest, a_folder_that_is_missing_is_told) {
  SqliteOptions options = options_for(folder_);
  options.file = folder_.file("missing/countersign.db");
  EXPECT_EQ(code(SqliteStore::open(std::move(options))), "store.io");
}

TEST_F(SqliteStoreTest, secrets_and_replies_are_not_in_the_files) {
  const auto store = open();
  ASSERT_EQ(code(store->add_credential(credential("alpha"))), "");
  ASSERT_EQ(code(store->set_secret_value("key", Secret(view("private-key-octets")))), "");
  ASSERT_EQ(code(commit_now(*store, enrolment(1))), "");
  for (const char* name : {"countersign.db", "countersign.db-wal"}) {
    const std::string content = folder_.read(name);
    EXPECT_EQ(content.find("the secret of"), std::string::npos) << name;
    EXPECT_EQ(content.find("private-key-octets"), std::string::npos) << name;
    EXPECT_EQ(content.find("reply-1"), std::string::npos) << name;
  }
}

TEST_F(SqliteStoreTest, sealed_rows_cannot_be_swapped) {
  auto store = open();
  for (int n : {1, 2}) ASSERT_EQ(code(commit_now(*store, enrolment(n))), "");
  store.reset();
  Intruder(file()).run("UPDATE replies SET sealed = (SELECT sealed FROM replies WHERE number = 1)");
  store = open();
  Waiting<Snapshot> waiting;
  Lookup lookup;
  lookup.digest = digest(2);
  store->load(lookup, waiting.done());
  EXPECT_EQ(code(waiting.get()), "crypto.seal-broken");
}

TEST_F(SqliteStoreTest, a_full_queue_refuses_at_once_and_the_rest_goes_on) {
  SqliteOptions options = options_for(folder_);
  options.queue_capacity = 3;
  const auto store = open(std::move(options));
  std::vector<Waiting<Committed>> waiting(5);
  {
    Intruder intruder(file());
    intruder.run("BEGIN IMMEDIATE");  // the writer waits for it
    for (int n = 0; n < 5; ++n)
      store->commit(enrolment(n), waiting[static_cast<std::size_t>(n)].done());
    EXPECT_EQ(store->pressure().waiting, 3u);
    EXPECT_EQ(store->pressure().capacity, 3u);
    EXPECT_EQ(code(waiting[3].get()), "store.busy");
    EXPECT_EQ(code(waiting[4].get()), "store.busy");
    intruder.run("COMMIT");
  }
  for (std::size_t n = 0; n < 3; ++n) EXPECT_EQ(code(waiting[n].get()), "") << n;
  EXPECT_EQ(store->verify_audit(), 3);
}

TEST_F(SqliteStoreTest, a_conflict_leaves_the_others_of_its_batch_alone) {
  const auto store = open();
  std::vector<Waiting<Committed>> waiting(9);
  {
    Intruder intruder(file());
    intruder.run("BEGIN IMMEDIATE");  // all but the first wait for one batch
    for (int n = 0; n < 9; ++n)
      store->commit(enrolment(n % 3 == 2 ? n - 1 : n), waiting[static_cast<std::size_t>(n)].done());
    intruder.run("COMMIT");
  }
  for (std::size_t n = 0; n < 9; ++n)
    EXPECT_EQ(code(waiting[n].get()), n % 3 == 2 ? "store.conflict" : "") << n;
  EXPECT_EQ(store->verify_audit(), 6);
}

TEST_F(SqliteStoreTest, a_lock_that_is_never_let_go_is_busy_and_passes) {
  SqliteOptions options = options_for(folder_);
  options.patience = Patience{50};
  const auto store = open(std::move(options));
  {
    Intruder intruder(file());
    intruder.run("BEGIN IMMEDIATE");
    EXPECT_EQ(code(commit_now(*store, enrolment(1))), "store.busy");
  }
  EXPECT_EQ(code(commit_now(*store, enrolment(1))), "");
}

TEST_F(SqliteStoreTest, a_full_database_refuses_and_stores_nothing) {
  open().reset();
  SqliteOptions options = options_for(folder_);
  options.most_pages = 200;
  auto store = open(std::move(options));
  int stored = 0;
  std::string outcome;
  for (; outcome.empty() && stored < 10'000; ++stored) {
    Commit commit = enrolment(stored);
    commit.certificates[0].der = Bytes(3000, 0x30);
    outcome = code(commit_now(*store, std::move(commit)));
  }
  EXPECT_EQ(outcome, "store.full");
  --stored;
  EXPECT_GT(stored, 10);
  EXPECT_EQ(store->verify_audit(), stored) << "the chain's head has not moved";
  Ledger::CertificateFilter all;
  all.most = 100'000;
  EXPECT_EQ(store->certificates(all)->size(), static_cast<std::size_t>(stored));
  store = open();  // as much room as the disk has
  EXPECT_EQ(code(commit_now(*store, enrolment(stored))), "");
  EXPECT_EQ(store->verify_audit(), stored + 1);
}

// While it lives no file of this process grows beyond its present size: what COMMIT writes fails.
class NoGrowth {
 public:
  NoGrowth() {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit none{0, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &none);
  }
  NoGrowth(const NoGrowth&) = delete;
  NoGrowth& operator=(const NoGrowth&) = delete;
  ~NoGrowth() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

TEST_F(SqliteStoreTest, a_commit_that_cannot_be_written_fails_whole_and_the_next_succeeds) {
  const auto store = open();
  ASSERT_EQ(code(commit_now(*store, enrolment(0))), "");
  std::vector<Waiting<Committed>> waiting(6);
  {
    Intruder intruder(file());
    intruder.run("BEGIN IMMEDIATE");
    for (int n = 0; n < 6; ++n)
      store->commit(enrolment(n + 1), waiting[static_cast<std::size_t>(n)].done());
    const NoGrowth no_growth;
    intruder.run("COMMIT");
    for (auto& each : waiting) EXPECT_EQ(code(each.get()), "store.io");
  }
  EXPECT_EQ(store->certificates({})->size(), 1u);
  EXPECT_EQ(store->verify_audit(), 1);
  for (int n = 1; n <= 6; ++n) EXPECT_EQ(code(commit_now(*store, enrolment(n))), "") << n;
  EXPECT_EQ(store->verify_audit(), 7);
}

TEST_F(SqliteStoreTest, purge_keeps_replies_within_their_budget_oldest_first) {
  SqliteOptions options = options_for(folder_);
  options.reply_budget = 10'000;
  const auto store = open(std::move(options));
  for (int n = 0; n < 10; ++n) {
    Commit commit;
    commit.reply = StoredReply{digest(n), Bytes(2000, 0x30), kNow + Seconds{n == 9 ? 1 : 100 - n}};
    ASSERT_EQ(code(commit_now(*store, std::move(commit))), "");
  }
  EXPECT_EQ(store->purge(kNow + Seconds{1}), 6) << "one has expired, five are too many";
  std::string kept;
  for (int n = 0; n < 10; ++n) {
    Waiting<Snapshot> waiting;
    Lookup lookup;
    lookup.digest = digest(n);
    store->load(lookup, waiting.done());
    kept += waiting.get()->reply ? 'k' : '-';
  }
  EXPECT_EQ(kept, "-----kkkk-");
}

TEST_F(SqliteStoreTest, a_purge_of_many_rows_is_done_in_steps) {
  const auto store = open();
  std::vector<Waiting<Committed>> waiting(2500);
  for (int n = 0; n < 2500; ++n)
    store->commit(enrolment(n), waiting[static_cast<std::size_t>(n)].done());
  for (auto& each : waiting) ASSERT_EQ(code(each.get()), "");
  EXPECT_EQ(store->purge(kNow + Seconds{9999}), 5000);
  EXPECT_EQ(store->purge(kNow + Seconds{9999}), 0);
}

TEST_F(SqliteStoreTest, an_audit_head_written_by_another_is_noticed) {
  auto store = open();
  for (int n = 0; n < 3; ++n) ASSERT_EQ(code(store->append_audit(audit_row(n))), "");
  store.reset();
  Intruder(file()).run(
      "DELETE FROM audit WHERE sequence = 3; UPDATE audit_lanes SET row_count = 2, "
      "head = (SELECT hash FROM audit WHERE sequence = 2)");
  store = open();
  EXPECT_EQ(code(store->verify_audit()), "store.audit-broken");
}

TEST_F(SqliteStoreTest, an_audit_that_was_emptied_stays_noticed) {
  auto store = open();
  ASSERT_EQ(code(store->append_audit(audit_row(1))), "");
  store.reset();
  Intruder(file()).run(
      "DELETE FROM audit; DELETE FROM audit_lanes; UPDATE audit_census SET lane_count = 0");
  for (int again = 0; again < 3; ++again) {
    store = open();
    EXPECT_EQ(code(store->verify_audit()), "store.audit-broken");
    EXPECT_EQ(code(store->append_audit(audit_row(1))), "") << "and the service goes on";
  }
}

}  // namespace
}  // namespace countersign::store::sqlite

namespace countersign::ports::contract {
using SqlitePlace = store::sqlite::SqlitePlace;
}
INSTANTIATE_STORE_CONTRACT(Sqlite, SqlitePlace);
