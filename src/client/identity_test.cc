#include "client/identity.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include "client/files.h"
#include "client/scratch_for_test.h"

namespace countersign::client {
namespace {

std::string secret_or_code(const std::string& source) {
  const auto secret = read_secret(source);
  return secret ? std::string(text(secret->expose())) : std::string(secret.error().code);
}

TEST(SecretSource, HasFourKinds) {
  const Scratch scratch;
  ASSERT_TRUE(write_file(scratch.at("s"), view("from file\r\nsecond line\n"), Access::secret));
  ::setenv("COUNTERSIGN_TEST_SECRET", "from environment", 1);
  EXPECT_EQ(secret_or_code("pass:a:b c"), "a:b c");
  EXPECT_EQ(secret_or_code("env:COUNTERSIGN_TEST_SECRET"), "from environment");
  EXPECT_EQ(secret_or_code("file:" + scratch.at("s")), "from file");
  EXPECT_EQ(secret_or_code("env:COUNTERSIGN_TEST_NO_SUCH"), "client.usage");
  EXPECT_EQ(secret_or_code("file:" + scratch.at("none")), "client.file-missing");
  EXPECT_EQ(secret_or_code("plain words"), "client.usage");
}

TEST(Key, IsMadeOnceAndReadAgain) {
  const Scratch scratch;
  const Secret none;
  const auto made = load_or_make_key(scratch.at("k"), "p384", none);
  const auto read = load_or_make_key(scratch.at("k"), std::nullopt, none);
  ASSERT_TRUE(made && read);
  EXPECT_TRUE(made->matches(read->public_key()));
  EXPECT_EQ(load_or_make_key(scratch.at("k"), "p256", none).error().code, "client.key");
  EXPECT_EQ(load_or_make_key(scratch.at("k"), "p-whatever", none).error().code, "client.usage");
}

TEST(Key, UnderAPassphraseNeedsIt) {
  const Scratch scratch;
  const Secret passphrase(view("open sesame"));
  ASSERT_TRUE(load_or_make_key(scratch.at("k"), {}, passphrase));
  EXPECT_TRUE(load_key(scratch.at("k"), passphrase));
  EXPECT_EQ(load_key(scratch.at("k"), Secret()).error().code, "client.key-passphrase");
  EXPECT_EQ(load_key(scratch.at("k"), Secret(view("no"))).error().code, "client.key-passphrase");
}

}  // namespace
}  // namespace countersign::client
