// What all routes have in common.
#include "console/api.h"

#include "console/place_test.h"

namespace countersign::console {
namespace {

using console::testing::Place;
using console::testing::Told;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Api, TellsErrorsAsProblems) {
  Place place;
  const Told told = place.get("/api/v1/certificates/0102");
  EXPECT_EQ(told.status, 404);
  EXPECT_EQ(told.content_type, "application/problem+json");
  EXPECT_EQ(told.text("type"), "/errors#console.no-certificate");
  EXPECT_EQ(told.text("title"), "Not Found");
  EXPECT_EQ(told.text("status"), "404");
  EXPECT_EQ(told.text("code"), "console.no-certificate");
  EXPECT_EQ(told.text("instance").size(), 16U);
  EXPECT_THAT(told.text("detail"), HasSubstr("no certificate"));
}

TEST(Api, NamesWhatIsWrongInABody) {
  Place place;
  const Told told = place.post("/api/v1/credentials", R"({"uses":0,"colour":"red"})");
  EXPECT_EQ(told.status, 400);
  EXPECT_EQ(told.code(), "console.value");
  EXPECT_EQ(
      told.text("errors"),
      R"([{"path":"/uses","value":"0","allowed":"an integer from 1, or \"any\""},)"
      R"({"path":"/colour","value":"red","allowed":"one of the names names, profile, uses, )"
      R"(expires, reference, cmp_profile, begins, note, networks, subscriber, ra, deliver"}])");
}

struct Case {
  const char* says;
  std::string method, path, role;
  int status;
  std::string code;
};
const Case kCases[] = {
    {"an unknown path", "GET", "/api/v1/nothing", "administrator", 404, "console.path"},
    {"an unknown path to who is nobody", "GET", "/api/v1/nothing", "", 401,
     "console.unauthenticated"},
    {"a path with a slash too many", "GET", "/api/v1/me/", "administrator", 404, "console.path"},
    {"the root", "GET", "/", "administrator", 404, "console.path"},
    {"another method", "PUT", "/api/v1/me", "administrator", 405, "console.method"},
    {"another method to who is nobody", "PUT", "/api/v1/me", "", 401, "console.unauthenticated"},
    {"another method of what all may read", "POST", "/api/v1/openapi.json", "", 401,
     "console.unauthenticated"},
    {"a parameter that is unknown", "GET", "/api/v1/me?x=1", "administrator", 400, "console.value"},
    {"a limit too large", "GET", "/api/v1/trust?limit=1001", "administrator", 400, "console.value"},
    {"a limit of none", "GET", "/api/v1/trust?limit=0", "administrator", 400, "console.value"},
    {"a cursor that nobody gave", "GET", "/api/v1/trust?after=xyz", "administrator", 400,
     "console.value"},
    {"the same of a list by place", "GET", "/api/v1/audit?after=6162", "administrator", 400,
     "console.value"},
};

TEST(Api, RefusesWhatThereIsNot) {
  Place place;
  for (const auto& c : kCases) {
    const Told told = place.send(Place::request(c.method, c.path, c.role));
    EXPECT_EQ(told.status, c.status) << c.says;
    EXPECT_EQ(told.code(), c.code) << c.says;
  }
}

TEST(Api, NamesTheMethodsOfAPath) {
  Place place;
  const auto put = Place::request("PUT", "/api/v1/credentials", "administrator");
  EXPECT_EQ(place.send(put).header("Allow"), "GET, HEAD, POST");
  const auto patch = Place::request("PATCH", "/api/v1/tokens/1", "administrator");
  EXPECT_EQ(place.send(patch).header("Allow"), "DELETE");
}

TEST(Api, AnswersHeadAsGet) {
  Place place;
  const Told get = place.get("/api/v1/me");
  const Told head = place.send(Place::request("HEAD", "/api/v1/me", "administrator"));
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.body, get.body);  // the listener leaves it out
  EXPECT_EQ(head.header("ETag"), get.header("ETag"));
}

TEST(Api, SendsNothingToWhoHasIt) {
  Place place;
  auto request = Place::request("GET", "/api/v1/me", "administrator");
  request.if_none_match = place.get("/api/v1/me").header("ETag");
  const Told told = place.send(request);
  EXPECT_EQ(told.status, 304);
  EXPECT_EQ(told.body, "");
  EXPECT_EQ(told.header("ETag"), request.if_none_match);
}

TEST(Api, TakesJsonAlone) {
  Place place;
  auto request = Place::request("POST", "/api/v1/credentials", "administrator");
  EXPECT_EQ(place.send(request).code(), "console.content-type");  // without a body too
  request.body = to_bytes("{}");
  for (const char* type : {"", "text/plain", "application/x-www-form-urlencoded"}) {
    request.content_type = type;
    EXPECT_EQ(place.send(request).code(), "console.content-type") << type;
  }
  for (const char* type : {"application/json", "application/json; charset=utf-8"}) {
    request.content_type = type;
    EXPECT_EQ(place.send(request).status, 201) << type;
  }
}

TEST(Api, GivesNothingInAFormThatItDoesNotHave) {
  Place place;
  auto request = Place::request("GET", "/api/v1/me", "administrator");
  request.accept = "text/html";
  EXPECT_EQ(place.send(request).code(), "console.accept");
  request.accept = "text/html, */*;q=0.1";
  EXPECT_EQ(place.send(request).status, 200);
}

TEST(Api, DoesOnceWhatHasAKey) {
  Place place;
  auto request = Place::request("POST", "/api/v1/credentials", "administrator");
  request.content_type = "application/json";
  request.idempotency_key = "first";
  const Told first = place.send(request);
  const Told again = place.send(request);
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.header("Location"), first.header("Location"));
  EXPECT_EQ(place.store->credentials()->size(), 1U);
  request.body = to_bytes(R"({"names":"any"})");
  EXPECT_EQ(place.send(request).code(), "console.key-reused");
  EXPECT_EQ(place.store->credentials()->size(), 1U);
  request.idempotency_key = "second";
  EXPECT_EQ(place.send(request).status, 201);
}

TEST(Api, FreesTheKeyOfWhatItRefused) {
  Place place;
  auto request = Place::request("POST", Place::certificate_path(1, "/hold"), "administrator");
  request.content_type = "application/json";
  request.idempotency_key = "k";
  EXPECT_EQ(place.send(request).code(), "console.no-certificate");
  place.add_certificates(1, 1);
  EXPECT_EQ(place.send(request).status, 200);
}

TEST(Api, TellsNothingOfItsOwnTroubles) {
  Place place;
  auto request = Place::request("POST", "/api/v1/credentials", "administrator");
  request.content_type = "application/json";
  request.idempotency_key = "k";
  place.entropy.broken = true;
  const Told told = place.send(request);
  EXPECT_EQ(told.status, 500);
  EXPECT_EQ(told.code(), "console.internal");
  EXPECT_THAT(told.body, Not(HasSubstr("randomness")));
  EXPECT_THAT(place.log, ElementsAre("500 console.internal the-administrator no randomness"));
  place.entropy.broken = false;
  EXPECT_EQ(place.send(request).status, 201);  // nothing was done under that key
}

// A pool that never gets round to it.
TEST(ApiDoor, TurnsAwayWhatWouldWaitTooLong) {
  Place place;
  boost::asio::io_context loop;
  std::vector<std::move_only_function<void()>> tasks;
  Api api({.at = {.ledger = *place.store,
                  .store = *place.store,
                  .clock = place.clock,
                  .entropy = place.entropy,
                  .standard = place.standard},
           .operators = [&] { return place.operators; },
           .run_elsewhere = [&](auto task) { tasks.push_back(std::move(task)); },
           .log = {}});
  ApiDoor door(api, loop);
  std::vector<int> statuses;
  const auto ask = [&](const std::string& peer, const std::string& role) {
    auto request = Place::request("GET", "/api/v1/me", role);
    request.peer = peer;
    door.handle(std::move(request),
                [&](Result<ports::WebResponse> told) { statuses.push_back(told->status); });
    loop.restart();
    loop.poll();
  };
  for (int i = 0; i < 16; ++i) ask("192.0.2.1:" + std::to_string(i), "auditor");
  EXPECT_THAT(statuses, ElementsAre());
  ask("192.0.2.1:99", "auditor");
  EXPECT_THAT(statuses, ElementsAre(503));
  ask("192.0.2.1:99", "stranger");  // what is decided in memory waits for nothing
  EXPECT_THAT(statuses, ElementsAre(503, 401));
  ask("192.0.2.2:1", "auditor");
  EXPECT_EQ(tasks.size(), 17U);
  for (auto& task : tasks) task();
  loop.restart();
  loop.poll();
  EXPECT_EQ(std::ranges::count(statuses, 200), 17);
}

TEST(Api, LogsWhoAskedAndWhatCameOfIt) {
  Place place;
  place.get("/api/v1/me", "auditor");
  place.get("/api/v1/audit", "read_only");
  place.get("/api/v1/audit", "");
  EXPECT_THAT(place.log, ElementsAre("200  the-auditor ", "403 console.forbidden the-read_only ",
                                     "401 console.unauthenticated  "));
}

TEST(Api, KnowsOperatorsAnewWithEachRequest) {
  Place place;
  EXPECT_EQ(place.get("/api/v1/me", "auditor").status, 200);
  place.operators = std::make_shared<const Operators>();
  EXPECT_EQ(place.get("/api/v1/me", "auditor").status, 401);
}

TEST(Api, PutsRefusalsOfTheListenerIntoTheSameForm) {
  Place place;
  const auto told = place.api.refusal(413, "Too large.");
  EXPECT_EQ(told.status, 413);
  EXPECT_THAT(std::string(text(told.body)), HasSubstr(R"("code":"console.http")"));
  EXPECT_THAT(std::string(text(told.body)), HasSubstr(R"("title":"Content Too Large")"));
}

TEST(Route, MatchesAPathByItsPattern) {
  using Found = std::optional<std::string>;
  EXPECT_EQ(match("/a", "/a"), Found(""));
  EXPECT_EQ(match("/a", "/a/"), std::nullopt);
  EXPECT_EQ(match("/a/{b}", "/a/x"), Found("x"));
  EXPECT_EQ(match("/a/{b}", "/a/"), std::nullopt);
  EXPECT_EQ(match("/a/{b}", "/a/x/y"), std::nullopt);
  EXPECT_EQ(match("/a/{b}/c", "/a/x/c"), Found("x"));
  EXPECT_EQ(match("/a/{b}/c", "/a//c"), std::nullopt);
  EXPECT_EQ(match("/a/{b}/c", "/a/c"), std::nullopt);
  EXPECT_EQ(match("/a/{b*}", "/a/x/y"), Found("x/y"));
}

}  // namespace
}  // namespace countersign::console
