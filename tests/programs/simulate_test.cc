// countersign admin simulate: what would become of a message, told by the real server, which is the
// same afterwards.
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

std::string text(const json::value& value) {
  return value.is_string() ? std::string(value.as_string()) : json::serialize(value);
}

class Simulate : public testing::Test {
 protected:
  void SetUp() override {
    const Ran ran = shop_.countersignd(
        {"operator", "add", "ada", "--role", "administrator", "--json", "--data", server_.data()});
    ASSERT_EQ(ran.exit, 0) << ran.err;
    std::ofstream(shop_.at("token")) << text(json::parse(ran.out).as_object().at("token")) << "\n";
    const std::regex pattern("the API is served at (https://127\\.0\\.0\\.1:[0-9]+)/api/v1");
    for (int tries = 0; tries < 100 && api_.empty(); ++tries) {
      std::smatch found;
      const std::string log = server_.log();
      if (std::regex_search(log, found, pattern)) api_ = found[1];
      if (api_.empty()) std::this_thread::sleep_for(milliseconds{100});
    }
    ASSERT_FALSE(api_.empty()) << server_.log();
  }

  Ran admin(Words words) {
    words.insert(words.begin(), "admin");
    words.insert(words.end(), {"--api", api_, "--tls-trust", server_.data() + "/root.pem",
                               "--token-file", shop_.at("token")});
    return shop_.countersign(words);
  }
  json::object simulate(Words words) {
    words.insert(words.begin(), "simulate");
    words.emplace_back("--json");
    const Ran ran = admin(words);
    EXPECT_EQ(ran.exit, 0) << ran.err << ran.out;
    boost::system::error_code broken;
    const auto parsed = json::parse(ran.out, broken);
    return parsed.is_object() ? parsed.as_object() : json::object{};
  }
  // The first message of an enrolment, in a file, as it would be sent.
  std::string message(const std::string& name, Words words) {
    const std::string file = shop_.at(name + ".pki");
    words.insert(words.begin(), {"enroll", "--request-out", file, "--key", shop_.at(name + ".key"),
                                 "--cert", shop_.at(name + ".pem")});
    const Ran ran = shop_.countersign(words);
    EXPECT_EQ(ran.exit, 0) << ran.err;
    return file;
  }
  Words under(const std::string& reference, const std::string& secret, Words more) {
    more.insert(more.end(), {"--reference", reference, "--secret", "pass:" + secret});
    return more;
  }
  std::string add_secret(const std::string& reference, Words more) {
    more.insert(more.begin(), {"credentials", "add", "reference=" + reference, "--json"});
    const Ran ran = admin(more);
    EXPECT_EQ(ran.exit, 0) << ran.err;
    return text(json::parse(ran.out).as_object().at("secret"));
  }
  // All that a simulation could have changed.
  std::string state() {
    return shop_.countersignd({"certificates", "--json", "--data", server_.data()}).out +
           shop_.countersignd({"audit", "list", "--json", "--data", server_.data()}).out +
           shop_.countersignd({"secret", "list", "--json", "--data", server_.data()}).out +
           shop_.countersignd({"requests", "list", "--json", "--data", server_.data()}).out;
  }

  Workshop shop_;
  RunningServer server_{shop_, "[api]\nlisten = \"127.0.0.1:0\"\n"};
  std::string api_;
};

TEST_F(Simulate, TellsWhatWouldBeIssuedAndChangesNothing) {
  const std::string secret = add_secret("once", {"names=dev*"});
  const std::string file = message(
      "dev",
      under("once", secret, {"--subject", "CN=dev1", "--san", "dns:dev1", "--days", "9999"}));
  const std::string before = state();
  for (int twice = 0; twice < 2; ++twice) {
    const auto told = simulate({file});
    EXPECT_EQ(text(told.at("outcome")), "granted");
    EXPECT_EQ(text(told.at("body")), "ir");
    EXPECT_EQ(text(told.at("sender")), "secret:once");
    EXPECT_TRUE(told.at("refusal").is_null());
    const auto& request = told.at("requests").at(0).as_object();
    EXPECT_EQ(text(request.at("ra_profile")), "device");
    EXPECT_THAT(text(request.at("because")), HasSubstr("default"));
    EXPECT_EQ(text(request.at("subject")), "CN=dev1");
    EXPECT_EQ(text(request.at("names")), R"(["dns:dev1"])");
    EXPECT_THAT(text(request.at("key")), HasSubstr("256"));
    EXPECT_EQ(text(request.at("proof_of_possession")), "signature");
    EXPECT_NE(text(request.at("differs")), "") << "9999 days are more than anybody gets";
    EXPECT_THAT(text(request.at("key_usage")), HasSubstr("digitalSignature"));
  }
  EXPECT_EQ(state(), before);
  const Ran shown = admin({"simulate", file});
  EXPECT_THAT(shown.out,
              AllOf(HasSubstr("granted"), HasSubstr("CN=dev1"), HasSubstr("protection")));
  // Its one use is still there.
  Words words = under("once", secret,
                      {"enroll", server_.url(), "--subject", "CN=dev2", "--key", shop_.at("d2.key"),
                       "--cert", shop_.at("d2.pem")});
  EXPECT_EQ(shop_.countersign(words).exit, 0);
  const auto spent = simulate({file});
  EXPECT_EQ(text(spent.at("outcome")), "refused") << "now it is spent";
  EXPECT_EQ(text(spent.at("refusal").at("code")), "protect.mac-mismatch");
}

TEST_F(Simulate, TellsWhyItWouldBeRefused) {
  const std::string secret = add_secret("any", {"names=dev*", "--uses", "any"});
  std::ofstream(shop_.at("broken")) << "0\x03" << "abc";
  std::ofstream(shop_.at("cut"), std::ios::binary)
      << read_file(message("cut", under("any", secret, {"--subject", "CN=dev1"}))).substr(0, 200);
  struct Case {
    const char* what;
    std::string file;
    Words options;
    std::string step, code, failure;
  };
  const Case cases[] = {
      {"no message at all", shop_.at("broken"), {}, "parse", "der.", "badDataFormat"},
      {"a message that was cut", shop_.at("cut"), {}, "parse", "der.", "badDataFormat"},
      {"a wrong secret",
       message("w", under("any", "0123456789abcdef", {"--subject", "CN=dev1"})),
       {},
       "protection",
       "protect.mac-mismatch",
       "badMessageCheck"},
      {"an unknown secret",
       message("u", under("nobody", secret, {"--subject", "CN=dev1"})),
       {},
       "protection",
       "protect.mac-mismatch",
       "badMessageCheck"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    Words words{c.file};
    words.insert(words.end(), c.options.begin(), c.options.end());
    const auto told = simulate(words);
    EXPECT_EQ(text(told.at("outcome")), "refused");
    EXPECT_EQ(text(told.at("steps").as_array().back().at("step")), c.step);
    const auto& refusal = told.at("refusal").as_object();
    EXPECT_EQ(text(refusal.at("failure")), c.failure);
    EXPECT_THAT(text(refusal.at("code")), testing::StartsWith(c.code));
    EXPECT_NE(text(refusal.at("text")), "");
  }
  const auto cut = simulate({shop_.at("cut")});
  EXPECT_THAT(text(cut.at("refusal").at("text")) + text(cut.at("refusal").at("detail")),
              HasSubstr(" at "))
      << "where";
}

TEST_F(Simulate, JudgesEachRequestByThePolicy) {
  const std::string secret = add_secret("any", {"names=dev*", "--uses", "any"});
  ASSERT_EQ(admin({"templates", "set", "big", "keys=rsa"}).exit, 0);
  ASSERT_EQ(admin({"ra-profiles", "set", "big", "template=big"}).exit, 0);
  ASSERT_EQ(admin({"ra-profiles", "set", "two", "template=device", "approvals=2"}).exit, 0);
  std::this_thread::sleep_for(milliseconds{1500});
  const std::string good = message("good", under("any", secret, {"--subject", "CN=dev1"}));
  const std::string other = message("other", under("any", secret, {"--subject", "CN=root"}));

  auto told = simulate({other});
  EXPECT_EQ(text(told.at("outcome")), "refused") << "a name that its secret does not have";
  EXPECT_EQ(text(told.at("requests").at(0).at("code")), "rights.name");
  EXPECT_EQ(text(told.at("requests").at(0).at("failure")), "notAuthorized");

  told = simulate({good, "--ra-profile", "two"});
  EXPECT_EQ(text(told.at("outcome")), "waits");
  EXPECT_EQ(text(told.at("requests").at(0).at("officers_needed")), "2");
  EXPECT_EQ(text(told.at("requests").at(0).at("ra_profile")), "two");

  told = simulate({good, "--ra-profile", "big"});
  EXPECT_EQ(text(told.at("outcome")), "refused") << "a kind of key that is not taken there";
  EXPECT_EQ(text(told.at("requests").at(0).at("failure")), "badCertTemplate");

  const std::string named =
      message("named", under("any", secret, {"--subject", "CN=dev1", "--profile", "two"}));
  told = simulate({named});
  EXPECT_THAT(text(told.at("requests").at(0).at("because")), HasSubstr("certProfile"));
  told = simulate({good, "--cmp-profile", "ra~two"});
  EXPECT_EQ(text(told.at("requests").at(0).at("ra_profile")), "two");

  EXPECT_EQ(admin({"simulate", good, "--ra-profile", "none"}).exit, 3);
  EXPECT_THAT(admin({"simulate", good, "--cmp-profile", "none"}).err,
              HasSubstr("simulation.endpoint"));
  EXPECT_THAT(admin({"simulate", good, "--as-secret", "any"}).err,
              HasSubstr("simulation.protected"));
}

TEST_F(Simulate, TakesAPkcs10AsIfItWereProtected) {
  add_secret("desk", {"names=dev*", "--uses", "any"});
  ASSERT_EQ(
      shop_
          .openssl({"req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-keyout", shop_.at("k"), "-subj", "/CN=dev7", "-out", shop_.at("csr.pem")})
          .exit,
      0);
  const auto told = simulate({shop_.at("csr.pem"), "--as-secret", "desk"});
  EXPECT_EQ(text(told.at("outcome")), "granted");
  EXPECT_EQ(text(told.at("body")), "p10cr");
  EXPECT_EQ(text(told.at("sender")), "secret:desk");
  EXPECT_EQ(text(told.at("requests").at(0).at("subject")), "CN=dev7");
  const auto bare = simulate({shop_.at("csr.pem")});
  EXPECT_EQ(text(bare.at("refusal").at("code")), "protect.unprotected");
  EXPECT_THAT(admin({"simulate", shop_.at("csr.pem"), "--as-secret", "nobody"}).err,
              HasSubstr("simulation.secret"));
}

TEST_F(Simulate, RemarksThatAMessageIsKnown) {
  const std::string secret = add_secret("any", {"names=dev*", "--uses", "any"});
  const std::string file = message("dev", under("any", secret, {"--subject", "CN=dev1"}));
  const std::string octets = read_file(file);
  const View view(reinterpret_cast<const Byte*>(octets.data()), octets.size());
  ASSERT_FALSE(server_.post(view).empty());
  const auto told = simulate({file});
  EXPECT_EQ(text(told.at("outcome")), "granted") << "it is told all the same";
  EXPECT_THAT(text(told.at("remarks")),
              AllOf(HasSubstr("gets the same answer"), HasSubstr("transactionID")));
}

TEST_F(Simulate, RemarksThatAMessageIsLate) {
  const std::string secret = add_secret("any", {"names=dev*", "--uses", "any"});
  const std::string file = message("dev", under("any", secret, {"--subject", "CN=dev1"}));
  ASSERT_EQ(admin({"cmp-profiles", "set", "hasty", "time_window=1s"}).exit, 0);
  std::this_thread::sleep_for(milliseconds{3500});
  const auto told = simulate({file, "--cmp-profile", "hasty"});
  EXPECT_EQ(text(told.at("outcome")), "granted") << "it is told all the same";
  EXPECT_THAT(text(told.at("remarks")), HasSubstr("messageTime"));
  ASSERT_EQ(admin({"cmp-profiles", "disable", "hasty"}).exit, 0);
  std::this_thread::sleep_for(milliseconds{1500});
  const auto off = simulate({file, "--cmp-profile", "hasty"});
  EXPECT_EQ(text(off.at("refusal").at("code")), "profile.off");
  EXPECT_EQ(text(off.at("steps").as_array().back().at("step")), "endpoint");
}

TEST_F(Simulate, SeesThatAKeyIsNotProved) {
  add_secret("desk", {"names=dev*", "--uses", "any"});
  ASSERT_EQ(shop_
                .openssl({"req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                          "-nodes", "-keyout", shop_.at("k"), "-subj", "/CN=dev7", "-outform",
                          "DER", "-out", shop_.at("csr.der")})
                .exit,
            0);
  std::string octets = read_file(shop_.at("csr.der"));
  octets.back() = static_cast<char>(octets.back() ^ 1);
  std::ofstream(shop_.at("bad.der"), std::ios::binary) << octets;
  const auto told = simulate({shop_.at("bad.der"), "--as-secret", "desk"});
  EXPECT_EQ(text(told.at("outcome")), "refused");
  EXPECT_EQ(text(told.at("requests").at(0).at("failure")), "badPOP");
}

TEST_F(Simulate, LooksAtUpdatesRevocationsAndQuestions) {
  Words words{"enroll", server_.url(),     "--subject", "CN=carl",
              "--key",  shop_.at("c.key"), "--cert",    shop_.at("c.pem")};
  const Words secret = server_.by_secret();
  words.insert(words.end(), secret.begin(), secret.end());
  ASSERT_EQ(shop_.countersign(words).exit, 0);
  const auto asked = [&](const std::string& verb, const Words& more) {
    Words request{verb,
                  "--cert",
                  shop_.at("c.pem"),
                  "--key",
                  shop_.at("c.key"),
                  "--request-out",
                  shop_.at(verb + ".pki"),
                  "--trust",
                  server_.data() + "/root.pem",
                  "--start-over"};
    request.insert(request.end(), more.begin(), more.end());
    const Ran ran = shop_.countersign(request);
    EXPECT_EQ(ran.exit, 0) << ran.err;
    return simulate({shop_.at(verb + ".pki")});
  };
  const std::string before = state();
  const auto update = asked("renew", {"--new-key", shop_.at("n.key")});
  EXPECT_EQ(text(update.at("outcome")), "granted") << json::serialize(update);
  EXPECT_THAT(text(update.at("sender")), HasSubstr("certificate:"));
  EXPECT_NE(text(update.at("requests").at(0).at("replaces")), "");
  EXPECT_THAT(text(update.at("requests").at(0).at("because")), HasSubstr("updated"));
  const auto revocation = asked("revoke", {"--reason", "superseded"});
  EXPECT_EQ(text(revocation.at("body")), "rr");
  EXPECT_EQ(text(revocation.at("requests").at(0).at("reason")), "superseded");
  const auto question = asked("info", {"--type", "caCerts"});
  EXPECT_EQ(text(question.at("body")), "genm");
  EXPECT_EQ(text(question.at("outcome")), "granted");
  EXPECT_EQ(state(), before);
}

TEST_F(Simulate, IsForOfficers) {
  const Ran ran = shop_.countersignd(
      {"operator", "add", "rob", "--role", "auditor", "--json", "--data", server_.data()});
  std::ofstream(shop_.at("token")) << text(json::parse(ran.out).as_object().at("token")) << "\n";
  std::this_thread::sleep_for(milliseconds{1500});
  std::ofstream(shop_.at("x")) << "x";
  const Ran refused = admin({"simulate", shop_.at("x")});
  EXPECT_EQ(refused.exit, 3);
  EXPECT_THAT(refused.err, HasSubstr("console.forbidden"));
}

}  // namespace
}  // namespace countersign::test
