// countersignd store-key rotate, through the real programs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <csignal>
#include <thread>

#include "support/process.h"

namespace countersign::test {
namespace {

using std::chrono::milliseconds;
using testing::AllOf;
using testing::HasSubstr;

class StoreKey : public testing::Test {
 protected:
  Workshop shop_;
  RunningServer server_{shop_};

  Ran operate(Words words) {
    words.insert(words.end(), {"--data", server_.data()});
    return shop_.countersignd(words);
  }
  std::string add_secret() {
    const Ran ran = operate({"secret", "add", "--reference", "unit", "--uses", "any", "--json"});
    EXPECT_EQ(ran.exit, 0) << ran.err;
    return std::string(boost::json::parse(ran.out).as_object().at("secret").as_string());
  }
};

TEST_F(StoreKey, IsReplacedAndEverythingSealedAnew) {
  const std::string secret = add_secret();
  Ran ran = operate({"store-key", "rotate"});
  EXPECT_EQ(ran.exit, 6);
  EXPECT_THAT(ran.err, HasSubstr("store.in-use"));
  server_.stop();
  const std::string old = read_file(shop_.at("data/store.key"));
  ran = operate({"store-key", "rotate"});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("sealed anew"));
  EXPECT_NE(read_file(shop_.at("data/store.key")), old);
  EXPECT_EQ(operate({"audit", "verify"}).exit, 0);
  EXPECT_THAT(operate({"audit", "list"}).out, HasSubstr("store-key-rotated"));
  server_.start();
  ran = shop_.countersign({"enroll", server_.url(), "--reference", "unit", "--secret",
                           "pass:" + secret, "--subject", "CN=unit", "--key", shop_.at("k"),
                           "--cert", shop_.at("c.pem")});
  EXPECT_EQ(ran.exit, 0) << ran.err << server_.log();
}

TEST_F(StoreKey, ThatFitsOpensTheFolderAfterAKill) {
  add_secret();
  server_.stop();
  int changed = 0;
  std::string key = read_file(shop_.at("data/store.key"));
  for (int delay = 0; delay < 24; ++delay) {
    {
      const Process rotate({std::string(COUNTERSIGN_BIN_DIR) + "/countersignd", "store-key",
                            "rotate", "--data", server_.data()},
                           shop_.at("out"), shop_.at("err"));
      std::this_thread::sleep_for(milliseconds{5 * delay});
      rotate.send(SIGKILL);
    }
    ASSERT_EQ(operate({"audit", "verify"}).exit, 0) << "after " << 5 * delay << " ms";
    ASSERT_THAT(operate({"secret", "list"}).out, HasSubstr("unit"));
    EXPECT_FALSE(std::filesystem::exists(shop_.at("data/store.key.new")));
    const std::string now = read_file(shop_.at("data/store.key"));
    changed += now != key ? 1 : 0;
    key = now;
  }
  RecordProperty("changed", changed);
}

TEST_F(StoreKey, OfSystemdIsNotReplaced) {
  server_.stop();
  std::filesystem::create_directory(shop_.at("credentials"));
  std::filesystem::rename(shop_.at("data/store.key"),
                          shop_.at("credentials/countersign-store-key"));
  const Ran ran = shop_.run({"/usr/bin/env", "CREDENTIALS_DIRECTORY=" + shop_.at("credentials"),
                             std::string(COUNTERSIGN_BIN_DIR) + "/countersignd", "store-key",
                             "rotate", "--data", server_.data()});
  EXPECT_EQ(ran.exit, 6);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("systemd"), HasSubstr("systemd-creds encrypt")));
}

}  // namespace
}  // namespace countersign::test
