// OpenAPI 3.1 of the table.
#include <boost/json.hpp>

#include "console/api_table.h"
#include "console/routes.h"

namespace countersign::console {
namespace {

namespace json = boost::json;
using Shape = Answer::Shape;

json::object schema_of(Type type) {
  switch (type) {
    case Type::integer:
      return {{"type", "integer"}};
    case Type::uses:
      return {
          {"oneOf",
           {json::object{{"type", "integer"}, {"minimum", 1}}, json::object{{"const", "any"}}}}};
    case Type::flag:
      return {{"type", "boolean"}};
    case Type::time:
      return {{"type", "string"}, {"format", "date-time"}};
    case Type::list:
      return {{"type", "array"}, {"items", json::object{{"type", "string"}}}};
    case Type::settings:
    case Type::object:
      return {{"type", "object"}};
    case Type::objects:
      return {{"type", "array"}, {"items", json::object{{"type", "object"}}}};
    default:
      return {{"type", "string"}};
  }
}

json::array choices_of(const Field& field) {
  json::array out;
  for (const std::string& choice : choices(field.one_of)) out.emplace_back(choice);
  return out;
}

// What a field is by itself tells which type it has.
json::object schema_like(const enrol::FieldValue& standard) {
  if (std::holds_alternative<bool>(standard)) return schema_of(Type::flag);
  if (std::holds_alternative<std::int64_t>(standard)) return schema_of(Type::integer);
  if (std::holds_alternative<std::string>(standard)) return schema_of(Type::text);
  return schema_of(Type::list);
}

json::object settings_schema(enrol::ObjectKind kind) {
  json::object properties;
  for (const auto& field : enrol::fields_of(kind)) {
    json::object schema = schema_like(field.standard);
    schema["description"] = std::string(field.meaning) + " It is " + std::string(field.fits) + ".";
    properties[field.name] = std::move(schema);
  }
  return {
      {"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
}

json::object input_schema(const Field& field) {
  json::object schema = field.of_kind ? settings_schema(*field.of_kind) : schema_of(field.type);
  schema["description"] = field.meaning;
  if (!field.one_of.empty()) {
    schema["enum"] = choices_of(field);
  } else if (field.type == Type::integer) {
    schema["minimum"] = field.least;
    schema["maximum"] = field.most;
  } else if (field.type == Type::text || field.type == Type::lines) {
    schema["minLength"] = field.least;
    schema["maxLength"] = field.most;
  }
  // A day alone is taken too, or a duration.
  if (field.type == Type::time) schema.erase("format");
  return schema;
}

json::object output_schema(const Field& field) {
  json::object schema = schema_of(field.type);
  schema["description"] = field.meaning;
  if (!field.one_of.empty()) schema["enum"] = choices_of(field);
  if (field.need == Need::optional) schema["type"] = json::array{schema["type"], "null"};
  return schema;
}

json::object object_schema(std::span<const Field> fields, json::object (*schema)(const Field&)) {
  json::object properties;
  json::array required;
  for (const Field& field : fields) {
    properties[field.name] = schema(field);
    if (field.need == Need::required) required.emplace_back(field.name);
  }
  return {{"type", "object"},
          {"properties", std::move(properties)},
          {"required", std::move(required)},
          {"additionalProperties", false}};
}

json::object media(std::string_view type, json::object schema) {
  json::object content;
  content[type] = json::object{{"schema", std::move(schema)}};
  return content;
}

json::object answer_content(const Answer& answer) {
  json::object one = object_schema(answer.fields, output_schema);
  if (answer.shape == Shape::page)
    return media("application/json", {{"type", "object"},
                                      {"properties",
                                       {{"items", {{"type", "array"}, {"items", std::move(one)}}},
                                        {"next", {{"type", json::array{"string", "null"}}}}}},
                                      {"required", {"items", "next"}}});
  if (answer.shape == Shape::document)
    return media("application/json", json::object{{"type", "object"}});
  json::object content = media("application/json", std::move(one));
  for (const std::string_view type : answer.other_types)
    content[type] = json::object{{"schema", {{"type", "string"}}}};
  return content;
}

json::object responses_of(const Route& route) {
  json::object good{{"description", route.summary}};
  if (route.answer.shape != Shape::nothing) good["content"] = answer_content(route.answer);
  json::object out;
  out[std::to_string(route.answer.status)] = std::move(good);
  out["default"] = json::object{{"$ref", "#/components/responses/Problem"}};
  return out;
}

// "/a/{b*}" as OpenAPI writes it, and the name inside.
std::string plain_path(std::string_view pattern) {
  std::string out(pattern);
  std::erase(out, '*');
  return out;
}
std::string parameter_of(const std::string& path) {
  const auto open = path.find('{');
  return open == std::string::npos ? "" : path.substr(open + 1, path.find('}') - open - 1);
}

json::object parameter(std::string_view name, std::string_view in, json::object schema,
                       bool required) {
  return {{"name", name}, {"in", in}, {"required", required}, {"schema", std::move(schema)}};
}

json::array parameters_of(const Route& route) {
  json::array out;
  if (const auto name = parameter_of(plain_path(route.path)); !name.empty())
    out.push_back(parameter(name, "path", {{"type", "string"}}, true));
  for (const Field& field : route.query)
    out.push_back(
        parameter(field.name, "query", input_schema(field), field.need == Need::required));
  if (takes_body(route.method))
    out.push_back(parameter(
        "Idempotency-Key", "header",
        {{"type", "string"},
         {"maxLength", 255},
         {"description", "the same request under the same key is done once within 24 hours"}},
        false));
  return out;
}

json::object operation_of(const Route& route) {
  json::object out{{"operationId", route.operation},
                   {"summary", route.summary},
                   {"parameters", parameters_of(route)},
                   {"responses", responses_of(route)}};
  json::array roles;
  for (const RoleName& role : kRoles)
    if (route.may.has(role.role)) roles.emplace_back(role.name);
  out["x-roles"] = std::move(roles);
  if (route.may.empty()) out["security"] = json::array{};
  bool needed = false;
  for (const Field& field : route.body) needed = needed || field.need == Need::required;
  json::object octets;
  for (const std::string_view type : route.body_types)
    octets[type] = json::object{{"schema", {{"type", "string"}, {"format", "binary"}}}};
  if (!octets.empty())
    out["requestBody"] = json::object{{"required", true}, {"content", std::move(octets)}};
  if (!route.body.empty())
    out["requestBody"] = json::object{
        {"required", needed},
        {"content", media("application/json", object_schema(route.body, input_schema))}};
  return out;
}

std::string lower_name(Method method) {
  std::string out(name(method));
  for (char& c : out) c = static_cast<char>(c - 'A' + 'a');
  return out;
}

json::object components() {
  const json::object text{{"type", "string"}};
  const json::object wrong{{"type", "object"},
                           {"properties", {{"path", text}, {"value", text}, {"allowed", text}}}};
  const json::object problem{{"type", "object"},
                             {"properties",
                              {{"type", text},
                               {"title", text},
                               {"status", {{"type", "integer"}}},
                               {"detail", text},
                               {"code", text},
                               {"instance", text},
                               {"errors", {{"type", "array"}, {"items", wrong}}}}},
                             {"required", {"type", "title", "status", "detail", "code"}}};
  const json::object schemes{{"token", {{"type", "http"}, {"scheme", "bearer"}}},
                             {"certificate", {{"type", "mutualTLS"}}}};
  return {{"securitySchemes", schemes},
          {"responses",
           {{"Problem",
             {{"description", "What went wrong, and what to change (RFC 9457)"},
              {"content", media("application/problem+json", problem)}}}}}};
}

}  // namespace

json::object openapi() {
  json::object paths;
  for (const Route& route : api_table()) {
    json::value& path = paths[plain_path(route.path)];
    if (!path.is_object()) path.emplace_object();
    path.as_object()[lower_name(route.method)] = operation_of(route);
  }
  return {{"openapi", "3.1.0"},
          {"info", {{"title", "Countersign"}, {"version", COUNTERSIGN_VERSION}}},
          {"security",
           {json::object{{"token", json::array{}}}, json::object{{"certificate", json::array{}}}}},
          {"paths", std::move(paths)},
          {"components", components()}};
}

Handled show_openapi(const Call& /*call*/) {
  static const auto kAnswer = json_response(200, openapi());  // anybody may ask, often
  return kAnswer;
}

}  // namespace countersign::console
