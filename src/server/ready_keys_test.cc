#include "server/ready_keys.h"

#include <gtest/gtest.h>

namespace countersign::server {
namespace {

// Waits for the thread behind; each key is another one.
std::optional<crypto::PrivateKey> taken(ReadyKeys& keys, const std::string& algorithm) {
  for (int i = 0; i < 2000; ++i) {
    if (auto key = keys.take(algorithm)) return key;
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  return std::nullopt;
}

TEST(ReadyKeys, are_found_behind_the_back_of_whoever_asks) {
  ReadyKeys keys;
  keys.keep(2);
  EXPECT_FALSE(keys.take("rsa2048")) << "nobody has asked for one yet";
  const auto first = taken(keys, "rsa2048");
  const auto second = taken(keys, "rsa2048");
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->public_key().bits(), 2048u);
  EXPECT_FALSE(first->public_key() == second->public_key()) << "each is given once";
}

TEST(ReadyKeys, are_not_kept_of_kinds_that_are_quick_to_make_nor_when_told_so) {
  ReadyKeys keys;
  keys.keep(2);
  EXPECT_FALSE(keys.take("p256"));
  EXPECT_FALSE(keys.take("no such kind"));
  ReadyKeys none;
  none.keep(0);
  EXPECT_FALSE(none.take("rsa2048"));
  EXPECT_FALSE(none.take("rsa2048"));
}

}  // namespace
}  // namespace countersign::server
