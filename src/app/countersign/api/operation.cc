#include "app/countersign/api/operation.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/ascii.h"

namespace countersign::app::api {
namespace {

namespace json = boost::json;

constexpr std::string_view kJson = "application/json";

const json::value kNothing;

// A member of an object, or of one that lies deeper: null where anything on the way is missing.
const json::value& at(const json::value& from, std::initializer_list<std::string_view> path) {
  const json::value* here = &from;
  for (const std::string_view name : path) {
    const auto* object = here->if_object();
    here = object == nullptr ? nullptr : object->if_contains(name);
    if (here == nullptr) return kNothing;
  }
  return *here;
}

std::string text(const json::value& value) {
  const auto* string = value.if_string();
  return string == nullptr ? "" : std::string(*string);
}

std::vector<std::string> texts(const json::value& value) {
  std::vector<std::string> out;
  if (const auto* array = value.if_array())
    for (const auto& one : *array) out.push_back(text(one));
  return out;
}

Kind kind_of(const json::value& schema) {
  if (at(schema, {"oneOf"}).is_array()) return Kind::number_or_text;
  const auto& type = at(schema, {"type"});
  const std::string name = type.is_array() ? texts(type).front() : text(type);
  if (name == "integer") return Kind::integer;
  if (name == "boolean") return Kind::flag;
  if (name == "array") return Kind::list;
  return name == "object" ? Kind::object : Kind::text;
}

std::vector<Field> members_of(const json::value& schema);

Field field_of(std::string_view name, const json::value& schema) {
  return {.name = std::string(name),
          .kind = kind_of(schema),
          .meaning = text(at(schema, {"description"})),
          .one_of = texts(at(schema, {"enum"})),
          .members = members_of(schema)};
}

std::vector<Field> members_of(const json::value& schema) {
  std::vector<Field> out;
  const auto* properties = at(schema, {"properties"}).if_object();
  if (properties == nullptr) return out;
  const auto required = texts(at(schema, {"required"}));
  for (const auto& [name, of] : *properties) {
    out.push_back(field_of(name, of));
    out.back().required = std::ranges::find(required, out.back().name) != required.end();
  }
  return out;
}

void read_parameters(const json::value& parameters, Operation& into) {
  const auto* array = parameters.if_array();
  if (array == nullptr) return;
  for (const auto& one : *array) {
    const std::string in = text(at(one, {"in"}));
    if (in == "path") into.parameters.push_back(text(at(one, {"name"})));
    if (in != "query") continue;
    into.query.push_back(field_of(text(at(one, {"name"})), at(one, {"schema"})));
    into.query.back().required = at(one, {"required"}) == json::value(true);
  }
}

void read_answer(const json::value& responses, Operation& into) {
  const auto* all = responses.if_object();
  if (all == nullptr) return;
  for (const auto& [status, response] : *all) {
    if (!status.starts_with("2")) continue;
    const json::value* schema = &at(response, {"content", kJson, "schema"});
    into.pages = at(*schema, {"properties", "items"}).is_object() &&
                 at(*schema, {"properties", "next"}).is_object();
    if (into.pages) schema = &at(*schema, {"properties", "items", "items"});
    for (const auto& field : members_of(*schema)) into.columns.push_back(field.name);
    return;
  }
}

Operation read_operation(std::string_view path, std::string_view method,
                         const json::value& described) {
  Operation out{.id = text(at(described, {"operationId"})),
                .summary = text(at(described, {"summary"})),
                .method = ascii::upper_case(method),
                .path = std::string(path)};
  read_parameters(at(described, {"parameters"}), out);
  read_answer(at(described, {"responses"}), out);
  out.roles = texts(at(described, {"x-roles"}));
  const auto* content = at(described, {"requestBody", "content"}).if_object();
  if (content == nullptr) return out;
  for (const auto& [type, media] : *content) {
    out.body_types.emplace_back(type);
    if (type == kJson) out.body = members_of(at(media, {"schema"}));
  }
  return out;
}

bool is_parameter(std::string_view segment) { return segment.starts_with('{'); }

std::vector<std::string> segments_of(std::string_view path) {
  std::vector<std::string> out;
  path.remove_prefix(std::min(path.size(), kPrefix.size()));
  while (!path.empty()) {
    const auto end = std::min(path.find('/'), path.size());
    out.emplace_back(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return out;
}

// What an operation of the resource itself, or of one of its things, is called.
std::string plain_verb(const Operation& o, bool of_one, bool also_read) {
  if (o.method == "GET") return o.pages && !of_one ? "list" : "get";
  if (o.method == "PUT") return "set";
  if (o.method == "DELETE") return "remove";
  if (o.method == "PATCH") return "change";
  return also_read ? "add" : "run";
}

std::string verb_of(const Operation& o, const std::vector<Operation>& all) {
  const auto segments = segments_of(o.path);
  const bool of_one = !segments.empty() && is_parameter(segments.back());
  const bool also_read = o.method != "GET" && find(all, "GET", o.path) != nullptr;
  std::string tail;
  for (std::size_t i = 1; i < segments.size(); ++i)
    if (!is_parameter(segments[i])) tail += (tail.empty() ? "" : "-") + segments[i];
  std::string verb = plain_verb(o, of_one, also_read);
  if (tail.empty()) return verb;
  const bool plain = !of_one && (o.method == "GET" || (o.method == "POST" && !also_read));
  return plain ? tail : verb + "-" + tail;
}

}  // namespace

bool Operation::takes_json() const {
  return std::ranges::find(body_types, kJson) != body_types.end();
}

const Operation* find(const std::vector<Operation>& all, std::string_view method,
                      std::string_view path) {
  const auto fits = [&](const Operation& o) { return o.method == method && o.path == path; };
  const auto found = std::ranges::find_if(all, fits);
  return found == all.end() ? nullptr : &*found;
}

Result<std::vector<Operation>> read_operations(View openapi) {
  boost::system::error_code broken;
  const auto document = json::parse(countersign::text(openapi), broken);
  const auto* paths = broken ? nullptr : at(document, {"paths"}).if_object();
  if (paths == nullptr)
    return fail(Failure::systemUnavail, "client.admin-description",
                "what answers there does not describe itself as a REST API of countersignd does: "
                "check --api");
  std::vector<Operation> all;
  for (const auto& [path, methods] : *paths)
    if (const auto* object = methods.if_object(); object != nullptr && path.starts_with(kPrefix))
      for (const auto& [method, described] : *object)
        all.push_back(read_operation(path, method, described));
  std::vector<std::pair<std::string, std::string>> taken;
  for (Operation& o : all) {
    const auto segments = segments_of(o.path);
    o.resource = segments.empty() ? "" : segments.front();
    o.verb = verb_of(o, all);
    if (std::ranges::find(taken, std::pair(o.resource, o.verb)) != taken.end()) o.verb = o.id;
    taken.emplace_back(o.resource, o.verb);
  }
  return all;
}

}  // namespace countersign::app::api
