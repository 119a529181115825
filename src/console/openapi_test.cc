#include "console/place_test.h"

namespace countersign::console {
namespace {

using console::testing::Place;
namespace json = boost::json;

TEST(OpenApi, IsForEverybody) {
  Place place;
  const auto told = place.get("/api/v1/openapi.json", "");
  EXPECT_EQ(told.status, 200);
  EXPECT_EQ(told.content_type, "application/json");
  EXPECT_EQ(told.text("openapi"), "3.1.0");
}

TEST(OpenApi, HasEveryRouteOfTheTable) {
  const auto paths = openapi().at("paths").as_object();
  std::size_t operations = 0;
  for (const auto& [path, methods] : paths) operations += methods.as_object().size();
  EXPECT_EQ(operations, api_table().size());
  for (const Route& route : api_table()) {
    std::string path(route.path);
    std::erase(path, '*');
    const auto& methods = paths.at(path).as_object();
    const auto found = std::ranges::any_of(methods, [&](const auto& one) {
      return one.value().at("operationId").as_string() == route.operation;
    });
    EXPECT_TRUE(found) << route.operation;
  }
}

const json::object& operation(const json::object& all, const char* path, const char* method) {
  return all.at("paths").at(path).at(method).as_object();
}

TEST(OpenApi, TellsWhatARouteTakes) {
  const auto all = openapi();
  const auto& revoke = operation(all, "/api/v1/certificates/{serial}/revoke", "post");
  EXPECT_EQ(json::serialize(revoke.at("x-roles")), R"(["administrator","ra_officer"])");
  const auto& body = revoke.at("requestBody").at("content").at("application/json").at("schema");
  EXPECT_TRUE(revoke.at("requestBody").at("required").as_bool());
  EXPECT_EQ(json::serialize(body.at("required")), R"(["reason"])");
  EXPECT_FALSE(body.at("additionalProperties").as_bool());
  EXPECT_EQ(body.at("properties").at("reason").at("enum").as_array().size(), 8U);
  const auto& serial = revoke.at("parameters").as_array().at(0).as_object();
  EXPECT_EQ(json::serialize(serial),
            R"({"name":"serial","in":"path","required":true,"schema":{"type":"string"}})");
}

TEST(OpenApi, TellsWhatARouteGives) {
  const auto all = openapi();
  const auto& list = operation(all, "/api/v1/certificates", "get");
  const auto& page =
      list.at("responses").at("200").at("content").at("application/json").at("schema");
  EXPECT_EQ(page.at("properties").at("items").at("type").as_string(), "array");
  EXPECT_EQ(json::serialize(page.at("required")), R"(["items","next"])");
  EXPECT_EQ(json::serialize(page.at("properties").at("next").at("type")), R"(["string","null"])");
  const auto& item = page.at("properties").at("items").at("items").at("properties");
  EXPECT_EQ(json::serialize(item.at("revoked_at").at("type")), R"(["string","null"])");
  const auto& one = operation(all, "/api/v1/certificates/{serial}", "get");
  EXPECT_TRUE(
      one.at("responses").at("200").at("content").as_object().contains("application/x-pem-file"));
  EXPECT_TRUE(
      operation(all, "/api/v1/tokens/{id}", "delete").at("responses").as_object().contains("204"));
  const auto& uses = operation(all, "/api/v1/tokens", "post")
                         .at("requestBody")
                         .at("content")
                         .at("application/json")
                         .at("schema")
                         .at("properties")
                         .at("uses");
  EXPECT_EQ(json::serialize(uses.at("oneOf")),
            R"([{"type":"integer","minimum":1},{"const":"any"}])");
}

TEST(OpenApi, TellsTheFieldsOfWhatOperatorsSet) {
  const auto all = openapi();
  const auto& put = operation(all, "/api/v1/ra-profiles/{name}", "put");
  const auto& fields = put.at("requestBody")
                           .at("content")
                           .at("application/json")
                           .at("schema")
                           .at("properties")
                           .at("fields");
  EXPECT_FALSE(fields.at("additionalProperties").as_bool());
  const auto& properties = fields.at("properties").as_object();
  EXPECT_EQ(properties.size(), enrol::fields_of(enrol::ObjectKind::ra_profile).size());
  EXPECT_EQ(properties.at("template").at("type").as_string(), "string");
  EXPECT_EQ(properties.at("approvals").at("type").as_string(), "integer");
}

TEST(OpenApi, TellsHowToBeKnown) {
  const auto all = openapi();
  EXPECT_EQ(json::serialize(all.at("security")), R"([{"token":[]},{"certificate":[]}])");
  EXPECT_EQ(json::serialize(operation(all, "/api/v1/openapi.json", "get").at("security")), "[]");
  EXPECT_TRUE(all.at("components").at("responses").at("Problem").is_object());
}

}  // namespace
}  // namespace countersign::console
