#include "store/sqlite/migrations.h"

#include <gtest/gtest.h>

#include "store/temporary_folder_test.h"

namespace countersign::store::sqlite {
namespace {

constexpr Migration kOne[] = {{1, "CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (7);"}};
constexpr Migration kTwo[] = {kOne[0], {2, "ALTER TABLE a ADD COLUMN y INTEGER;"}};
constexpr Migration kBroken[] = {kOne[0], {2, "CREATE TABLE b (x INTEGER) STRICT; NO SQL;"}};

class MigrationsTest : public testing::Test {
 protected:
  Database open() {
    return *Database::open(folder_.file("db"), Database::Access::write, Patience{100});
  }
  static Result<Migrated> apply(Database& database, std::span<const Migration> steps) {
    EXPECT_TRUE(database.run("BEGIN IMMEDIATE"));
    Result<Migrated> result = migrate(database, steps);
    EXPECT_TRUE(result ? database.run("COMMIT") : database.run("ROLLBACK"));
    return result;
  }
  static std::int64_t number(Database& database, const char* sql) {
    return database.number(sql).value().value_or(-1);
  }

  TemporaryFolder folder_;
};

TEST_F(MigrationsTest, bring_an_old_database_up_and_keep_its_rows) {
  {
    Database database = open();
    EXPECT_EQ(apply(database, kOne), Migrated::from_nothing);
    EXPECT_EQ(apply(database, kOne), Migrated::no);
  }
  Database database = open();
  EXPECT_EQ(apply(database, kTwo), Migrated::yes);
  EXPECT_EQ(number(database, "SELECT x FROM a WHERE y IS NULL"), 7);
  EXPECT_EQ(number(database, "SELECT max(number) FROM schema_version"), 2);
  EXPECT_EQ(number(database, "SELECT count(*) FROM schema_version"), 2);
}

TEST_F(MigrationsTest, refuse_a_database_of_a_newer_program) {
  Database database = open();
  ASSERT_TRUE(apply(database, kTwo));
  const auto refused = apply(database, kOne);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "store.newer-version");
  EXPECT_NE(refused.error().reply_text.find("version 2"), std::string::npos);
}

TEST_F(MigrationsTest, that_fail_leave_the_database_as_it_was) {
  Database database = open();
  ASSERT_TRUE(apply(database, kOne));
  const auto failed = apply(database, kBroken);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, "store.internal");
  EXPECT_EQ(number(database, "SELECT max(number) FROM schema_version"), 1);
  EXPECT_EQ(number(database, "SELECT count(*) FROM sqlite_schema WHERE name = 'b'"), 0);
}

TEST_F(MigrationsTest, tie_certificates_to_their_transactions_and_shorten_key_identifiers) {
  Database database = open();
  ASSERT_TRUE(apply(database, migrations().first(1)));
  ASSERT_TRUE(database.execute(
      "INSERT INTO transactions (number, endpoint, id, sender, version, state, ends_at) VALUES "
      "(3, 'default', x'01', 'a', 1, x'00', 9), (4, 'default', x'01', 'b', 1, x'00', 9);"
      "INSERT INTO certificates (serial, fingerprint, der, key_hash, key_id, subject, not_before, "
      "not_after, status, reason, profile, sender, reference, endpoint, transaction_id, "
      "request_index, issued_at) VALUES "
      "(x'01', x'', x'', zeroblob(32), zeroblob(20), '', 0, 1, 0, 0, '', 'b', x'', 'default', "
      "x'01', 0, 0),"
      "(x'02', x'', x'', zeroblob(32), x'0102', '', 0, 1, 0, 0, '', 'c', x'', NULL, NULL, 0, 0);"));
  ASSERT_TRUE(apply(database, migrations().first(2)));
  EXPECT_EQ(number(database, "SELECT transaction_number FROM certificates WHERE serial = x'01'"),
            4);
  EXPECT_EQ(number(database, "SELECT length(key_id) FROM certificates WHERE serial = x'01'"), 0);
  EXPECT_EQ(number(database,
                   "SELECT count(*) FROM certificates WHERE serial = x'02' AND key_id = "
                   "x'0102' AND transaction_number IS NULL"),
            1);
}

TEST_F(MigrationsTest, make_the_schema_of_this_program) {
  Database database = open();
  EXPECT_EQ(apply(database, migrations()), Migrated::from_nothing);
  EXPECT_EQ(apply(database, migrations()), Migrated::no);
  EXPECT_GT(number(database, "SELECT count(*) FROM sqlite_schema WHERE type = 'table'"), 8);
}

}  // namespace
}  // namespace countersign::store::sqlite
