// countersignd revoke | release beside a server that goes on serving.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "support/process.h"

namespace countersign::test {
namespace {

using testing::HasSubstr;

class Officer : public testing::Test {
 protected:
  Workshop shop_;
  RunningServer server_{shop_};
  std::string serial_;

  void SetUp() override {
    const Ran ran = shop_.countersign({"enroll", server_.url(), "--reference", server_.reference(),
                                       "--secret", "pass:" + server_.secret(), "--subject", "CN=me",
                                       "--key", shop_.at("me.key"), "--cert", shop_.at("me.pem")});
    ASSERT_EQ(ran.exit, 0) << ran.err;
    const Ran shown = shop_.openssl({"x509", "-in", shop_.at("me.pem"), "-noout", "-serial"});
    serial_ = shown.out.substr(shown.out.find('=') + 1);
    serial_.erase(serial_.find_last_not_of('\n') + 1);
  }
  Ran officer(const Words& more) {
    Words words = more;
    words.insert(words.end(), {"--data", server_.data()});
    return shop_.countersignd(words);
  }
  Ran ask() {
    return shop_.countersign({"info", server_.url(), "--cert", shop_.at("me.pem"), "--key",
                              shop_.at("me.key"), "--type", "currentCRL"});
  }
  // The server hears of it within a second; its own check of the sender is at once.
  bool crl_lists_it() {
    for (int i = 0; i < 100; ++i) {
      const Ran ran = shop_.countersign({"info", server_.url(), "--reference", server_.reference(),
                                         "--secret", "pass:" + server_.secret(), "--type",
                                         "currentCRL", "--out", shop_.at("now.crl")});
      const Ran text = shop_.openssl({"crl", "-in", shop_.at("now.crl"), "-noout", "-text"});
      if (ran.exit == 0 && text.out.find(serial_) != std::string::npos) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds{50});
    }
    return false;
  }
};

TEST_F(Officer, HoldsReleasesAndRevokesWhileTheServerServes) {
  ASSERT_EQ(ask().exit, 0);
  Ran ran = officer({"revoke", serial_, "--reason", "certificateHold"});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("held: CN=me"));
  EXPECT_EQ(ask().exit, 3) << "on hold, it authenticates nobody";
  EXPECT_TRUE(crl_lists_it());
  ran = officer({"release", serial_});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(ask().exit, 0) << "released, it does again";
  EXPECT_EQ(officer({"release", serial_}).exit, 6) << "nothing is on hold";
  ran = officer({"revoke", serial_, "--reason", "keyCompromise"});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(ask().exit, 3);
  EXPECT_EQ(officer({"release", serial_}).exit, 6) << "for good";
  EXPECT_THAT(officer({"certificates", "--json"}).out, HasSubstr("keyCompromise"));
  const Ran audit = officer({"audit", "list"});
  for (const char* event : {"held", "released", "revoked"})
    EXPECT_THAT(audit.out, HasSubstr(event)) << audit.err;
  EXPECT_THAT(officer({"audit", "verify"}).out, HasSubstr("whole"));
}

TEST_F(Officer, IsToldWhatIsWrong) {
  EXPECT_THAT(officer({"revoke", "nonsense"}).err, HasSubstr("app.serial"));
  EXPECT_THAT(officer({"revoke", "0102"}).err, HasSubstr("app.no-certificate"));
  EXPECT_THAT(officer({"revoke", serial_, "--reason", "boredom"}).err, HasSubstr("app.reason"));
  EXPECT_THAT(officer({"revoke", serial_, "--reason", "removeFromCRL"}).err,
              HasSubstr("app.reason"));
}

}  // namespace
}  // namespace countersign::test
