// Requests that wait for an officer, through the real programs. RFC 9810 §5.3.22, RFC 9483 §4.4
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <thread>

#include "support/process.h"

namespace countersign::test {
namespace {

using std::chrono::milliseconds;
using testing::AllOf;
using testing::HasSubstr;

const std::string kClient = std::string(COUNTERSIGN_BIN_DIR) + "/countersign";
constexpr const char* kConfig =
    "[approval]\ntemplates = [\"device\", \"tls-server\"]\nrevocations = true\n"
    "check_after = \"1s\"\n";

class Approval : public testing::Test {
 protected:
  Workshop shop_;
  RunningServer server_{shop_, kConfig};
  std::vector<std::unique_ptr<Process>> clients_;

  Ran officer(Words words) {
    words.insert(words.end(), {"--data", server_.data()});
    return shop_.countersignd(words);
  }
  // Ids of what waits, oldest first.
  std::vector<std::string> waiting() {
    const Ran ran = officer({"requests", "list", "--json"});
    EXPECT_EQ(ran.exit, 0) << ran.err;
    std::vector<std::string> ids;
    const auto rows = boost::json::parse(ran.out);
    for (const auto& row : rows.as_array()) ids.emplace_back(row.as_object().at("id").as_string());
    return ids;
  }
  std::vector<std::string> waiting(std::size_t count) {
    for (int i = 0; i < 200; ++i) {
      auto ids = waiting();
      if (ids.size() >= count) return ids;
      std::this_thread::sleep_for(milliseconds{50});
    }
    ADD_FAILURE() << "nothing waits: " << server_.log();
    return {std::string(64, '0')};
  }
  Words enroll(const std::string& name, const Words& more = {}) {
    Words words{kClient,
                "enroll",
                server_.url(),
                "--reference",
                server_.reference(),
                "--secret",
                "pass:" + server_.secret(),
                "--subject",
                "CN=" + name,
                "--key",
                shop_.at(name + ".key"),
                "--cert",
                shop_.at(name + ".pem"),
                "--patience",
                "60s"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  Process& begin(const std::string& name, const Words& words) {
    clients_.push_back(
        std::make_unique<Process>(words, shop_.at(name + ".out"), shop_.at(name + ".err")));
    return *clients_.back();
  }
  std::string said(const std::string& name) {
    return read_file(shop_.at(name + ".out")) + read_file(shop_.at(name + ".err"));
  }
};

TEST_F(Approval, GrantsWhatAnOfficerApprovedAlsoAfterARestart) {
  Process& client = begin("me", enroll("me"));
  const auto ids = waiting(1);
  const Ran shown = officer({"requests", "show", ids[0].substr(0, 6)});
  EXPECT_THAT(shown.out, AllOf(HasSubstr("CN=me"), HasSubstr("device"), HasSubstr("p256"),
                               HasSubstr("keyUsage")))
      << shown.err;
  EXPECT_EQ(server_.certificates(), "") << "nothing is issued before";
  server_.kill();
  server_.start();
  const Ran ran = officer({"requests", "approve", ids[0], "--comment", "known to me"});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("approved: CN=me"));
  ASSERT_EQ(client.wait(milliseconds{30'000}), 0) << said("me") << server_.log();
  EXPECT_THAT(server_.certificates(), HasSubstr("valid CN=me"));
  EXPECT_TRUE(waiting().empty());
  EXPECT_THAT(officer({"requests", "list", "--all"}).out, HasSubstr("approved"));
  EXPECT_EQ(officer({"requests", "approve", ids[0]}).exit, 6) << "decided already";
  const Ran audit = officer({"audit", "list"});
  EXPECT_THAT(audit.out, AllOf(HasSubstr("awaits-approval"), HasSubstr("known to me"),
                               HasSubstr("issued"), HasSubstr("confirmed")));
}

TEST_F(Approval, TellsARejectedRequesterWhy) {
  Process& client = begin("me", enroll("me"));
  const auto ids = waiting(1);
  const Ran ran = officer({"requests", "reject", ids[0], "--reason", "no such device is ours"});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(client.wait(milliseconds{30'000}), 3);
  EXPECT_THAT(said("me"), AllOf(HasSubstr("no such device is ours"), HasSubstr("notAuthorized")));
  EXPECT_EQ(server_.certificates(), "");
  // Its secret is not spent.
  Process& again = begin("me2", enroll("me2"));
  ASSERT_EQ(officer({"requests", "approve", waiting(1)[0]}).exit, 0);
  EXPECT_EQ(again.wait(milliseconds{30'000}), 0) << said("me2");
}

TEST_F(Approval, OthersPassAndSoDoUpdatesOfTheirHolders) {
  const Words words = enroll("quick", {"--profile", "tls-client"});
  const Ran ran = shop_.run(words);
  EXPECT_EQ(ran.exit, 0) << "not of a template that needs it: " << ran.err;
  Process& client = begin("me", enroll("me"));
  ASSERT_EQ(officer({"requests", "approve", waiting(1)[0]}).exit, 0);
  ASSERT_EQ(client.wait(milliseconds{30'000}), 0) << said("me");
  const Ran renewed =
      shop_.countersign({"renew", server_.url(), "--cert", shop_.at("me.pem"), "--key",
                         shop_.at("me.key"), "--roots", shop_.at("me.pem.roots.pem")});
  EXPECT_EQ(renewed.exit, 0) << renewed.err;
}

TEST_F(Approval, OfARevocationIsPolledForToo) {
  Process& client = begin("me", enroll("me"));
  ASSERT_EQ(officer({"requests", "approve", waiting(1)[0]}).exit, 0);
  ASSERT_EQ(client.wait(milliseconds{30'000}), 0) << said("me");
  Process& revoking = begin("rr", {kClient, "revoke", server_.url(), "--cert", shop_.at("me.pem"),
                                   "--key", shop_.at("me.key"), "--reason", "superseded", "--roots",
                                   shop_.at("me.pem.roots.pem")});
  const auto ids = waiting(1);
  EXPECT_THAT(officer({"requests", "list"}).out, HasSubstr("revocation of"));
  EXPECT_THAT(server_.certificates(), HasSubstr("valid CN=me")) << "not before";
  ASSERT_EQ(officer({"requests", "approve", ids[0]}).exit, 0);
  EXPECT_EQ(revoking.wait(milliseconds{30'000}), 0) << said("rr") << server_.log();
  EXPECT_THAT(server_.certificates(), HasSubstr("revoked CN=me"));
}

TEST_F(Approval, IsWaitedForByOpenssl) {
  for (const std::string command : {"ir", "p10cr"}) {
    const std::string name = "foreign-" + command;
    const Ran made = shop_.openssl(
        {"req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
         shop_.at(name + ".key"), "-out", shop_.at(name + ".csr"), "-subj", "/CN=" + name});
    ASSERT_EQ(made.exit, 0) << made.err;
    Words words{COUNTERSIGN_OPENSSL,
                "cmp",
                "-config",
                "",
                "-cmd",
                command,
                "-server",
                server_.host_port(),
                "-path",
                "/.well-known/cmp",
                "-ref",
                server_.reference(),
                "-secret",
                "pass:" + server_.secret(),
                "-certout",
                shop_.at(name + ".pem"),
                "-total_timeout",
                "60"};
    const Words asked = command == "ir"
                            ? Words{"-newkey", shop_.at(name + ".key"), "-subject", "/CN=" + name}
                            : Words{"-csr", shop_.at(name + ".csr")};
    words.insert(words.end(), asked.begin(), asked.end());
    Process& client = begin(name, words);
    ASSERT_EQ(officer({"requests", "approve", waiting(1)[0]}).exit, 0);
    EXPECT_EQ(client.wait(milliseconds{30'000}), 0) << said(name) << server_.log();
    const Ran shown = shop_.openssl({"x509", "-in", shop_.at(name + ".pem"), "-noout", "-subject"});
    EXPECT_THAT(shown.out, HasSubstr(name));
  }
}

TEST_F(Approval, ToldWhatIsWrong) {
  EXPECT_THAT(officer({"requests", "approve", "12345"}).err, HasSubstr("app.no-request"));
  EXPECT_THAT(officer({"requests", "list"}).err, HasSubstr("nothing waits"));
}

}  // namespace
}  // namespace countersign::test
