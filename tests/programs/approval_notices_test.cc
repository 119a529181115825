// Officers are told what waits for them, and what nobody decides is escalated: through the real
// programs, with a real script and a real web service.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <thread>

#include "support/process.h"
#include "support/web_service.h"

namespace countersign::test {
namespace {

using std::chrono::milliseconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::Not;
namespace json = boost::json;

const std::string kClient = std::string(COUNTERSIGN_BIN_DIR) + "/countersign";

// Appends what it is told to a file, and fails while there is another.
constexpr const char* kScript = R"sh(#!/bin/sh
set -eu
cd "$(dirname "$0")"
echo "$COUNTERSIGN_EVENT" >> tried.txt
[ ! -f broken ] || { echo "no way" >&2; exit 1; }
line=$(cat)
printf '%s\n' "$line" >> told.txt
)sh";

class ApprovalNotices : public testing::Test {
 protected:
  Workshop shop_;
  std::optional<RunningServer> server_;
  std::vector<std::unique_ptr<Process>> clients_;

  // `notify`: the script, unless it is an URL.
  void serve(const std::string& approval = {}, std::string notify = {}) {
    if (notify.empty()) {
      notify = shop_.at("tell.sh");
      std::ofstream(notify) << kScript;
      std::filesystem::permissions(notify, std::filesystem::perms::owner_all);
    }
    server_.emplace(shop_, "[approval]\nnotify = \"" + notify + "\"\n" + approval);
  }
  Ran operate(Words words) {
    words.insert(words.end(), {"--data", server_->data()});
    return shop_.countersignd(words);
  }
  void has(const Words& object) {
    Words words{"object", "set"};
    words.insert(words.end(), object.begin(), object.end());
    const Ran ran = operate(words);
    ASSERT_EQ(ran.exit, 0) << ran.err;
    std::this_thread::sleep_for(milliseconds{1500});  // whoever serves looks once a second
  }
  void officers() {
    for (const auto& [name, role] :
         {std::pair{"ada", "ra_officer"}, {"bob", "ra_officer"}, {"eve", "administrator"}})
      ASSERT_EQ(operate({"operator", "add", name, "--role", role}).exit, 0);
  }
  Process& ask(const std::string& name) {
    clients_.push_back(std::make_unique<Process>(
        Words{kClient, "enroll", server_->url(), "--reference", server_->reference(), "--secret",
              "pass:" + server_->secret(), "--subject", "CN=" + name, "--key",
              shop_.at(name + ".key"), "--cert", shop_.at(name + ".pem"), "--patience", "60s"},
        shop_.at(name + ".out"), shop_.at(name + ".err")));
    return *clients_.back();
  }
  std::string said(const std::string& name) { return read_file(shop_.at(name + ".err")); }

  std::vector<json::object> told() {
    std::vector<json::object> out;
    std::ifstream in(shop_.at("told.txt"));
    for (std::string line; std::getline(in, line);)
      if (!line.empty()) out.push_back(json::parse(line).as_object());
    return out;
  }
  std::vector<std::string> events() {
    std::vector<std::string> out;
    for (const auto& one : told()) out.emplace_back(one.at("event").as_string());
    return out;
  }
  // The last one of that event, once it is there.
  json::object awaited(const std::string& event) {
    for (int i = 0; i < 800; ++i) {
      for (const auto& one : told())
        if (one.at("event") == json::value(event)) return one;
      std::this_thread::sleep_for(milliseconds{50});
    }
    ADD_FAILURE() << event << " was not told: " << server_->log();
    return {};
  }
  std::string id_in(const json::object& event) { return std::string(event.at("id").as_string()); }
};

TEST_F(ApprovalNotices, TellOfWhatIsAskedAndOfWhatIsDecided) {
  serve("desk_url = \"https://desk.example/requests/\"\n");
  officers();
  has({"ra_profile", "device", "template=device", "approvals=2", "approval_check_after=1s"});
  Process& client = ask("me");
  const auto asked = awaited("asked");
  const std::string id = id_in(asked);
  EXPECT_EQ(asked.at("subject"), json::value("CN=me"));
  EXPECT_EQ(asked.at("ra_profile"), json::value("device"));
  EXPECT_EQ(asked.at("sender"), json::value("secret:" + server_->reference()));
  EXPECT_EQ(asked.at("approvals"), json::value(0));
  EXPECT_EQ(asked.at("needed"), json::value(2));
  EXPECT_EQ(asked.at("url"), json::value("https://desk.example/requests/" + id));
  EXPECT_THAT(operate({"requests", "list", "--json"}).out, HasSubstr(id)) << "the desk knows it";
  ASSERT_EQ(operate({"requests", "approve", id, "--as", "ada"}).exit, 0);
  server_->kill();
  server_->start();
  ASSERT_EQ(operate({"requests", "approve", id, "--as", "bob", "--comment", "known"}).exit, 0);
  const auto decided = awaited("decided");
  EXPECT_EQ(decided.at("decision"), json::value("approved"));
  EXPECT_EQ(decided.at("officers"), json::value("ada, bob"));
  EXPECT_EQ(decided.at("comment"), json::value("known"));
  EXPECT_EQ(client.wait(milliseconds{30'000}), 0) << said("me") << server_->log();
}

TEST_F(ApprovalNotices, EscalateWhatNobodyDecides) {
  serve();
  officers();
  has({"ra_profile", "device", "template=device", "approvals=2", "approval_check_after=1s",
       "escalate_after=4s"});
  Process& client = ask("me");
  const std::string id = id_in(awaited("asked"));
  EXPECT_THAT(operate({"requests", "approve", id, "--as", "eve"}).out, HasSubstr("1 of 2"))
      << "not yet";
  server_->kill();
  server_->start();
  const auto escalated = awaited("escalated");
  EXPECT_EQ(escalated.at("escalates_to"), json::value("administrator"));
  EXPECT_EQ(escalated.at("approvals"), json::value(1));
  EXPECT_THAT(operate({"requests", "show", id}).out, HasSubstr("to administrator"));
  EXPECT_THAT(operate({"requests", "approve", id, "--as", "eve"}).out, HasSubstr("approved: CN=me"))
      << "its word alone is enough now";
  EXPECT_EQ(client.wait(milliseconds{30'000}), 0) << said("me") << server_->log();
  EXPECT_THAT(operate({"audit", "list"}).out, AllOf(HasSubstr("escalated"), HasSubstr("issued")));
  awaited("decided");
  EXPECT_THAT(events(), IsSupersetOf({"asked", "escalated", "decided"}));
}

TEST_F(ApprovalNotices, EscalateToWhomTheProfileNames) {
  serve();
  officers();
  has({"ra_profile", "device", "template=device", "approvals=2", "approval_check_after=1s",
       "escalate_after=1s", "escalate_to=bob"});
  Process& client = ask("me");
  const std::string id = id_in(awaited("escalated"));
  EXPECT_THAT(operate({"requests", "approve", id, "--as", "eve"}).out, HasSubstr("1 of 2"))
      << "an administrator is one of two as before";
  EXPECT_THAT(operate({"requests", "approve", id, "--as", "bob"}).out, HasSubstr("approved"));
  EXPECT_EQ(client.wait(milliseconds{30'000}), 0) << said("me") << server_->log();
}

TEST_F(ApprovalNotices, RemindAndTellWhenItIsTooLate) {
  serve("remind_every = \"1s\"\n");
  has({"ra_profile", "device", "template=device", "approvals=1", "approval_check_after=1s",
       "approval_wait=5s"});
  Process& client = ask("me");
  awaited("reminded");
  const auto expired = awaited("expired");
  EXPECT_EQ(expired.at("subject"), json::value("CN=me"));
  EXPECT_EQ(client.wait(milliseconds{30'000}), 3);
  EXPECT_THAT(said("me"), HasSubstr("in time"));
  const auto all = events();
  EXPECT_GE(std::ranges::count(all, "reminded"), 2);
  EXPECT_EQ(all.front(), "asked");
  std::this_thread::sleep_for(milliseconds{2500});
  EXPECT_EQ(events().size(), all.size()) << "nobody is reminded of what is over";
}

TEST_F(ApprovalNotices, HoldNobodyUpWhereTheyFail) {
  serve();
  std::ofstream(shop_.at("broken")) << "yes";
  has({"ra_profile", "device", "template=device", "approvals=1", "approval_check_after=1s"});
  Process& client = ask("me");
  for (int i = 0; i < 200 && read_file(shop_.at("tried.txt")).empty(); ++i)
    std::this_thread::sleep_for(milliseconds{50});
  const Ran list = operate({"requests", "list", "--json"});
  const auto row = json::parse(list.out).as_array().at(0).as_object();
  ASSERT_EQ(operate({"requests", "approve", id_in(row)}).exit, 0);
  EXPECT_EQ(client.wait(milliseconds{30'000}), 0) << said("me") << server_->log();
  EXPECT_TRUE(events().empty());
  EXPECT_THAT(server_->log(), AllOf(HasSubstr("officers could not be told"),
                                    HasSubstr("the program ended with exit code 1")));
  std::filesystem::remove(shop_.at("broken"));
  awaited("asked");
  awaited("decided");
}

TEST_F(ApprovalNotices, GoToAWebServiceToo) {
  const WebService desk([](const WebRequest& request) -> WebAnswer {
    const bool known = request.headers.contains("Authorization: Bearer sesame");
    return {.status = known ? "204 No Content" : "401 Unauthorized", .body = ""};
  });
  std::ofstream(shop_.at("token")) << "sesame\n";
  serve("notify_token = \"" + shop_.at("token") + "\"\n", desk.url("/pki"));
  has({"ra_profile", "device", "template=device", "approvals=1", "approval_check_after=1s"});
  Process& client = ask("me");
  for (int i = 0; i < 200 && desk.asked().empty(); ++i)
    std::this_thread::sleep_for(milliseconds{50});
  ASSERT_FALSE(desk.asked().empty()) << server_->log();
  const WebRequest request = desk.asked().front();
  EXPECT_THAT(request.line, HasSubstr("POST /pki"));
  EXPECT_THAT(request.headers, HasSubstr("application/json"));
  EXPECT_THAT(request.body, HasSubstr("\"event\":\"asked\""));
  const auto told = json::parse(request.body).as_object();
  ASSERT_EQ(operate({"requests", "reject", id_in(told), "--reason", "no"}).exit, 0);
  EXPECT_EQ(client.wait(milliseconds{30'000}), 3);
  for (int i = 0; i < 200 && desk.asked().size() < 2; ++i)
    std::this_thread::sleep_for(milliseconds{50});
  EXPECT_THAT(desk.asked().back().body, HasSubstr("\"decision\":\"rejected\""));
}

TEST_F(ApprovalNotices, AreRefusedAtStartWhereNobodyCouldBeTold) {
  serve();
  server_->stop();
  for (const auto& [notify, says] :
       {std::pair{std::string("/no/such/program"), "no program /no/such/program"},
        {std::string("http://desk.example/"), "must be an https URL"}}) {
    std::ofstream(shop_.at("other.toml")) << "[approval]\nnotify = \"" << notify << "\"\n";
    EXPECT_THAT(operate({"serve", "--config", shop_.at("other.toml")}).err, HasSubstr(says));
  }
}

}  // namespace
}  // namespace countersign::test
