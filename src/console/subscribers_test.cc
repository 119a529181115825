// Subscribers: objects like the others, for RA officers to change; and what has one.
#include "console/place_test.h"

namespace countersign::console {
namespace {

using console::testing::Place;
using console::testing::Told;
using ::testing::HasSubstr;

class Subscribers : public ::testing::Test {
 protected:
  Subscribers() {
    EXPECT_EQ(save("acme", R"({"fields":{"full_name":"Acme Ltd","names":"acme-*"}})").status, 200);
  }
  Told save(const std::string& name, const std::string& body,
            const std::string& role = "ra_officer") {
    auto asked = Place::request("PUT", "/api/v1/subscribers/" + name, role);
    asked.content_type = "application/json";
    asked.body = to_bytes(body);
    return place_.send(std::move(asked));
  }
  void add_certificate(int n, const std::string& subscriber, enrol::CertificateStatus status) {
    ports::Commit commit;
    auto record = ports::contract::certificate(n);
    record.status = status;
    record.subscriber = subscriber;
    commit.certificates.push_back(std::move(record));
    ASSERT_TRUE(ports::contract::commit_now(*place_.store, std::move(commit)));
  }
  std::string status_of(int n) { return place_.get(Place::certificate_path(n)).text("status"); }

  Place place_;
};

TEST_F(Subscribers, AreAnOfficersToMakeAndSwitchOff) {
  const Told off = place_.post("/api/v1/subscribers/acme/disable", "", "ra_officer");
  EXPECT_EQ(off.status, 200);
  EXPECT_EQ(off.text("enabled"), "false");
  EXPECT_EQ(place_.last_audit().sender, "operator:the-ra_officer");
  EXPECT_EQ(save("acme", "{}", "auditor").status, 403);
  EXPECT_EQ(save("wrong", R"({"fields":{"names":"self,any"}})").status, 422);
  EXPECT_EQ(place_.get("/api/v1/subscribers/acme/history").items().size(), 2U);
}

TEST_F(Subscribers, AreNamedBySecrets) {
  const Told made = place_.post("/api/v1/credentials", R"({"reference":"a","subscriber":"acme"})");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.text("subscriber"), "acme");
  ASSERT_EQ(place_.post("/api/v1/credentials", R"({"reference":"b"})").status, 201);
  EXPECT_EQ(place_.get("/api/v1/credentials?subscriber=acme").items().size(), 1U);
  const Told unknown = place_.post("/api/v1/credentials", R"({"subscriber":"globex"})");
  EXPECT_EQ(unknown.code(), "console.value");
  EXPECT_THAT(unknown.body, HasSubstr("one of acme"));
}

TEST_F(Subscribers, AreNotRemovedWhileASecretNamesThem) {
  place_.post("/api/v1/credentials", R"({"reference":"a","subscriber":"acme"})");
  const Told kept = place_.remove("/api/v1/subscribers/acme", "ra_officer");
  EXPECT_EQ(kept.status, 409);
  EXPECT_EQ(kept.code(), "admin.in-use");
  EXPECT_THAT(kept.body, HasSubstr("the secret a"));
  EXPECT_EQ(place_.remove("/api/v1/credentials/a").status, 204);
  EXPECT_EQ(place_.remove("/api/v1/subscribers/acme", "ra_officer").status, 204);
}

TEST_F(Subscribers, HaveCertificatesThatAreListed) {
  add_certificate(1, "acme", enrol::CertificateStatus::valid);
  add_certificate(2, "", enrol::CertificateStatus::valid);
  const Told listed = place_.get("/api/v1/certificates?subscriber=acme", "read_only");
  ASSERT_EQ(listed.items().size(), 1U);
  EXPECT_EQ(listed.items()[0].at("subscriber").as_string(), "acme");
}

TEST_F(Subscribers, LoseAllOfThemAtOnce) {
  using enum enrol::CertificateStatus;
  add_certificate(1, "acme", valid);
  add_certificate(2, "acme", held);
  add_certificate(3, "acme", revoked);
  add_certificate(4, "globex", valid);
  add_certificate(5, "acme", unconfirmed);
  const Told told =
      place_.post("/api/v1/subscribers/acme/revoke",
                  R"({"reason":"cessationOfOperation","comment":"contract ended"})", "ra_officer");
  ASSERT_EQ(told.status, 200) << told.body;
  EXPECT_EQ(told.text("revoked"), "3");
  EXPECT_EQ(told.text("left"), "0");
  for (const int n : {1, 2, 3, 5}) EXPECT_EQ(status_of(n), "revoked") << n;
  EXPECT_EQ(status_of(4), "valid");
  const auto row = place_.last_audit();
  EXPECT_EQ(row.event, "revoked");
  EXPECT_EQ(row.detail, "cessationOfOperation: contract ended");
  add_certificate(6, "gone", valid);
  EXPECT_EQ(
      place_.post("/api/v1/subscribers/gone/revoke", R"({"reason":"unspecified"})").text("revoked"),
      "1")
      << "it was removed, and has one yet";
  EXPECT_EQ(place_.post("/api/v1/subscribers/initech/revoke", R"({"reason":"unspecified"})").status,
            404);
}

TEST_F(Subscribers, HaveThemSuspendedToo) {
  using enum enrol::CertificateStatus;
  add_certificate(1, "acme", valid);
  add_certificate(2, "acme", unconfirmed);
  const Told told =
      place_.post("/api/v1/subscribers/acme/revoke", R"({"reason":"certificateHold"})");
  EXPECT_EQ(told.text("revoked"), "1");
  EXPECT_EQ(told.text("left"), "1") << "what is not confirmed cannot be held";
  EXPECT_EQ(status_of(1), "held");
}

// ---- what else secrets name
TEST(Profiles, AreNotRemovedWhileASecretOrATokenIsMadeForThem) {
  Place place;
  const auto save = [&](const std::string& path) {
    auto asked = Place::request("PUT", path, "administrator");
    asked.content_type = "application/json";
    asked.body = to_bytes("{}");
    return place.send(std::move(asked)).status;
  };
  ASSERT_EQ(save("/api/v1/ra-profiles/factory"), 200);
  ASSERT_EQ(save("/api/v1/cmp-profiles/line1"), 200);
  place.post("/api/v1/credentials", R"({"reference":"a","profile":"factory"})");
  place.post("/api/v1/credentials", R"({"reference":"b","cmp_profile":"line1"})");
  place.post("/api/v1/tokens", R"({"profile":"factory"})");
  const Told factory = place.remove("/api/v1/ra-profiles/factory");
  EXPECT_EQ(factory.code(), "admin.in-use");
  EXPECT_THAT(factory.body, HasSubstr("the secret a; the token "));
  EXPECT_THAT(place.remove("/api/v1/cmp-profiles/line1").body, HasSubstr("the secret b"));
  ports::Commit use;
  use.uses = {{"b", -1}};
  ASSERT_TRUE(ports::contract::commit_now(*place.store, std::move(use)));
  EXPECT_EQ(place.remove("/api/v1/cmp-profiles/line1").status, 204) << "that one is used up";
}

TEST(Profiles, ThatStandForABuiltInOneAreRemovedAllTheSame) {
  Place place;
  auto asked = Place::request("PUT", "/api/v1/ra-profiles/device", "administrator");
  asked.content_type = "application/json";
  asked.body = to_bytes("{}");
  ASSERT_EQ(place.send(std::move(asked)).status, 200);
  place.post("/api/v1/credentials", R"({"reference":"a","profile":"device"})");
  EXPECT_EQ(place.remove("/api/v1/ra-profiles/device").status, 204)
      << "the built-in one takes its place";
}

}  // namespace
}  // namespace countersign::console
