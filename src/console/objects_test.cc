// What operators set, over the API: what is there though nobody set it, and what holds.
#include "console/place_test.h"

namespace countersign::console {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
namespace json = boost::json;

class Objects : public ::testing::Test {
 protected:
  static bool has(const json::array& items, const std::string& name, std::int64_t version) {
    return std::ranges::any_of(items, [&](const json::value& item) {
      return item.at("name").as_string() == name && item.at("version").as_int64() == version;
    });
  }
  testing::Told put(const std::string& path, const std::string& body,
                    const std::string& if_match = {}) {
    auto asked = testing::Place::request("PUT", path, "administrator");
    asked.content_type = "application/json";
    asked.body = to_bytes(body);
    asked.if_match = if_match;
    return place_.send(std::move(asked));
  }
  testing::Place place_;
};

TEST_F(Objects, AreListedThoughNobodySetThem) {
  const auto templates = place_.get("/api/v1/templates").items();
  EXPECT_TRUE(has(templates, "tls-server", 0));
  EXPECT_TRUE(has(place_.get("/api/v1/ra-profiles").items(), "tls-server", 0));
  EXPECT_TRUE(has(place_.get("/api/v1/cmp-profiles").items(), "default", 0));
  EXPECT_TRUE(place_.get("/api/v1/trust-sets").items().empty());
  ASSERT_EQ(put("/api/v1/templates/line", "{}").status, 200);
  EXPECT_TRUE(has(place_.get("/api/v1/ra-profiles").items(), "line", 0)) << "by its template";
}

// A page after another, those that were set among those that were not.
TEST_F(Objects, AreListedByName) {
  ASSERT_EQ(put("/api/v1/templates/m", "{}").status, 200);
  std::vector<std::string> names;
  std::string after;
  do {
    const auto page = place_.get("/api/v1/templates?limit=2" + after).object();
    for (const auto& item : page.at("items").as_array())
      names.emplace_back(item.at("name").as_string());
    const auto* next = page.at("next").if_string();
    after = next == nullptr ? "" : "&after=" + std::string(next->c_str());
  } while (!after.empty());
  EXPECT_TRUE(std::ranges::is_sorted(names));
  EXPECT_EQ(names.size(), 7U);
  EXPECT_THAT(names, Contains("m"));
}

TEST_F(Objects, ThatNobodySetCanBeReadAndSet) {
  const auto found = place_.get("/api/v1/ra-profiles/vpn");
  EXPECT_EQ(found.status, 200);
  EXPECT_EQ(found.header("ETag"), "\"0\"");
  EXPECT_EQ(found.text("author"), "(absent)");
  EXPECT_TRUE(place_.get("/api/v1/ra-profiles/vpn/history").items().empty());
  EXPECT_EQ(put("/api/v1/ra-profiles/vpn", "{}", "\"1\"").status, 412);
  const auto set = put("/api/v1/ra-profiles/vpn", R"({"fields":{"approvals":1}})", "\"0\"");
  EXPECT_EQ(set.status, 200) << set.body;
  EXPECT_EQ(set.text("version"), "1");
  EXPECT_EQ(put("/api/v1/ra-profiles/vpn", "{}", "\"0\"").status, 412) << "somebody was quicker";
}

TEST_F(Objects, ThatNobodySetCanBeSwitchedOffButNotRemoved) {
  const auto removed = place_.remove("/api/v1/templates/smime");
  EXPECT_EQ(removed.status, 409);
  EXPECT_EQ(removed.code(), "admin.built-in");
  EXPECT_EQ(place_.post("/api/v1/ra-profiles/smime/disable", "{}").status, 200);
  EXPECT_EQ(place_.get("/api/v1/ra-profiles/smime/in-effect").text("in_use"), "false");
  EXPECT_EQ(place_.remove("/api/v1/ra-profiles/smime").status, 204) << "that was set";
  EXPECT_EQ(place_.get("/api/v1/ra-profiles/smime").text("version"), "0") << "as it was before";
}

TEST_F(Objects, AreSavedWithWhatIsToBeSaidOfThemAlone) {
  const std::string bare = R"({"fields":{"default_ra_profile":""}})";
  ASSERT_THAT(put("/api/v1/cmp-profiles/bare", bare).body, HasSubstr("cmp_profile.bare"));
  EXPECT_EQ(put("/api/v1/templates/line", "{}").text("warnings"), "[]") << "it was so before";
  EXPECT_THAT(put("/api/v1/cmp-profiles/bare", bare).body, HasSubstr("cmp_profile.bare.default"));
  ASSERT_EQ(put("/api/v1/subscribers/acme", R"({"fields":{"profiles":["line"]}})").status, 200);
  EXPECT_THAT(place_.post("/api/v1/templates/line/disable", "{}").text("warnings"),
              HasSubstr("subscriber.acme"))
      << "what the change brings to others";
}

TEST_F(Objects, AreToldAsTheyHold) {
  ASSERT_EQ(
      put("/api/v1/templates/line", R"({"fields":{"based_on":"tls-server","validity":"90d"}})")
          .status,
      200);
  const auto told = place_.get("/api/v1/templates/line/in-effect", "auditor");
  ASSERT_EQ(told.status, 200) << told.body;
  EXPECT_EQ(told.text("in_use"), "true");
  const auto fields = told.object().at("fields").as_object();
  EXPECT_EQ(fields.at("validity").as_string(), "90d");
  EXPECT_TRUE(fields.at("san_required").as_bool()) << "as tls-server";
  EXPECT_EQ(place_.get("/api/v1/templates/gone/in-effect").code(), "admin.no-such-object");
  EXPECT_EQ(place_.get("/api/v1/operators/ada/in-effect", "ra_officer").status, 403);
}

}  // namespace
}  // namespace countersign::console
