// Secrets from a CSV file that a program carries to whom they are for, through the real programs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <sstream>

#include "support/process.h"

namespace countersign::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class SecretDelivery : public testing::Test {
 protected:
  Workshop shop_;
  std::unique_ptr<RunningServer> server_;

  void serve(const std::string& config = {}) {
    server_ = std::make_unique<RunningServer>(shop_, config);
  }
  void write(const std::string& name, const std::string& content) {
    std::ofstream(shop_.at(name)) << content;
  }
  Ran operate(Words words) {
    words.insert(words.end(), {"--data", server_->data()});
    return shop_.countersignd(words);
  }
  std::string list() { return operate({"secret", "list", "--json"}).out; }
};

TEST_F(SecretDelivery, DeliversRowByRow) {
  write("post",
        "#!/bin/sh\ntest \"$COUNTERSIGN_ADDRESS\" = nobody && { echo no mailbox >&2; exit 1; }\n"
        "echo \"$COUNTERSIGN_ADDRESS $COUNTERSIGN_REFERENCE $COUNTERSIGN_SECRET\" >> \"" +
            shop_.at("mail") + "\"\n");
  std::filesystem::permissions(shop_.at("post"), std::filesystem::perms::owner_all);
  serve("[credentials]\ndeliver = \"" + shop_.at("post") + "\"\n");
  const std::string rows = "reference,deliver\n%1,ada\n%2,\n%3,nobody\n%4,bob\n";
  const auto import = [&](const std::string& prefix, const Words& more) {
    write("units.csv", std::regex_replace(rows, std::regex("%"), prefix));
    Words words{"secret", "import", shop_.at("units.csv")};
    words.insert(words.end(), more.begin(), more.end());
    return operate(words);
  };
  Ran ran = import("a", {});
  EXPECT_EQ(ran.exit, 6);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("line 4: "), HasSubstr("no mailbox"),
                             HasSubstr("app.csv-undelivered"), HasSubstr("the 2 before it")));
  EXPECT_THAT(ran.out, AllOf(HasSubstr("\na2,"), Not(HasSubstr("\na1,"))))
      << "what is kept and was not delivered is shown";
  EXPECT_THAT(list(), AllOf(HasSubstr("\"a1\""), HasSubstr("\"a2\""), Not(HasSubstr("\"a3\"")),
                            Not(HasSubstr("\"a4\""))));
  ran = import("b", {"--skip-broken"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.err, AllOf(HasSubstr("line 4: "),
                             HasSubstr("imported 3 secrets, delivered 2, left out 1")));
  EXPECT_THAT(list(), AllOf(HasSubstr("\"b1\""), HasSubstr("\"b4\""), Not(HasSubstr("\"b3\""))));
  EXPECT_THAT(operate({"audit", "list"}).out, HasSubstr("delivered to bob"));
  std::istringstream mail(read_file(shop_.at("mail")));
  std::string address, reference, secret;
  while (mail >> address >> reference >> secret && reference != "b4") continue;
  EXPECT_EQ(address, "bob");
  ran = shop_.countersign({"enroll", server_->url(), "--reference", "b4", "--secret",
                           "pass:" + secret, "--subject", "CN=b4", "--key", shop_.at("k"), "--cert",
                           shop_.at("c")});
  EXPECT_EQ(ran.exit, 0) << ran.err;
}

TEST_F(SecretDelivery, KeepsNothingWhereNothingDelivers) {
  serve();
  write("units.csv", "reference,deliver\na,\nb,bob\n");
  const Ran ran = operate({"secret", "import", shop_.at("units.csv"), "--skip-broken"});
  EXPECT_EQ(ran.exit, 6);
  EXPECT_THAT(ran.err, HasSubstr("app.deliver-none"));
  EXPECT_THAT(list(), Not(HasSubstr("\"a\"")));
}

}  // namespace
}  // namespace countersign::test
