// The REST API of the real server, over real sockets: who may log in, what operators set, officers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <regex>
#include <thread>

#include "support/process.h"

namespace countersign::test {
namespace {

using std::chrono::milliseconds;
using testing::AllOf;
using testing::HasSubstr;

namespace json = boost::json;

struct Answer {
  int status = 0;
  std::string head, body;
  json::object object() const { return json::parse(body).as_object(); }
};

class RestApi : public testing::Test {
 protected:
  Workshop shop_;
  RunningServer server_{shop_, "[api]\nlisten = \"127.0.0.1:0\"\ntls = false\n"};
  int port_ = 0;

  Ran operate(Words words) {
    words.insert(words.end(), {"--data", server_.data()});
    return shop_.countersignd(words);
  }
  std::string token_of(const std::string& name, const std::string& role) {
    const Ran ran = operate({"operator", "add", name, "--role", role, "--json"});
    EXPECT_EQ(ran.exit, 0) << ran.err;
    const std::string token(json::parse(ran.out).as_object().at("token").as_string());
    std::this_thread::sleep_for(milliseconds{1500});  // whoever serves looks once a second
    return token;
  }
  // The port is in the log, once there is an operator.
  void find_port() {
    const std::regex pattern("the API is served at https?://127\\.0\\.0\\.1:([0-9]+)/api/v1");
    for (int tries = 0; tries < 100 && port_ == 0; ++tries) {
      std::smatch found;
      const std::string log = server_.log();
      if (std::regex_search(log, found, pattern)) port_ = std::stoi(found[1]);
      if (port_ == 0) std::this_thread::sleep_for(milliseconds{100});
    }
    ASSERT_NE(port_, 0) << server_.log();
  }
  Answer ask(const std::string& token, const std::string& method, const std::string& path,
             const std::string& body = {}, const std::string& more = {}) {
    std::string request = method + " " + path + " HTTP/1.0\r\nHost: x\r\n" + more;
    if (!token.empty()) request += "Authorization: Bearer " + token + "\r\n";
    if (!body.empty() || method != "GET")
      request +=
          "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
          "\r\n";
    const std::string reply = http(port_, request + "\r\n" + body);
    const auto end = reply.find("\r\n\r\n");
    Answer out{0, reply.substr(0, end), end == std::string::npos ? "" : reply.substr(end + 4)};
    if (reply.size() > 12) out.status = std::atoi(reply.substr(9, 3).c_str());
    return out;
  }
};

TEST_F(RestApi, IsServedFromTheFirstOperatorOn) {
  EXPECT_THAT(server_.log(), testing::Not(HasSubstr("the API is served")));
  const std::string token = token_of("ada", "administrator");
  find_port();
  EXPECT_EQ(ask("", "GET", "/api/v1/status").status, 401);
  EXPECT_EQ(ask("cst_guess", "GET", "/api/v1/status").status, 401);
  const Answer me = ask(token, "GET", "/api/v1/me");
  EXPECT_EQ(me.status, 200);
  EXPECT_EQ(me.object().at("name").as_string(), "ada");
  EXPECT_EQ(ask("", "GET", "/api/v1/openapi.json").object().at("openapi").as_string(), "3.1.0");
  EXPECT_EQ(operate({"object", "disable", "operator", "ada"}).exit, 0);
  std::this_thread::sleep_for(milliseconds{2000});
  EXPECT_EQ(ask(token, "GET", "/api/v1/me").status, 401) << "disabled meanwhile";
}

TEST_F(RestApi, ChangesWhatOperatorsSet) {
  const std::string token = token_of("ada", "administrator");
  const std::string reader = token_of("rob", "auditor");
  find_port();
  const std::string line = R"({"fields":{"validity":"90d","keys":["p256"]}})";
  Answer answer = ask(token, "PUT", "/api/v1/templates/line", line);
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_THAT(answer.head, HasSubstr("ETag: \"1\""));
  EXPECT_EQ(ask(reader, "PUT", "/api/v1/templates/line", line).status, 403);
  EXPECT_EQ(ask(reader, "GET", "/api/v1/templates/line").status, 200);
  answer = ask(token, "PUT", "/api/v1/ra-profiles/factory", R"({"fields":{"template":"line"}})");
  ASSERT_EQ(answer.status, 200) << answer.body;

  answer = ask(token, "PUT", "/api/v1/templates/line", R"({"fields":{"validity":"soon"}})");
  EXPECT_EQ(answer.status, 422);
  EXPECT_THAT(answer.body, AllOf(HasSubstr("template.line.validity"), HasSubstr("admin.unsound")));
  EXPECT_EQ(ask(token, "PUT", "/api/v1/templates/line", R"({"fields":{"validity":1.5}})").status,
            400);
  EXPECT_EQ(ask(token, "PUT", "/api/v1/templates/line", line, "If-Match: \"7\"\r\n").status, 412);
  EXPECT_THAT(ask(reader, "GET", "/api/v1/templates/line").head, HasSubstr("ETag: \"1\""));
  EXPECT_EQ(ask(token, "PUT", "/api/v1/templates/line", line, "If-None-Match: *\r\n").status, 412);
  EXPECT_EQ(ask(token, "PUT", "/api/v1/templates/other", line, "If-Match: *\r\n").status, 412);
  answer = ask(token, "DELETE", "/api/v1/templates/line");
  EXPECT_EQ(answer.status, 409);
  EXPECT_THAT(answer.body, HasSubstr("ra_profile.factory"));
  EXPECT_EQ(ask(token, "POST", "/api/v1/ra-profiles/factory/disable", "{}").status, 200);
  EXPECT_EQ(ask(token, "DELETE", "/api/v1/ra-profiles/factory").status, 204);
  EXPECT_EQ(ask(token, "GET", "/api/v1/ra-profiles/factory").status, 404);
  answer = ask(token, "GET", "/api/v1/ra-profiles/factory/history");
  EXPECT_EQ(answer.object().at("items").as_array().size(), 3U) << answer.body;
  EXPECT_THAT(operate({"audit", "list"}).out, HasSubstr("by operator:ada"));

  answer = ask(token, "GET", "/api/v1/config");
  EXPECT_THAT(answer.body, HasSubstr("[template.line]"));
  const auto apply = [&](const std::string& toml, bool trial) {
    const json::object body{{"toml", toml}, {"trial", trial}};
    return ask(token, "POST", "/api/v1/config/apply", json::serialize(body));
  };
  EXPECT_THAT(apply("[ra_profile.x]\ntemplate = \"line\"\n", true).body, HasSubstr("\"add\""));
  EXPECT_EQ(ask(token, "GET", "/api/v1/ra-profiles/x").status, 404) << "that was a trial";
  EXPECT_EQ(apply("[ra_profile.x]\ntemplate = \"line\"\n", false).status, 200);
  EXPECT_EQ(ask(token, "GET", "/api/v1/ra-profiles/x").status, 200);
  EXPECT_EQ(apply("[ra_profile.x]\ntemplate = \n", false).status, 422);
}

TEST_F(RestApi, IsTheDeskOfOfficers) {
  const std::string ada = token_of("ada", "ra_officer");
  const std::string bob = token_of("bob", "ra_officer");
  const std::string rob = token_of("rob", "auditor");
  find_port();
  ASSERT_EQ(operate({"object", "set", "ra_profile", "two", "template=device", "approvals=2",
                     "approval_check_after=1s"})
                .exit,
            0);
  EXPECT_EQ(ask(ada, "POST", "/api/v1/credentials", R"({"profile":"ra"})").status, 403);
  // Made by ada: she may not decide what is asked with it.
  const Answer made = ask(ada, "POST", "/api/v1/credentials",
                          R"({"names":"any","profile":"two","reference":"desk","uses":"any"})");
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string secret(made.object().at("secret").as_string());
  std::this_thread::sleep_for(milliseconds{1500});
  const Process client({std::string(COUNTERSIGN_BIN_DIR) + "/countersign", "enroll", server_.url(),
                        "--reference", "desk", "--secret", "pass:" + secret, "--subject", "CN=me",
                        "--key", shop_.at("me.key"), "--cert", shop_.at("me.pem")},
                       shop_.at("me.out"), shop_.at("me.err"));
  json::array waiting;
  for (int tries = 0; tries < 100 && waiting.empty(); ++tries) {
    std::this_thread::sleep_for(milliseconds{100});
    waiting = ask(bob, "GET", "/api/v1/requests?state=waits").object().at("items").as_array();
  }
  ASSERT_EQ(waiting.size(), 1U) << read_file(shop_.at("me.err"));
  const auto& row = waiting.front().as_object();
  const std::string path = "/api/v1/requests/" + std::string(row.at("id").as_string());
  EXPECT_EQ(ask(rob, "POST", path + "/approve", "{}").status, 403);
  EXPECT_THAT(ask(ada, "POST", path + "/approve", "{}").body, HasSubstr("approval.own"));
  EXPECT_EQ(ask(bob, "POST", path + "/approve", R"({"comment":"known"})").status, 200);
  EXPECT_EQ(ask(bob, "POST", path + "/approve", "{}").status, 409) << "two different ones";
  ASSERT_EQ(operate({"requests", "approve", std::string(row.at("id").as_string())}).exit, 0);
  for (int tries = 0; tries < 200 && !std::filesystem::exists(shop_.at("me.pem")); ++tries)
    std::this_thread::sleep_for(milliseconds{100});
  EXPECT_TRUE(std::filesystem::exists(shop_.at("me.pem"))) << read_file(shop_.at("me.err"));
  const Answer why =
      ask(rob, "GET", "/api/v1/transactions/" + std::string(row.at("transaction").as_string()));
  EXPECT_THAT(why.body, AllOf(HasSubstr("awaits-approval"), HasSubstr("operator:bob"),
                              HasSubstr("issued"), HasSubstr("RA profile two")));
  const Ran told = operate({"why", std::string(row.at("transaction").as_string())});
  EXPECT_THAT(told.out, AllOf(HasSubstr("awaits-approval"), HasSubstr("by operator:bob"),
                              HasSubstr("issued")));
  EXPECT_EQ(operate({"why", "00"}).exit, 6);
}

TEST(RestApiOverTls, LetsNobodyInByARevokedCertificate) {
  Workshop shop;
  RunningServer server(shop, "[api]\nlisten = \"127.0.0.1:0\"\n");
  Words words{"enroll", server.url(),     "--subject", "CN=carl",
              "--key",  shop.at("c.key"), "--cert",    shop.at("c.pem")};
  const Words secret = server.by_secret();
  words.insert(words.end(), secret.begin(), secret.end());
  ASSERT_EQ(shop.countersign(words).exit, 0);
  ASSERT_EQ(shop.countersignd({"operator", "add", "carl", "--role", "auditor", "--certificate",
                               shop.at("c.pem"), "--data", server.data()})
                .exit,
            0);
  std::smatch found;
  std::string log;
  const std::regex pattern("the API is served at https://(127\\.0\\.0\\.1:[0-9]+)/api/v1");
  for (int tries = 0; tries < 100 && !std::regex_search(log, found, pattern); ++tries) {
    std::this_thread::sleep_for(milliseconds{100});
    log = server.log();
  }
  ASSERT_TRUE(std::regex_search(log, found, pattern)) << log;
  std::ofstream(shop.at("get.sh"))
      << "printf 'GET /api/v1/me HTTP/1.0\\r\\nHost: x\\r\\n\\r\\n' | " COUNTERSIGN_OPENSSL
         " s_client -quiet -ign_eof -no_ticket -connect \"$1\" -cert \"$2\" -key \"$3\" "
         "2>/dev/null\n";
  const auto me = [&] {
    return shop.run({"/bin/sh", shop.at("get.sh"), found[1], shop.at("c.pem"), shop.at("c.key")})
        .out;
  };
  EXPECT_THAT(me(), HasSubstr("\"carl\""));
  const Ran listed = shop.countersignd({"certificates", "--json", "--data", server.data()});
  const auto rows = json::parse(listed.out).as_array();
  const std::string serial(rows.at(0).as_object().at("serial").as_string());
  ASSERT_EQ(shop.countersignd({"revoke", serial, "--data", server.data()}).exit, 0);
  std::this_thread::sleep_for(milliseconds{2500});
  EXPECT_THAT(me(), HasSubstr("401"));
}

TEST(RestApiOverTls, HasACertificateOfItsOwn) {
  Workshop shop;
  RunningServer server(shop, "[api]\nlisten = \"127.0.0.1:0\"\n");
  ASSERT_EQ(
      shop.countersignd({"operator", "add", "ada", "--role", "auditor", "--data", server.data()})
          .exit,
      0);
  std::smatch found;
  std::string log;
  const std::regex pattern("the API is served at https://(127\\.0\\.0\\.1:[0-9]+)/api/v1");
  for (int tries = 0; tries < 100 && !std::regex_search(log, found, pattern); ++tries) {
    std::this_thread::sleep_for(milliseconds{100});
    log = server.log();
  }
  ASSERT_TRUE(std::regex_search(log, found, pattern)) << log;
  const Ran ran =
      shop.openssl({"s_client", "-connect", found[1], "-CAfile", server.data() + "/root.pem",
                    "-verify_return_error", "-verify_ip", "127.0.0.1", "-brief"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
}

}  // namespace
}  // namespace countersign::test
