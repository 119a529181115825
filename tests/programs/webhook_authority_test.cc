// A CA behind a web service: what it is asked in JSON, and what becomes of its answers. The service
// is real HTTP on loopback, the CA behind it OpenSSL's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <set>
#include <thread>

#include "support/process.h"
#include "support/web_service.h"

namespace countersign::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
namespace json = boost::json;

class TheirCa {
 public:
  TheirCa() {
    shop_.certificate("ca", {"-subj", "/CN=Their CA", "-days", "3650", "-addext",
                             "basicConstraints=critical,CA:TRUE", "-addext",
                             "keyUsage=critical,keyCertSign,cRLSign"});
  }
  std::string url() const { return service_.url("/issue"); }
  std::string certificate() const { return shop_.at("ca.pem"); }
  // It answers so from now on; none: as a CA does.
  void says(std::optional<WebAnswer> answer) {
    const std::lock_guard lock(mutex_);
    instead_ = std::move(answer);
  }
  std::vector<std::string> operations() const {
    std::vector<std::string> out;
    for (const auto& request : service_.asked())
      out.emplace_back(json::parse(request.body).at("operation").as_string());
    return out;
  }
  std::set<std::string> ids() const {
    std::set<std::string> out;
    for (const auto& request : service_.asked())
      out.emplace(json::parse(request.body).at("id").as_string());
    return out;
  }
  WebRequest last() const { return service_.asked().back(); }

 private:
  WebAnswer answer(const WebRequest& request) {
    const std::lock_guard lock(mutex_);
    if (instead_) return *instead_;
    const json::value question = json::parse(request.body);
    if (question.at("operation").as_string() == "revoke") return {.body = R"({"revoked":true})"};
    std::ofstream(shop_.at("key")) << question.at("public_key").as_string().c_str();
    const std::string subject(question.at("subject_slashes").as_string());
    const Ran ran = shop_.openssl({"x509", "-new", "-force_pubkey", shop_.at("key"), "-subj",
                                   subject, "-CA", shop_.at("ca.pem"), "-CAkey", shop_.at("ca.key"),
                                   "-days", "30", "-out", shop_.at("new.pem")});
    if (ran.exit != 0) return {.status = "500 Internal Server Error", .body = "{}"};
    return {.body = json::serialize(json::object{{"certificate", read_file(shop_.at("new.pem"))}})};
  }

  Workshop shop_;
  std::mutex mutex_;
  std::optional<WebAnswer> instead_;
  WebService service_{[this](const WebRequest& request) { return answer(request); }};
};

class WebhookAuthority : public testing::Test {
 protected:
  Workshop shop_;
  TheirCa theirs_;
  RunningServer server_{shop_};

  void SetUp() override {
    std::ofstream(shop_.at("objects.toml"))
        << "[authority.theirs]\nkind = \"webhook\"\nurl = \"" << theirs_.url() << "\"\nca = \""
        << theirs_.certificate() << "\"\nretry = \"1s\"\n"
        << "[ra_profile.elsewhere]\ntemplate = \"device\"\nauthorities = [\"theirs\"]\n";
    const Ran ran =
        shop_.countersignd({"config", "apply", shop_.at("objects.toml"), "--data", server_.data()});
    ASSERT_EQ(ran.exit, 0) << ran.err;
    std::this_thread::sleep_for(std::chrono::milliseconds{1500});
  }
  Ran enroll(const Words& more = {}) {
    Words words{"enroll",    server_.url() + "/.well-known/cmp/p/elsewhere",
                "--subject", "CN=unit-1,O=Example",
                "--key",     shop_.at("k"),
                "--cert",    shop_.at("c")};
    const Words secret = server_.by_secret();
    words.insert(words.end(), secret.begin(), secret.end());
    words.insert(words.end(), more.begin(), more.end());
    return shop_.countersign(words);
  }
};

TEST_F(WebhookAuthority, IssuesAndIsToldOfARevocation) {
  Ran ran = enroll();
  ASSERT_EQ(ran.exit, 0) << ran.err << server_.log();
  EXPECT_EQ(shop_.openssl({"verify", "-CAfile", theirs_.certificate(), shop_.at("c")}).exit, 0);
  EXPECT_THAT(theirs_.last().line, HasSubstr("POST /issue "));
  EXPECT_THAT(theirs_.last().headers, HasSubstr("Content-Type: application/json"));
  EXPECT_THAT(theirs_.last().body, AllOf(HasSubstr(R"("ra_profile":"elsewhere")"),
                                         HasSubstr(R"("subject":"CN=unit-1,O=Example")")));
  ran = shop_.countersign({"revoke", server_.url(), "--key", shop_.at("k"), "--cert", shop_.at("c"),
                           "--trust", server_.data() + "/root.pem", "--reason", "superseded"});
  ASSERT_EQ(ran.exit, 0) << ran.err << server_.log();
  EXPECT_THAT(theirs_.last().body, HasSubstr(R"("reason":"superseded")"));
  EXPECT_THAT(theirs_.operations(), ElementsAre("issue", "revoke"));
}

struct Answer {
  const char* sentence;
  WebAnswer answer;
  int exit;
  const char* said;  // to the client, or in the log
};
class WebhookAnswers : public WebhookAuthority, public testing::WithParamInterface<Answer> {};

TEST_P(WebhookAnswers, AreUnderstood) {
  theirs_.says(GetParam().answer);
  const Ran ran = enroll({"--patience", "2s"});
  EXPECT_EQ(ran.exit, GetParam().exit) << ran.err;
  EXPECT_THAT(ran.err + server_.log(), HasSubstr(GetParam().said));
  EXPECT_FALSE(std::filesystem::exists(shop_.at("c")));
}
INSTANTIATE_TEST_SUITE_P(
    Of, WebhookAnswers,
    testing::Values(
        Answer{"a_refusal", {.body = R"({"refused":"not on Sundays"})"}, 3, "not on Sundays"},
        Answer{"a_refusal_as_a_status",
               {.status = "403 Forbidden", .body = R"({"refused":"not on Sundays"})"},
               3,
               "not on Sundays"},
        Answer{"not_yet", {.body = R"({"pending":1})"}, 5, ""},
        Answer{"a_failure_is_asked_again",
               {.status = "503 Service Unavailable", .body = ""},
               5,
               "answered with HTTP status 503"},
        Answer{"a_page_of_a_proxy_is_asked_again",
               {.body = "<html>", .type = "text/html"},
               5,
               "issuer.program-answer"}),
    [](const auto& a) { return a.param.sentence; });

TEST_F(WebhookAuthority, IsAskedAgainAfterAFailureAndAStart) {
  theirs_.says(WebAnswer{.status = "500 Internal Server Error", .body = ""});
  EXPECT_EQ(enroll({"--patience", "2s"}).exit, 5);
  server_.kill();
  theirs_.says(std::nullopt);
  server_.start();
  const Ran ran = enroll();
  EXPECT_EQ(ran.exit, 0) << ran.err << server_.log();
  EXPECT_GE(theirs_.operations().size(), 2U);
  EXPECT_EQ(theirs_.ids().size(), 1U) << "the same order, asked again";
}

}  // namespace
}  // namespace countersign::test
