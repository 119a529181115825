#include "store/sqlite/key_change.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "crypto/os_entropy.h"
#include "ports/store_contract_fixture.h"
#include "store/sqlite/sqlite_store.h"
#include "store/temporary_folder_test.h"

namespace countersign::store::sqlite {
namespace {

using namespace ports;
using namespace ports::contract;

const enrol::AuditRow kRow{kNow, "store-key-rotated", "", "", "", "", "", ""};

class KeyChange : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(create_store_key(path(), entropy_));
    auto store = open();
    ASSERT_TRUE(store);
    auto rotated = credential("beta");
    ASSERT_EQ(code(store->add_credential(credential("alpha"), {audit_row(1)})), "");
    ASSERT_EQ(code(store->add_credential(rotated)), "");
    ASSERT_TRUE(store->rotate_credential({"beta", Secret(view("fresh")), kNow}).value());
    ASSERT_EQ(code(store->set_secret_value("key.root", Secret(view("a private key")))), "");
    ASSERT_EQ(code(store->set_value("open", view("no secret"))), "");
    for (int n = 1; n <= kReplies; ++n) {
      Commit commit;
      commit.reply = reply(n);
      ASSERT_EQ(code(commit_now(*store, std::move(commit))), "");
    }
  }

  // As a command opens the folder: with the key that fits.
  std::unique_ptr<SqliteStore> open() {
    const auto folder = DataFolder::open(path(), Exclusive::no);
    EXPECT_TRUE(folder);
    auto key = settled_store_key(*folder, {}, entropy_);
    EXPECT_EQ(code(key), "");
    if (!key) return nullptr;
    SqliteOptions options{.file = folder->database(),
                          .store_key = std::move(key->key),
                          .entropy = entropy_,
                          .opened_at = kNow};
    auto store = SqliteStore::open(std::move(options));
    EXPECT_EQ(code(store), "");
    return store ? std::move(*store) : nullptr;
  }

  void expect_everything() {
    auto store = open();
    ASSERT_TRUE(store);
    const auto all = store->credentials();
    ASSERT_EQ(code(all), "");
    ASSERT_EQ(all->size(), 2u);
    EXPECT_TRUE(equal((*all)[0].secret.expose(), credential("alpha").secret.expose()));
    EXPECT_TRUE(equal((*all)[1].secret.expose(), view("fresh")));
    ASSERT_TRUE((*all)[1].former);
    EXPECT_TRUE(equal((*all)[1].former->secret.expose(), credential("beta").secret.expose()));
    EXPECT_TRUE(equal((*store->secret_value("key.root").value()).expose(), view("a private key")));
    EXPECT_EQ(store->value("open").value(), to_bytes("no secret"));
    for (const int n : {1, kReplies / 2, kReplies}) {
      Lookup lookup;
      lookup.digest = digest(n);
      Waiting<Snapshot> waiting;
      store->load(std::move(lookup), waiting.done());
      EXPECT_EQ(waiting.get()->reply, reply(n).reply) << n;
    }
    EXPECT_EQ(code(store->verify_audit()), "");
    EXPECT_EQ(code(store->append_audit(audit_row(2))), "");
    EXPECT_EQ(code(store->verify_audit()), "");
    EXPECT_FALSE(read_next_store_key(path()).value()) << "what was begun was ended";
  }

  Secret present() { return std::move(read_store_key(path(), {}).value().key); }
  Secret next() { return std::move(create_next_store_key(path(), entropy_).value().key); }
  std::string database() const { return folder_.file("countersign.db"); }
  const std::string& path() const { return folder_.path(); }

  static constexpr int kReplies = 1201;  // more than two pages
  TemporaryFolder folder_;
  crypto::OsEntropy entropy_;
};

TEST_F(KeyChange, seals_everything_anew_and_leaves_a_row) {
  const Secret old = present(), fresh = next();
  const auto changed = change_store_key(database(), old, fresh, entropy_, kRow);
  ASSERT_EQ(code(changed), "");
  EXPECT_EQ(*changed, kReplies + 2 + 1 + 2) << "replies, secrets, a former one, two values";
  ASSERT_TRUE(adopt_next_store_key(path()));
  EXPECT_FALSE(equal(present().expose(), old.expose()));
  expect_everything();
  EXPECT_EQ(open()->audit(2)->back().event, "store-key-rotated");
  // Without the new key the folder is shut.
  folder_.write(kStoreKeyFile, to_hex(old.expose()));
  const auto folder = DataFolder::open(path(), Exclusive::no);
  SqliteOptions options{.file = database(), .store_key = old.clone(), .entropy = entropy_};
  EXPECT_EQ(code(SqliteStore::open(std::move(options))), "store.wrong-key");
}

TEST_F(KeyChange, that_ended_before_its_commit_never_was) {
  const Secret old = present();
  next();
  expect_everything();
  EXPECT_TRUE(equal(present().expose(), old.expose()));
}

TEST_F(KeyChange, that_ended_behind_its_commit_is_ended_by_who_opens_the_folder) {
  const Secret fresh = next();
  ASSERT_TRUE(change_store_key(database(), present(), fresh, entropy_, kRow));
  expect_everything();
  EXPECT_TRUE(equal(present().expose(), fresh.expose()));
}

TEST_F(KeyChange, whose_key_was_cut_off_in_writing_is_no_key) {
  folder_.write(kNextStoreKeyFile, "0123");
  ASSERT_EQ(::chmod(folder_.file(kNextStoreKeyFile).c_str(), 0600), 0);
  expect_everything();
}

TEST_F(KeyChange, may_be_begun_again) {
  next();
  const Secret fresh = next();
  ASSERT_TRUE(change_store_key(database(), present(), fresh, entropy_, kRow));
  ASSERT_TRUE(adopt_next_store_key(path()));
  ASSERT_TRUE(adopt_next_store_key(path())) << "twice is once";
  expect_everything();
}

TEST_F(KeyChange, under_a_wrong_key_changes_nothing) {
  const Secret wrong(Bytes(32, 1)), fresh = next();
  EXPECT_EQ(code(change_store_key(database(), wrong, fresh, entropy_, kRow)), "crypto.seal-broken");
  expect_everything();
}

TEST_F(KeyChange, waits_for_nobody_and_lets_nobody_in) {
  const auto server = DataFolder::open(path(), Exclusive::yes);
  EXPECT_EQ(code(DataFolder::open(path(), Exclusive::alone)), "store.in-use");
}

TEST_F(KeyChange, waits_for_no_command_either) {
  const auto command = DataFolder::open(path(), Exclusive::no);
  const auto refused = DataFolder::open(path(), Exclusive::alone);
  ASSERT_EQ(code(refused), "store.in-use");
  EXPECT_NE(refused.error().reply_text.find("another command"), std::string::npos);
}

}  // namespace
}  // namespace countersign::store::sqlite
