// The device registry and the rules of template fields, through the real programs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <map>
#include <mutex>
#include <regex>
#include <thread>

#include "support/process.h"
#include "support/web_service.h"

namespace countersign::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
namespace json = boost::json;

// Somebody else's registry: what it knows, by serial number.
class OtherRegistry {
 public:
  std::string url() const { return service_.url("/devices"); }
  void has(const std::string& serial, const std::string& answer) {
    const std::lock_guard lock(mutex_);
    answers_[serial] = answer;
  }
  std::size_t asked() const { return service_.asked().size(); }
  std::string last() const {
    const auto request = service_.asked().back();
    return request.line +
           (request.headers.contains("Authorization: Bearer sesame") ? " with token" : "");
  }

 private:
  WebAnswer answer(const WebRequest& request) {
    const std::lock_guard lock(mutex_);
    for (const auto& [serial, body] : answers_)
      if (request.line.contains("serial=" + serial + " ")) return {.body = body};
    return {.status = "404 Not Found", .body = ""};
  }

  std::mutex mutex_;
  std::map<std::string, std::string> answers_;
  WebService service_{[this](const WebRequest& request) { return answer(request); }};
};

constexpr const char* kLine = R"(
[template.line]
based_on = "tls-client"
subject = ["O = fixed:Example Ltd", "OU? = device:group", "serialNumber = device:serial", "CN? = request:unit-*"]
san = ["dns? = device:hostname"]
policies = ["1.3.6.1.4.1.99999.1"]
permitted_names = ["dns:example.com"]

[ra_profile.line]
template = "line"
)";

class Devices : public testing::Test {
 protected:
  explicit Devices(const std::string& config = {}) : server_(shop_, config) {}

  Workshop shop_;
  RunningServer server_;
  int names_ = 0;
  std::string last_;

  Ran operate(Words words) {
    words.insert(words.end(), {"--data", server_.data()});
    return shop_.countersignd(words);
  }
  Ran apply(const std::string& toml) {
    std::ofstream(shop_.at("objects.toml")) << toml;
    Ran ran = operate({"config", "apply", shop_.at("objects.toml")});
    // Whoever serves looks once a second.
    std::this_thread::sleep_for(std::chrono::milliseconds{1500});
    return ran;
  }
  Ran import(const std::string& csv, const Words& more = {}) {
    std::ofstream(shop_.at("devices.csv")) << csv;
    Words words{"device", "import", shop_.at("devices.csv")};
    words.insert(words.end(), more.begin(), more.end());
    return operate(words);
  }
  Ran enroll(const std::string& subject, const Words& more = {}) {
    last_ = shop_.at("n" + std::to_string(++names_));
    Words words{"enroll",    server_.url() + "/.well-known/cmp/p/line",
                "--subject", subject,
                "--key",     last_ + ".key",
                "--cert",    last_ + ".pem"};
    const Words secret = server_.by_secret();
    words.insert(words.end(), secret.begin(), secret.end());
    words.insert(words.end(), more.begin(), more.end());
    return shop_.countersign(words);
  }
  Ran renew() {
    return shop_.countersign({"renew", server_.url() + "/.well-known/cmp/p/line", "--cert",
                              last_ + ".pem", "--key", last_ + ".key", "--trust",
                              server_.data() + "/root.pem", "--start-over"});
  }
  std::string subject() {
    return shop_
        .openssl({"x509", "-in", last_ + ".pem", "-noout", "-subject", "-nameopt", "rfc2253"})
        .out;
  }
  std::string certificate() {
    return shop_.openssl({"x509", "-in", last_ + ".pem", "-noout", "-text"}).out;
  }
};

TEST_F(Devices, AreImportedOnlyIfEveryRowIsGoodOrToldOtherwise) {
  const std::string csv =
      "serial,group,mac,attributes.site\n"
      "SN-1,line1,001a2b3c4d5e,north\n"
      "SN-2,line1,no mac,\n"
      ",line1,,\n"
      "SN-1,line2,,\n"
      "SN-3,line2\n"
      "SN-4,line2,,\n";
  Ran ran = import(csv);
  EXPECT_EQ(ran.exit, 6);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("line 3: the mac \"no mac\" does not fit"),
                             HasSubstr("line 4: the serial"), HasSubstr("line 5: another row"),
                             HasSubstr("line 6: 2 fields"), HasSubstr("4 of 6 rows")));
  EXPECT_THAT(operate({"device", "list"}).out, HasSubstr("no such devices"));
  ran = import(csv, {"--skip-broken", "--set", "model=X"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("imported 2 devices, left out 4"));
  EXPECT_THAT(operate({"device", "list", "--group", "line1"}).out,
              AllOf(HasSubstr("SN-1   expected   model X   group line1   mac 00:1a:2b:3c:4d:5e   "
                              "site north"),
                    Not(HasSubstr("SN-4"))));
  EXPECT_THAT(import("serial,group\nSN-1,line3\n").err, HasSubstr("in the registry already"));
  EXPECT_EQ(import("serial,group\nSN-1,line3\n", {"--replace"}).exit, 0);
  EXPECT_THAT(operate({"device", "show", "SN-1"}).out,
              AllOf(HasSubstr("group line3"), Not(HasSubstr("model X"))));
  EXPECT_THAT(import("serial,colour\nSN-1,red\n").err, HasSubstr("device.field"));
  EXPECT_THAT(import("group\nline1\n").err, HasSubstr("must name the column serial"));
  EXPECT_THAT(import("serial,profile\nSN-9,gone\n").err, HasSubstr("there is no RA profile gone"));
  EXPECT_THAT(operate({"audit", "list"}).out,
              AllOf(HasSubstr("device-added"), HasSubstr("device-changed")));
  EXPECT_EQ(operate({"audit", "verify"}).exit, 0);
}

TEST_F(Devices, GetCertificatesWithTheirNamesFromTheRegistry) {
  ASSERT_EQ(apply(kLine).exit, 0);
  ASSERT_EQ(operate({"device", "add", "SN-1", "group=north", "hostname=u1.example.com"}).exit, 0);
  ASSERT_EQ(operate({"device", "add", "SN-2", "hostname=u2.example.org"}).exit, 0);
  Ran ran = enroll("CN=unit-1,serialNumber=SN-1");
  ASSERT_EQ(ran.exit, 0) << ran.err << server_.log();
  EXPECT_THAT(subject(), HasSubstr("CN=unit-1,serialNumber=SN-1,OU=north,O=Example Ltd"));
  EXPECT_THAT(certificate(),
              AllOf(HasSubstr("DNS:u1.example.com"), HasSubstr("1.3.6.1.4.1.99999.1")));
  EXPECT_THAT(operate({"device", "list", "--state", "expected"}).out,
              AllOf(HasSubstr("SN-2"), Not(HasSubstr("SN-1"))))
      << "who is still missing";
  EXPECT_THAT(operate({"device", "list", "--state", "enrolled"}).out, HasSubstr("SN-1"));
  EXPECT_THAT(enroll("CN=gate,serialNumber=SN-1").err,
              AllOf(HasSubstr("badCertTemplate"), HasSubstr("CN of certTemplate.subject is gate"),
                    HasSubstr("unit-*")));
  EXPECT_THAT(enroll("CN=unit-2,serialNumber=SN-2").err,
              AllOf(HasSubstr("dns:u2.example.org"), HasSubstr("permitted are dns:example.com")));
}

TEST_F(Devices, ThatAreUnknownOrBlockedAreRefused) {
  ASSERT_EQ(apply(kLine).exit, 0);
  EXPECT_THAT(enroll("CN=unit-1,serialNumber=SN-1").err,
              AllOf(HasSubstr("notAuthorized"), HasSubstr("SN-1 is not in the registry"),
                    HasSubstr("countersignd device add")));
  EXPECT_THAT(enroll("CN=unit-1").err, HasSubstr("subject.serialNumber; put it there"));
  ASSERT_EQ(operate({"device", "add", "SN-1"}).exit, 0);
  EXPECT_EQ(operate({"device", "add", "SN-1"}).exit, 6);
  ASSERT_EQ(operate({"device", "block", "SN-1"}).exit, 0);
  EXPECT_THAT(enroll("CN=unit-1,serialNumber=SN-1").err, HasSubstr("SN-1 is blocked"));
  ASSERT_EQ(operate({"device", "unblock", "SN-1"}).exit, 0);
  EXPECT_EQ(enroll("CN=unit-1,serialNumber=SN-1").exit, 0);
  ASSERT_EQ(operate({"device", "block", "SN-1"}).exit, 0);
  EXPECT_THAT(renew().err, HasSubstr("SN-1 is blocked")) << "and gets no update either";
  ASSERT_EQ(operate({"device", "remove", "SN-1"}).exit, 0);
  EXPECT_EQ(operate({"device", "remove", "SN-1"}).exit, 6);
  EXPECT_THAT(enroll("CN=unit-1,serialNumber=SN-1").err, HasSubstr("not in the registry"));
}

TEST_F(Devices, KeepTheirNamesWhenTheyUpdateUnlessTheRegistryHasOthers) {
  ASSERT_EQ(apply(kLine).exit, 0);
  ASSERT_EQ(operate({"device", "add", "SN-1", "group=north"}).exit, 0);
  ASSERT_EQ(enroll("CN=unit-1,serialNumber=SN-1").exit, 0);
  const std::string before = subject();
  Ran ran = renew();
  ASSERT_EQ(ran.exit, 0) << ran.err << server_.log();
  EXPECT_EQ(subject(), before);
  ASSERT_EQ(operate({"device", "set", "SN-1", "group=south"}).exit, 0);
  ran = renew();
  ASSERT_EQ(ran.exit, 0) << ran.err << server_.log();
  EXPECT_THAT(subject(), HasSubstr("CN=unit-1,serialNumber=SN-1,OU=south,O=Example Ltd"));
  ran = renew();
  EXPECT_EQ(ran.exit, 0) << ran.err << server_.log();
}

TEST_F(Devices, AreBoundToTheKeyThatTheRegistryHas) {
  ASSERT_EQ(apply(kLine).exit, 0);
  ASSERT_EQ(operate({"device", "add", "SN-1", "key=" + std::string(64, 'a')}).exit, 0);
  EXPECT_THAT(enroll("CN=unit-1,serialNumber=SN-1").err,
              AllOf(HasSubstr("another public key"), HasSubstr("notAuthorized")));
  ASSERT_EQ(operate({"device", "set", "SN-1", "key", "profile=tls-client"}).exit, 0);
  EXPECT_THAT(enroll("CN=unit-1,serialNumber=SN-1").err, HasSubstr("is for the RA profile"));
}

class DeviceWebhook : public Devices {
 protected:
  DeviceWebhook() : Devices("[devices]\nwebhook_keep = \"2s\"\n") {
    std::ofstream(shop_.at("token")) << "sesame\n";
    server_.stop();
    std::ofstream config(server_.data() + "/config.toml", std::ios::app);
    config << "webhook = \"" + other_.url() + "\"\nwebhook_token = \"" + shop_.at("token") + "\"\n";
    config.close();
    server_.start();
  }
  OtherRegistry other_;
};

TEST_F(DeviceWebhook, IsAskedAboutDevicesThatAreNotKnown) {
  ASSERT_EQ(apply(kLine).exit, 0) << server_.log();
  EXPECT_THAT(enroll("CN=unit-1,serialNumber=SN-1").err, HasSubstr("not in the registry"));
  other_.has("SN-1", R"({"serial":"SN-1","group":"told","attributes":{"site":"x"},"other":7})");
  Ran ran = enroll("CN=unit-1,serialNumber=SN-1");
  ASSERT_EQ(ran.exit, 0) << ran.err << server_.log();
  EXPECT_THAT(subject(), HasSubstr("OU=told"));
  EXPECT_EQ(other_.last(), "GET /devices?serial=SN-1 HTTP/1.1 with token");
  EXPECT_THAT(operate({"device", "show", "SN-1"}).out, HasSubstr("SN-1   enrolled"));
  EXPECT_THAT(operate({"audit", "list"}).out, HasSubstr("device-told"));
  std::this_thread::sleep_for(std::chrono::milliseconds{2500});
  other_.has("SN-1", R"({"state":"blocked"})");
  EXPECT_THAT(renew().err, HasSubstr("SN-1 is blocked")) << "it is asked again";
  other_.has("SN-2", "no JSON");
  EXPECT_THAT(enroll("CN=unit-2,serialNumber=SN-2").err, HasSubstr("cannot be read"));
  ASSERT_EQ(operate({"device", "add", "SN-3"}).exit, 0);
  const std::size_t before = other_.asked();
  EXPECT_EQ(enroll("CN=unit-3,serialNumber=SN-3").exit, 0);
  EXPECT_EQ(other_.asked(), before) << "the registry knows it";
}

class DeviceApi : public Devices {
 protected:
  DeviceApi() : Devices("[api]\nlisten = \"127.0.0.1:0\"\ntls = false\n") {}
  int port_ = 0;

  std::string token_of(const std::string& name, const std::string& role) {
    const Ran ran = operate({"operator", "add", name, "--role", role, "--json"});
    return std::string(json::parse(ran.out).as_object().at("token").as_string());
  }
  void find_port() {
    const std::regex pattern("the API is served at http://127\\.0\\.0\\.1:([0-9]+)/");
    std::smatch found;
    for (int tries = 0; tries < 100 && port_ == 0; ++tries) {
      std::this_thread::sleep_for(std::chrono::milliseconds{100});
      const std::string log = server_.log();
      if (std::regex_search(log, found, pattern)) port_ = std::stoi(found[1]);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{1500});
  }
  std::string ask(const std::string& token, const std::string& line, const std::string& body = {},
                  const std::string& more = {}) {
    return http(port_, line + " HTTP/1.0\r\nHost: x\r\nAuthorization: Bearer " + token +
                           "\r\nContent-Type: application/json\r\nContent-Length: " +
                           std::to_string(body.size()) + "\r\n" + more + "\r\n" + body);
  }
};

TEST_F(DeviceApi, ServesTheRegistry) {
  const std::string officer = token_of("ada", "ra_officer");
  const std::string reader = token_of("rob", "read_only");
  find_port();
  EXPECT_THAT(ask(reader, "GET /api/v1/devices"), HasSubstr("403"));
  EXPECT_THAT(ask(reader, "GET /api/v1/devices/SN-1"), HasSubstr("403"));
  EXPECT_THAT(ask(officer, "PUT /api/v1/devices/SN%2F1",
                  R"({"group":"a","mac":"001a2b3c4d5e","attributes":{"site":"north"}})"),
              AllOf(HasSubstr("200 OK"), HasSubstr("ETag: \"1\""), HasSubstr("SN/1"),
                    HasSubstr("00:1a:2b:3c:4d:5e")));
  EXPECT_THAT(ask(officer, "PUT /api/v1/devices/SN-2", R"({"mac":"x"})"),
              AllOf(HasSubstr("422"), HasSubstr("device.value")));
  EXPECT_THAT(
      ask(officer, "PUT /api/v1/devices/SN%2F1", R"({"blocked":true})", "If-Match: \"7\"\r\n"),
      HasSubstr("412"));
  EXPECT_THAT(ask(officer, "PUT /api/v1/devices/SN%2F1", R"({"blocked":true})"),
              HasSubstr("\"state\":\"blocked\""));
  const std::string csv = R"({"csv":"serial,group\nSN-3,a\n,a\nSN-4,b\nSN-5,a\n")";
  EXPECT_THAT(ask(officer, "POST /api/v1/devices/import", csv + "}"),
              AllOf(HasSubstr("\"imported\":0"), HasSubstr("\"line\":3")));
  EXPECT_THAT(ask(officer, "POST /api/v1/devices/import", csv + R"(,"skip_broken":true})"),
              HasSubstr("\"imported\":3"));
  const std::string page = ask(officer, "GET /api/v1/devices?group=a&limit=1");
  EXPECT_THAT(page, AllOf(HasSubstr("SN-3"), Not(HasSubstr("SN-5")), HasSubstr("rel=\"next\"")));
  std::smatch next;
  ASSERT_TRUE(std::regex_search(page, next, std::regex("\"next\":\"([0-9a-f]+)\"")));
  EXPECT_THAT(ask(officer, "GET /api/v1/devices?group=a&limit=1&after=" + next[1].str()),
              AllOf(HasSubstr("SN-5"), HasSubstr("\"next\":null")));
  EXPECT_THAT(ask(officer, "GET /api/v1/devices?state=blocked"),
              AllOf(HasSubstr("SN/1"), Not(HasSubstr("SN-3"))));
  EXPECT_THAT(ask(officer, "DELETE /api/v1/devices/SN-3"), HasSubstr("204"));
  EXPECT_THAT(ask(officer, "GET /api/v1/devices/SN-3"),
              AllOf(HasSubstr("404"), HasSubstr("device.no-such")));
}

}  // namespace
}  // namespace countersign::test
