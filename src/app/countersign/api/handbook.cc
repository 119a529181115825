#include "app/countersign/api/handbook.h"

#include <algorithm>
#include <map>

#include "base/ascii.h"
#include "client/failure.h"

namespace countersign::app::api {
namespace {

constexpr std::size_t kNameColumn = 16;

std::string padded(std::string text, std::size_t size) {
  if (text.size() < size) text.append(size - text.size(), ' ');
  return text;
}

std::vector<std::string> resources_of(const std::vector<Operation>& all) {
  std::vector<std::string> out;
  for (const Operation& o : all)
    if (std::ranges::find(out, o.resource) == out.end()) out.push_back(o.resource);
  return out;
}

std::string overview(const Style& style, const std::vector<Operation>& all) {
  std::string out = "countersign admin RESOURCE VERB [NAME] [FIELD=VALUE …]\n\n";
  for (const auto& resource : resources_of(all)) {
    out += "  " + style.bold(padded(resource, kNameColumn));
    for (const Operation& o : all)
      if (o.resource == resource) out += " " + o.verb;
    out += "\n";
  }
  return out +
         "\ncountersign admin help RESOURCE        its verbs and their fields\n"
         "countersign admin why TRANSACTION      what happened in it, and why\n"
         "countersign admin call METHOD PATH     any request: call GET /status\n";
}

std::string type_text(const Field& field) {
  if (!field.one_of.empty()) {
    std::string out;
    for (const auto& each : field.one_of) out += (out.empty() ? "" : "|") + each;
    return out;
  }
  switch (field.kind) {
    case Kind::integer:
      return "N";
    case Kind::number_or_text:
      return "N|any";
    case Kind::flag:
      return "true|false";
    case Kind::list:
      return "A,B";
    case Kind::object:
      return "JSON";
    case Kind::text:
      break;
  }
  return "TEXT";
}

std::string fields_text(const Style& style, const std::vector<Field>& fields) {
  std::string out;
  for (const Field& field : fields) {
    if (!field.members.empty()) {
      out += fields_text(style, field.members);
      continue;
    }
    out += "      " + field.name + "=" + type_text(field) +
           style.dim((field.required ? "  (needed) " : "  ") + harmless(field.meaning)) + "\n";
  }
  return out;
}

std::string operation_text(const Style& style, const Operation& o) {
  std::string words = o.resource + " " + o.verb;
  for (const std::string& name : o.parameters) words += " " + ascii::upper_case(name);
  if (o.takes_octets()) words += " FILE";
  std::string roles;
  for (const auto& role : o.roles) roles += (roles.empty() ? "" : ", ") + role;
  return "  " + style.bold(words) + "\n    " + harmless(o.summary) +
         style.dim(roles.empty() ? "" : " (" + roles + ")") + "\n" + fields_text(style, o.query) +
         fields_text(style, o.body);
}

}  // namespace

Result<std::string> handbook(const Style& style, const std::vector<Operation>& all,
                             const std::string& resource) {
  if (resource.empty()) return overview(style, all);
  std::string out;
  for (const Operation& o : all)
    if (o.resource == resource) out += operation_text(style, o);
  if (!out.empty()) return out;
  std::string known;
  for (const auto& name : resources_of(all)) known += (known.empty() ? "" : ", ") + name;
  return client::wrong_usage("there is nothing called " + resource + " here; there are " + known);
}

}  // namespace countersign::app::api
