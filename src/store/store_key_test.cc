#include "store/store_key.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "crypto/os_entropy.h"
#include "store/temporary_folder_test.h"

namespace countersign::store {
namespace {

class StoreKeyTest : public testing::Test {
 protected:
  void write_key(std::string_view content, mode_t mode = 0600) {
    folder_.write(kStoreKeyFile, content);
    ASSERT_EQ(::chmod(folder_.file(kStoreKeyFile).c_str(), mode), 0);
  }
  std::string code(const Result<StoreKey>& result) {
    return result ? "" : std::string(result.error().code);
  }

  TemporaryFolder folder_;
  TemporaryFolder credentials_;
  crypto::OsEntropy entropy_;
};

TEST_F(StoreKeyTest, makes_a_key_that_only_its_owner_can_read) {
  const auto made = create_store_key(folder_.path(), entropy_);
  ASSERT_EQ(code(made), "");
  struct stat status{};
  ASSERT_EQ(::stat(made->path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  const auto read = read_store_key(folder_.path(), "");
  ASSERT_EQ(code(read), "");
  EXPECT_EQ(read->source, StoreKey::Source::file);
  EXPECT_EQ(read->key.size(), 32u);
  EXPECT_TRUE(equal(read->key.expose(), made->key.expose()));
}

TEST_F(StoreKeyTest, never_replaces_a_key) {
  write_key(std::string(64, 'a'));
  EXPECT_EQ(code(create_store_key(folder_.path(), entropy_)), "store.key-exists");
  EXPECT_EQ(folder_.read(kStoreKeyFile), std::string(64, 'a'));
}

TEST_F(StoreKeyTest, reads_raw_octets_and_hexadecimal) {
  const std::string raw(32, '\x41');
  for (const std::string& content : {raw, to_hex(view(raw)), to_hex(view(raw)) + "\n"}) {
    write_key(content);
    const auto read = read_store_key(folder_.path(), "");
    ASSERT_EQ(code(read), "") << content;
    EXPECT_EQ(text(read->key.expose()), raw);
  }
}

TEST_F(StoreKeyTest, refuses_what_is_no_key) {
  for (const std::string& content : {std::string(), std::string(31, 'a'), std::string(63, 'a'),
                                     std::string(64, 'x'), std::string(4000, 'a')}) {
    write_key(content);
    EXPECT_EQ(code(read_store_key(folder_.path(), "")), "store.key-size") << content;
  }
}

TEST_F(StoreKeyTest, refuses_a_file_that_others_may_read_and_says_how_to_mend_it) {
  for (const mode_t mode : {0640u, 0604u, 0644u, 0660u}) {
    write_key(std::string(64, 'a'), mode);
    const auto read = read_store_key(folder_.path(), "");
    ASSERT_EQ(code(read), "store.key-permissions");
    EXPECT_NE(read.error().reply_text.find("chmod 600 " + folder_.file(kStoreKeyFile)),
              std::string::npos);
  }
}

TEST_F(StoreKeyTest, says_that_there_is_none) {
  EXPECT_EQ(code(read_store_key(folder_.path(), "")), "store.key-missing");
  EXPECT_EQ(code(read_store_key(folder_.path(), credentials_.path())), "store.key-missing");
}

TEST_F(StoreKeyTest, a_systemd_credential_goes_first) {
  write_key(std::string(64, 'a'));
  credentials_.write(kStoreKeyCredential, std::string(64, 'b'));
  const auto read = read_store_key(folder_.path(), credentials_.path());
  ASSERT_EQ(code(read), "");
  EXPECT_EQ(read->source, StoreKey::Source::credential);
  EXPECT_EQ(read->key.expose()[0], 0xbb);
}

}  // namespace
}  // namespace countersign::store
