// countersign admin: the real program against the real server, over TLS and with a real token.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <thread>

#include "support/process.h"

namespace countersign::test {
namespace {

using std::chrono::milliseconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

namespace json = boost::json;

class Admin : public testing::Test {
 protected:
  void SetUp() override {
    ada_ = add_operator("ada", "administrator");
    const std::regex pattern("the API is served at (https://127\\.0\\.0\\.1:[0-9]+)/api/v1");
    for (int tries = 0; tries < 100 && api_.empty(); ++tries) {
      std::smatch found;
      const std::string log = server_.log();
      if (std::regex_search(log, found, pattern)) api_ = found[1];
      if (api_.empty()) std::this_thread::sleep_for(milliseconds{100});
    }
    ASSERT_FALSE(api_.empty()) << server_.log();
  }

  // Gives the file that its token is in.
  std::string add_operator(const std::string& name, const std::string& role) {
    const Ran ran = shop_.countersignd(
        {"operator", "add", name, "--role", role, "--json", "--data", server_.data()});
    EXPECT_EQ(ran.exit, 0) << ran.err;
    const std::string file = shop_.at(name + ".token");
    std::ofstream(file) << std::string(json::parse(ran.out).as_object().at("token").as_string())
                        << "\n";
    std::this_thread::sleep_for(milliseconds{1500});  // whoever serves looks once a second
    return file;
  }
  Ran as(const std::string& token_file, Words words) {
    words.insert(words.begin(), "admin");
    words.insert(words.end(), {"--api", api_, "--tls-trust", server_.data() + "/root.pem"});
    if (!token_file.empty()) words.insert(words.end(), {"--token-file", token_file});
    return shop_.countersign(words);
  }
  Ran admin(const Words& words) { return as(ada_, words); }
  json::object admin_json(Words words) {
    words.emplace_back("--json");
    const Ran ran = admin(words);
    EXPECT_EQ(ran.exit, 0) << ran.err;
    return json::parse(ran.out).as_object();
  }

  Workshop shop_;
  RunningServer server_{shop_, "[api]\nlisten = \"127.0.0.1:0\"\n"};
  std::string api_, ada_;
};

// "ra-profiles set NAME" of the help of a resource, as words that can be run.
std::vector<Words> commands_in(const std::string& help) {
  std::vector<Words> out;
  std::istringstream in(help);
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("  ") || line.starts_with("   ")) continue;
    std::istringstream words(line);
    Words command;
    for (std::string word; words >> word;)
      command.push_back(command.size() < 2 || word == "FILE" ? word : "x");
    out.push_back(command);
  }
  return out;
}

TEST_F(Admin, NamesEveryRouteOfTheServer) {
  std::set<std::string> expected, reached, resources;
  const auto described = json::parse(as("", {"--json"}).out).as_object();
  for (const auto& [path, methods] : described.at("paths").as_object())
    for (const auto& [method, operation] : methods.as_object()) {
      std::string name(method);
      for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      const std::string tail(path.substr(std::string_view("/api/v1/").size()));
      expected.insert(name + " /api/v1/" + std::regex_replace(tail, std::regex("\\{\\w+\\}"), "x"));
      resources.insert(tail.substr(0, tail.find('/')));
    }
  std::ofstream(shop_.at("body")) << "{}";
  for (const auto& resource : resources)
    for (Words command : commands_in(as("", {"help", resource}).out)) {
      const auto file = std::ranges::find(command, "FILE");
      if (file != command.end()) *file = shop_.at("body");
      if (file == command.end()) command.insert(command.end(), {"--body", shop_.at("body")});
      command.emplace_back("-v");
      Ran ran = as("", command);
      // What takes no body says so.
      if (ran.exit == 1) {
        std::erase(command, "--body");
        std::erase(command, shop_.at("body"));
        ran = as("", command);
      }
      std::smatch found;
      if (std::regex_search(ran.err, found, std::regex("countersign: ([A-Z]+ /api/\\S+)")))
        reached.insert(found[1]);
      EXPECT_EQ(ran.exit, resource == "openapi.json" ? 0 : 3) << command[0] << ": " << ran.err;
    }
  EXPECT_EQ(reached, expected);
}

TEST_F(Admin, TellsWhatIsWrongAndWhatThereIs) {
  struct Case {
    const char* what;
    Words words;
    int exit;
    const char* says;
  };
  const Case cases[] = {
      {"an unknown resource", {"profiles"}, 1, "ra-profiles, cmp-profiles"},
      {"an unknown verb", {"ra-profiles", "make"}, 1, "there are list, get, set, remove"},
      {"an unknown field", {"ra-profiles", "set", "x", "bogus=1"}, 1, "approvals"},
      {"no name", {"ra-profiles", "get"}, 1, "needs the name"},
      {"a needed field left out", {"requests", "reject", "1"}, 1, "reason"},
      {"a number that is none", {"ra-profiles", "set", "x", "approvals=two"}, 1, "whole number"},
      {"one that is not there", {"ra-profiles", "get", "x"}, 3, "admin.no-such-object"},
      {"a value that does not fit",
       {"templates", "set", "x", "validity=soon"},
       3,
       "template.x.validity"},
      {"an unknown transaction", {"why", "00"}, 3, "console.no-transaction"},
      {"a file that is missing", {"config", "apply", "toml=@/nowhere"}, 6, "/nowhere"},
      {"a path that is not there", {"call", "GET", "/nothing"}, 3, "console.path"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    const Ran ran = admin(c.words);
    EXPECT_EQ(ran.exit, c.exit) << ran.out << ran.err;
    EXPECT_THAT(ran.err, HasSubstr(c.says));
  }
}

TEST_F(Admin, LetsNobodyInWithoutARightToken) {
  const Ran nobody = as("", {"status"});
  EXPECT_EQ(nobody.exit, 3);
  EXPECT_THAT(nobody.err, AllOf(HasSubstr("console.unauthenticated"), HasSubstr("--token-file")));
  std::ofstream(shop_.at("guess")) << "cst_guess\n";
  const Ran guess = as(shop_.at("guess"), {"status", "--json"});
  EXPECT_EQ(guess.exit, 3);
  EXPECT_THAT(guess.out, HasSubstr("\"code\":\"console.unauthenticated\""));
  std::ofstream(shop_.at("empty")) << "";
  EXPECT_EQ(as(shop_.at("empty"), {"status"}).exit, 6);
  EXPECT_EQ(
      shop_.countersign({"admin", "status", "--api", "http://ca.example", "--token-file", ada_})
          .exit,
      1)
      << "in the clear";
  EXPECT_EQ(shop_.countersign({"admin", "status", "--api", api_, "--token-file", ada_}).exit, 4)
      << "nobody vouches for the server";
  const std::string rob = add_operator("rob", "read_only");
  const Ran forbidden = as(rob, {"audit", "list"});
  EXPECT_EQ(forbidden.exit, 3);
  EXPECT_THAT(forbidden.err, HasSubstr("console.forbidden"));
}

TEST_F(Admin, LetsACertificateIn) {
  Words words{"enroll", server_.url(),     "--subject", "CN=carl",
              "--key",  shop_.at("c.key"), "--cert",    shop_.at("c.pem")};
  const Words secret = server_.by_secret();
  words.insert(words.end(), secret.begin(), secret.end());
  ASSERT_EQ(shop_.countersign(words).exit, 0);
  ASSERT_EQ(shop_
                .countersignd({"operator", "add", "carl", "--role", "auditor", "--certificate",
                               shop_.at("c.pem"), "--data", server_.data()})
                .exit,
            0);
  std::this_thread::sleep_for(milliseconds{1500});
  const Ran me = as("", {"me", "--tls-cert", shop_.at("c.pem"), "--tls-key", shop_.at("c.key")});
  EXPECT_EQ(me.exit, 0) << me.err;
  EXPECT_THAT(me.out, AllOf(HasSubstr("carl"), HasSubstr("auditor")));
}

TEST_F(Admin, ChangesOneFieldAndKeepsTheOthers) {
  ASSERT_EQ(admin({"templates", "set", "line", "validity=90d", "keys=p256,p384"}).exit, 0);
  ASSERT_EQ(admin({"ra-profiles", "set", "factory", "template=line", "approvals=2"}).exit, 0);
  ASSERT_EQ(admin({"ra-profiles", "set", "factory", "names=unit-*"}).exit, 0);
  auto fields = admin_json({"ra-profiles", "get", "factory"}).at("fields").as_object();
  EXPECT_EQ(json::serialize(fields), R"({"approvals":2,"names":"unit-*","template":"line"})");
  ASSERT_EQ(admin({"ra-profiles", "set", "factory", "approvals"}).exit, 0) << "taken back";
  EXPECT_FALSE(
      admin_json({"ra-profiles", "get", "factory"}).at("fields").as_object().contains("approvals"));
  const auto keys = admin_json({"templates", "get", "line"}).at("fields").at("keys");
  EXPECT_EQ(json::serialize(keys), R"(["p256","p384"])");

  const Ran late = admin({"ra-profiles", "set", "factory", "names=any", "--if-match", "1"});
  EXPECT_EQ(late.exit, 7) << late.out;
  EXPECT_THAT(late.err, AllOf(HasSubstr("console.changed"), HasSubstr("read it again")));
  EXPECT_EQ(admin({"ra-profiles", "remove", "factory", "--if-match", "1"}).exit, 7);
  EXPECT_EQ(admin({"ra-profiles", "remove", "factory", "--if-match", "3"}).exit, 0);
  const Ran history = admin({"ra-profiles", "history", "factory"});
  EXPECT_THAT(history.out, AllOf(HasSubstr("operator:ada"), HasSubstr("removed")));
}

TEST_F(Admin, ReadsAListOverSeveralPages) {
  for (const char* name : {"a", "b", "c", "d/e=f"})
    ASSERT_EQ(admin({"credentials", "add", "names=any", "--reference", name, "--uses", "any"}).exit,
              0);
  const Ran first = admin({"credentials", "list", "--limit", "2"});
  EXPECT_THAT(first.err, HasSubstr("more follow: --all"));
  EXPECT_THAT(first.out, Not(HasSubstr("d/e=f")));
  const auto all = admin_json({"credentials", "--limit", "2", "--all"});
  EXPECT_EQ(all.at("items").as_array().size(), 5U);
  EXPECT_TRUE(all.at("next").is_null());
  EXPECT_THAT(admin({"credentials", "get", "d/e=f"}).out, HasSubstr("d/e=f"));
  EXPECT_EQ(admin({"credentials", "remove", "d/e=f"}).exit, 0);
  const auto called = admin_json({"call", "GET", "/credentials?limit=1"});
  EXPECT_EQ(called.at("items").as_array().size(), 1U);
  std::ofstream(shop_.at("body.json")) << R"({"reference": "g", "names": "any"})";
  EXPECT_EQ(admin({"call", "POST", "/credentials", "--body", shop_.at("body.json")}).exit, 0);
}

TEST_F(Admin, IsTheDeskOfOfficers) {
  const std::string bob = add_operator("bob", "ra_officer");
  const std::string eve = add_operator("eve", "ra_officer");
  ASSERT_EQ(admin({"ra-profiles", "set", "two", "template=device", "approvals=2",
                   "approval_check_after=1s"})
                .exit,
            0);
  const auto made = admin_json(
      {"credentials", "add", "names=any", "profile=two", "reference=desk", "--uses", "any"});
  const std::string secret(made.at("secret").as_string());
  std::this_thread::sleep_for(milliseconds{1500});
  const Process client({std::string(COUNTERSIGN_BIN_DIR) + "/countersign", "enroll", server_.url(),
                        "--reference", "desk", "--secret", "pass:" + secret, "--subject", "CN=me",
                        "--key", shop_.at("me.key"), "--cert", shop_.at("me.pem")},
                       shop_.at("me.out"), shop_.at("me.err"));
  json::array waiting;
  for (int tries = 0; tries < 100 && waiting.empty(); ++tries) {
    std::this_thread::sleep_for(milliseconds{100});
    waiting = admin_json({"requests", "list", "--state", "waits"}).at("items").as_array();
  }
  ASSERT_EQ(waiting.size(), 1U) << read_file(shop_.at("me.err"));
  const std::string id(waiting.at(0).at("id").as_string());
  EXPECT_EQ(as(bob, {"requests", "approve", id, "--comment", "I know it"}).exit, 0);
  const Ran again = as(bob, {"requests", "approve", id});
  EXPECT_EQ(again.exit, 3) << "two different ones";
  const Ran done = as(eve, {"requests", "approve", id});
  EXPECT_EQ(done.exit, 0) << done.err;
  EXPECT_THAT(done.out, AllOf(HasSubstr("approved"), HasSubstr("I know it")));
  for (int tries = 0; tries < 200 && !std::filesystem::exists(shop_.at("me.pem")); ++tries)
    std::this_thread::sleep_for(milliseconds{100});
  EXPECT_TRUE(std::filesystem::exists(shop_.at("me.pem"))) << read_file(shop_.at("me.err"));
  const Ran why = admin({"why", std::string(waiting.at(0).at("transaction").as_string())});
  EXPECT_EQ(why.exit, 0) << why.err;
  EXPECT_THAT(why.out, AllOf(HasSubstr("awaits-approval"), HasSubstr("operator:bob"),
                             HasSubstr("operator:eve"), HasSubstr("issued"), HasSubstr("CN=me")));
  const auto certificates =
      admin_json({"certificates", "--subject", "CN=me"}).at("items").as_array();
  ASSERT_EQ(certificates.size(), 1U);
  const std::string serial(certificates.at(0).at("serial").as_string());
  EXPECT_THAT(admin({"certificates", "get", serial, "--accept", "application/x-pem-file"}).out,
              HasSubstr("BEGIN CERTIFICATE"));
  EXPECT_THAT(as(bob, {"certificates", "revoke", serial, "reason=superseded"}).out,
              HasSubstr("revoked"));
}

// 3GPP TS 33.310: a base station of a vendor that nobody here knows yet.
TEST_F(Admin, AcceptsAnUnknownVendorWithOneWord) {
  shop_.certificate("root", {"-subj", "/CN=Vendor Root"});
  shop_.certificate("vendor",
                    {"-subj", "/CN=New Vendor", "-CA", shop_.at("root.pem"), "-CAkey",
                     shop_.at("root.key"), "-addext", "basicConstraints=critical,CA:TRUE"});
  shop_.certificate("station",
                    {"-subj", "/O=Vendor/CN=SN-1", "-CA", shop_.at("vendor.pem"), "-CAkey",
                     shop_.at("vendor.key"), "-addext", "basicConstraints=critical,CA:FALSE",
                     "-addext", "keyUsage=digitalSignature"});
  std::ofstream(shop_.at("chain.pem"))
      << read_file(shop_.at("station.pem")) << read_file(shop_.at("vendor.pem"));
  ASSERT_EQ(admin({"trust-sets", "set", "vendors", "names=self"}).exit, 0);
  ASSERT_EQ(admin({"cmp-profiles", "set", "ran", "variant=3gpp", "trust_sets=vendors"}).exit, 0);
  std::this_thread::sleep_for(milliseconds{1500});
  const auto enroll = [&] {
    return shop_.countersign({"enroll", server_.url() + "/.well-known/cmp/p/ran", "--key",
                              shop_.at("k"), "--cert", shop_.at("c.pem"), "--via-cert",
                              shop_.at("chain.pem"), "--via-key", shop_.at("station.key"),
                              "--trust", server_.data() + "/root.pem", "--subject",
                              "CN=SN-1,O=Vendor", "--start-over"});
  };
  ASSERT_EQ(enroll().exit, 3);
  const auto list = admin_json({"unknown-vendors", "list"}).at("items").as_array();
  ASSERT_EQ(list.size(), 1U) << server_.log();
  const auto& stranger = list.at(0).as_object();
  EXPECT_EQ(stranger.at("subject"), "CN=New Vendor");
  EXPECT_EQ(stranger.at("endpoint"), "ran");
  EXPECT_EQ(stranger.at("authority"), true);
  const std::string fingerprint(stranger.at("fingerprint").as_string());
  const Ran ran = admin({"unknown-vendors", "accept", fingerprint, "trust_set=vendors"});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  std::this_thread::sleep_for(milliseconds{1500});
  const Ran again = enroll();
  EXPECT_EQ(again.exit, 0) << again.err << server_.log();
  EXPECT_TRUE(admin_json({"unknown-vendors", "list"}).at("items").as_array().empty());
}

TEST_F(Admin, RollsACaOver) {
  const auto before = admin_json({"ca-keys", "list"}).at("items").as_array();
  ASSERT_EQ(before.size(), 2U);
  const auto made = admin_json({"ca-keys", "add", "role=issuing", "algorithm=p384"});
  EXPECT_EQ(made.at("generation").as_int64(), 2);
  EXPECT_EQ(made.at("state").as_string(), "present");
  EXPECT_EQ(made.at("algorithm").as_string(), "p384");
  std::this_thread::sleep_for(milliseconds{1500});
  Words words{"enroll",    server_.url(),
              "--subject", "CN=after",
              "--key",     shop_.at("after.key"),
              "--cert",    shop_.at("after.pem"),
              "--trust",   server_.data() + "/root.pem"};
  const Words secret = server_.by_secret();
  words.insert(words.end(), secret.begin(), secret.end());
  const Ran ran = shop_.countersign(words);
  ASSERT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(shop_.openssl({"x509", "-in", shop_.at("after.pem"), "-noout", "-issuer"}).out,
              HasSubstr("Issuing CA G2"));
  const Ran audit = shop_.countersignd({"audit", "list", "--data", server_.data()});
  EXPECT_THAT(audit.out, AllOf(HasSubstr("issuing-replaced"), HasSubstr("by operator:ada")));
  const auto after = admin_json({"ca-keys", "list"}).at("items").as_array();
  EXPECT_EQ(after.size(), 3U);
  EXPECT_THAT(admin({"ca-keys", "add", "role=issuing", "authority=nobody"}).err,
              HasSubstr("must be one of default"));
  EXPECT_EQ(admin({"ca-keys", "add", "role=issuing", "algorithm=ml-kem-768"}).exit, 3);
}

}  // namespace
}  // namespace countersign::test
