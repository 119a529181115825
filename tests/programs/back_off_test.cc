// Who guesses at a shared secret is held up, through the real server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "base/bytes.h"
#include "support/process.h"

namespace countersign::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class BackOffs : public testing::Test {
 protected:
  Workshop shop_;
  RunningServer server_{shop_};

  // An ir that is not sent.
  Bytes message(const std::string& name, const std::string& secret) {
    const std::string file = shop_.at(name + ".pki");
    const Ran ran = shop_.countersign({"enroll", server_.url(), "--reference", server_.reference(),
                                       "--secret", "pass:" + secret, "--subject", "CN=" + name,
                                       "--key", shop_.at(name + ".key"), "--cert",
                                       shop_.at(name + ".pem"), "--request-out", file});
    EXPECT_TRUE(std::filesystem::exists(file)) << ran.err;
    return to_bytes(read_file(file));
  }
  std::string answer(const Bytes& message) { return std::string(text(server_.post(message))); }
};

TEST_F(BackOffs, HoldUpGuessesAndThenTheRightSecretToo) {
  const Bytes wrong = message("wrong", "not-the-secret-at-all");
  const Bytes right = message("right", server_.secret());
  for (int i = 0; i < 50; ++i)
    ASSERT_THAT(answer(wrong), HasSubstr("the MAC does not verify")) << i;
  // After 1 s and 2 s it is 4 s, in which the rest of this fits.
  int more = 0;
  for (int i = 0; more < 3 && i < 400; ++i) {
    if (answer(wrong).contains("the MAC does not verify")) ++more;
    std::this_thread::sleep_for(std::chrono::milliseconds{25});
  }
  ASSERT_EQ(more, 3);
  EXPECT_THAT(answer(wrong), HasSubstr("did not prove its secret; wait"));
  EXPECT_THAT(answer(right), HasSubstr("did not prove its secret; wait"));
  EXPECT_THAT(server_.log(), HasSubstr("server.back-off"));
}

TEST_F(BackOffs, AreOfOneReference) {
  const Bytes wrong = message("wrong", "not-the-secret-at-all");
  for (int i = 0; i < 52; ++i) answer(wrong);
  ASSERT_EQ(shop_
                .countersignd({"secret", "add", "--reference", "another", "--names", "another",
                               "--secret", "pass:something-that-is-long", "--data", server_.data()})
                .exit,
            0);
  const Ran ran = shop_.countersign({"enroll", server_.url(), "--reference", "another", "--secret",
                                     "pass:something-that-is-long", "--subject", "CN=another",
                                     "--key", shop_.at("k"), "--cert", shop_.at("c")});
  EXPECT_EQ(ran.exit, 0) << ran.err;
}

}  // namespace
}  // namespace countersign::test
