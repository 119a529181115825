#include "console/doorkeeper.h"

#include <gmock/gmock.h>

#include "console/place_test.h"

namespace countersign::console {
namespace {

using console::testing::kNow;
using console::testing::usual_operators;
using ::testing::StartsWith;

struct Door {
  std::shared_ptr<const Operators> operators = std::make_shared<const Operators>(usual_operators());
  Doorkeeper doorkeeper{[this] { return operators; }};

  // The operator's name, or the code.
  std::string show(const ports::WebRequest& request, Time now = kNow) {
    last = doorkeeper.admit(request, now);
    return last ? last->name : std::string(last.error().code);
  }
  std::string token(const std::string& authorization, const std::string& peer = "192.0.2.1:1",
                    Time now = kNow) {
    return show({.method = "GET", .path = "/", .authorization = authorization, .peer = peer}, now);
  }
  std::string certificate(const std::string& der) {
    return show(
        {.method = "GET", .path = "/", .peer = "192.0.2.1:1", .client_certificate = to_bytes(der)});
  }
  std::string header(std::string_view name) const {
    if (last) return "(let in)";
    for (const auto& [key, value] : last.error().headers)
      if (key == name) return value;
    return "";
  }
  Outcome<Operator> last;
};

struct Case {
  const char* says;
  std::string authorization;
  std::string result;
};
const Case kCases[] = {
    {"a token", "Bearer token-of-auditor", "the-auditor"},
    {"the scheme in another case", "bEARER token-of-auditor", "the-auditor"},
    {"more blanks", "Bearer   token-of-auditor", "the-auditor"},
    {"an unknown token", "Bearer token-of-nobody", "console.unauthenticated"},
    {"a token with more behind it", "Bearer token-of-auditor x", "console.unauthenticated"},
    {"a token whose operator's time has ended", "Bearer token-of-expired",
     "console.unauthenticated"},
    {"a token of a disabled operator", "Bearer token-of-disabled", "console.unauthenticated"},
    {"no token", "Bearer ", "console.unauthenticated"},
    {"another scheme", "Basic dG9rZW4tb2YtYXVkaXRvcg==", "console.unauthenticated"},
    {"a digest in place of a token", "Bearer " + to_hex(crypto::sha256(view("token-of-auditor"))),
     "console.unauthenticated"},
    {"a token without end", "Bearer " + std::string(600, 'x'), "console.unauthenticated"},
};

TEST(Doorkeeper, KnowsOperatorsByTheirTokens) {
  for (const auto& c : kCases) {
    Door door;
    EXPECT_EQ(door.token(c.authorization), c.result) << c.says;
    if (!door.last) {
      EXPECT_THAT(door.header("WWW-Authenticate"), StartsWith("Bearer")) << c.says;
    }
  }
}

TEST(Doorkeeper, KnowsOperatorsByTheirCertificates) {
  Door door;
  EXPECT_EQ(door.certificate("certificate-of-auditor"), "the-auditor");
  EXPECT_EQ(door.certificate("certificate-of-nobody"), "console.unauthenticated");
  EXPECT_EQ(door.certificate("certificate-of-expired"), "console.unauthenticated");
  EXPECT_EQ(door.certificate("certificate-of-disabled"), "console.unauthenticated");
}

TEST(Doorkeeper, KnowsNobodyByNothing) {
  Door door;
  EXPECT_EQ(door.show({.method = "GET", .path = "/", .peer = "192.0.2.1:1"}),
            "console.unauthenticated");
  Operators bare(1);  // neither token nor certificate
  bare[0].name = "bare";
  door.operators = std::make_shared<const Operators>(std::move(bare));
  EXPECT_EQ(door.token("Bearer "), "console.unauthenticated");
  EXPECT_EQ(door.certificate(""), "console.unauthenticated");
  door.operators = nullptr;
  EXPECT_EQ(door.token("Bearer token-of-auditor"), "console.unauthenticated");
}

TEST(Doorkeeper, TakesTheTokenWhereBothAreShown) {
  Door door;
  ports::WebRequest both{.method = "GET",
                         .path = "/",
                         .authorization = "Bearer wrong",
                         .peer = "192.0.2.1:1",
                         .client_certificate = to_bytes("certificate-of-auditor")};
  EXPECT_EQ(door.show(both), "console.unauthenticated");
}

TEST(Doorkeeper, SlowsDownWhoGuesses) {
  Door door;
  for (int i = 0; i < 5; ++i) EXPECT_EQ(door.token("Bearer x"), "console.unauthenticated") << i;
  // Not even the right one tells a guesser anything now.
  EXPECT_EQ(door.token("Bearer token-of-auditor"), "console.slow-down");
  EXPECT_EQ(door.header("Retry-After"), "1");
  EXPECT_EQ(door.token("Bearer token-of-auditor", "192.0.2.1:2"), "console.slow-down");
  EXPECT_EQ(door.token("Bearer token-of-auditor", "192.0.2.2:1"), "the-auditor");
  EXPECT_EQ(door.certificate("certificate-of-auditor"), "the-auditor");
  EXPECT_EQ(door.token("Bearer x", "192.0.2.1:1", kNow + Seconds{1}), "console.unauthenticated");
  EXPECT_EQ(door.token("Bearer x", "192.0.2.1:1", kNow + Seconds{1}), "console.slow-down");
  EXPECT_EQ(door.header("Retry-After"), "2");
}

TEST(Doorkeeper, NeverMakesAnybodyWaitForMoreThanAMinute) {
  Door door;
  Time now = kNow;
  for (int i = 0; i < 40; ++i, now += Seconds{60})
    EXPECT_EQ(door.token("Bearer x", "192.0.2.1:1", now), "console.unauthenticated") << i;
  EXPECT_EQ(door.token("Bearer token-of-auditor", "192.0.2.1:1", now), "the-auditor");
}

TEST(Doorkeeper, ForgetsFailuresAfterASuccess) {
  Door door;
  for (int i = 0; i < 4; ++i) door.token("Bearer x");
  EXPECT_EQ(door.token("Bearer token-of-auditor"), "the-auditor");
  for (int i = 0; i < 4; ++i) door.token("Bearer x");
  EXPECT_EQ(door.token("Bearer token-of-auditor"), "the-auditor");
}

TEST(Doorkeeper, TakesTheAddressesOfANetworkForOne) {
  EXPECT_EQ(source_of("192.0.2.1:40312"), "192.0.2.1");
  EXPECT_EQ(source_of("[2001:db8::1]:40312"), "2001:db8::/64");
  EXPECT_EQ(source_of("[2001:db8::ffff:1]:1"), "2001:db8::/64");
  EXPECT_EQ(source_of("?"), "?");
}

}  // namespace
}  // namespace countersign::console
