#include "app/countersignd/device_webhook.h"

#include <gtest/gtest.h>

namespace countersign::app {
namespace {

// "SERIAL STATE GROUP SITE", "none", or the code of the failure.
std::string told(int status, const std::string& body) {
  const auto answer = device_told({status, "application/json", to_bytes(body)}, "SN-1");
  if (!answer) return std::string(answer.error().code);
  if (!*answer) return "none";
  const enrol::DeviceRecord& d = **answer;
  return d.serial + " " + std::string(name(d.state)) + " " + d.group + " " +
         enrol::field_of(d, "attributes.site").value_or("");
}

TEST(DeviceTold, IsAnEntryNoneOrAFailure) {
  const std::string unreadable = "device.webhook-answer";
  EXPECT_EQ(told(404, "whatever"), "none");
  EXPECT_EQ(told(200, "{}"), "SN-1 expected  ");
  EXPECT_EQ(told(200, R"({"serial":"SN-1","group":"a","attributes":{"site":"north"}})"),
            "SN-1 expected a north");
  EXPECT_EQ(told(200, R"({"state":"blocked"})"), "SN-1 blocked  ");
  EXPECT_EQ(told(200, R"({"blocked":true,"model":null,"colour":["red"]})"), "SN-1 blocked  ");
  EXPECT_EQ(told(200, R"({"blocked":false,"state":"enrolled"})"), "SN-1 expected  ")
      << "what it became here is not theirs to say";
  EXPECT_EQ(told(200, R"({"serial":"SN-2"})"), unreadable) << "about another one";
  EXPECT_EQ(told(200, R"({"group":7})"), unreadable);
  EXPECT_EQ(told(200, R"({"mac":"no"})"), unreadable);
  EXPECT_EQ(told(200, R"({"attributes":[]})"), unreadable);
  EXPECT_EQ(told(200, R"({"attributes":{"site":1}})"), unreadable);
  EXPECT_EQ(told(200, "[]"), unreadable);
  EXPECT_EQ(told(200, "{"), unreadable);
  EXPECT_EQ(told(500, "{}"), "device.webhook-silent");
  EXPECT_EQ(told(302, ""), "device.webhook-silent");
}

TEST(DeviceWebhook, IsReachedByTlsOrOnThisMachine) {
  const auto opened = [](const std::string& url) {
    server::Config::Devices config;
    config.webhook = url;
    const auto webhook = DeviceWebhook::open(config);
    return webhook ? "ok" : std::string(webhook.error().code);
  };
  EXPECT_EQ(opened("https://registry.example/devices"), "ok");
  EXPECT_EQ(opened("http://127.0.0.1:8000/devices"), "ok");
  EXPECT_EQ(opened("http://[::1]/devices"), "ok");
  EXPECT_EQ(opened("http://localhost/devices"), "ok");
  for (const char* bad :
       {"http://registry.example/devices", "http://127.0.0.1.evil.org/",
        "http://localhost:x@evil.org/", "ftp://localhost/x", "registry", "https//x"})
    EXPECT_EQ(opened(bad), "config.webhook") << bad;
}

}  // namespace
}  // namespace countersign::app
