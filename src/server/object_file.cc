#include "server/object_file.h"

#include <sstream>

#include "server/toml_value.h"

namespace countersign::server {
namespace {

using enrol::ObjectRecord;

std::unexpected<Error> refuse(std::string_view code, std::string_view source,
                              const toml::node& node, const std::string& what) {
  return fail(Failure::systemFailure, code,
              std::string(source) + ":" + std::to_string(node.source().begin.line) + ": " + what);
}

void put(toml::table& into, const std::string& key, const enrol::FieldValue& value) {
  if (const auto* list = std::get_if<std::vector<std::string>>(&value)) {
    toml::array out;
    for (const std::string& one : *list) out.push_back(one);
    into.insert_or_assign(key, std::move(out));
    return;
  }
  if (const auto* text = std::get_if<std::string>(&value)) into.insert_or_assign(key, *text);
  if (const auto* number = std::get_if<std::int64_t>(&value)) into.insert_or_assign(key, *number);
  if (const auto* yes = std::get_if<bool>(&value)) into.insert_or_assign(key, *yes);
}

// A field may be dotted, "kur.same_key": that is a table in the file.
Result<> read_fields(ObjectRecord& object, const toml::table& table, const std::string& prefix,
                     std::string_view source) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix + std::string(key.str());
    if (const auto* inner = node.as_table()) {
      TRY(read_fields(object, *inner, name + ".", source));
      continue;
    }
    auto value = value_of(node);
    if (!value)
      return refuse("config.value", source, node,
                    label(object) + '.' + name +
                        " must be text, a whole number, true or false, or a list of texts");
    if (name != "enabled") {
      object.fields.insert_or_assign(name, std::move(*value));
      continue;
    }
    const auto* yes = std::get_if<bool>(&*value);
    if (yes == nullptr)
      return refuse("config.value", source, node, label(object) + ".enabled must be true or false");
    object.enabled = *yes;
  }
  return {};
}

Result<> read_kind(std::vector<ObjectRecord>& out, std::string_view kind_name,
                   const toml::node& node, std::string_view source) {
  const auto kind = enrol::object_kind(kind_name);
  const auto* table = node.as_table();
  if (!kind || table == nullptr) {
    std::string known;
    for (const auto name : enrol::kObjectKinds)
      (known += known.empty() ? "" : ", ") += "[" + std::string(name) + ".NAME]";
    return refuse("config.unknown-key", source, node,
                  "there is no kind of object " + std::string(kind_name) + "; there are " + known);
  }
  for (const auto& [name, fields] : *table) {
    ObjectRecord object;
    object.kind = *kind;
    object.name = std::string(name.str());
    const auto* inner = fields.as_table();
    if (inner == nullptr)
      return refuse("config.value", source, fields,
                    label(object) + " must be a table: [" + label(object) + "]");
    TRY(read_fields(object, *inner, "", source));
    out.push_back(std::move(object));
  }
  return {};
}

}  // namespace

std::string write_objects(std::span<const ObjectRecord> objects) {
  toml::table all;
  for (const ObjectRecord& object : objects) {
    toml::table fields;
    if (!object.enabled) fields.insert_or_assign("enabled", false);
    for (const auto& [name, value] : object.fields) {
      const auto dot = name.find('.');
      if (dot == std::string::npos) {
        put(fields, name, value);
        continue;
      }
      auto& inner = *fields.insert(name.substr(0, dot), toml::table{}).first->second.as_table();
      put(inner, name.substr(dot + 1), value);
    }
    const std::string kind(enrol::name(object.kind));
    auto& of_kind = *all.insert(kind, toml::table{}).first->second.as_table();
    of_kind.insert_or_assign(object.name, std::move(fields));
  }
  std::ostringstream out;
  out << toml::toml_formatter{all, toml::toml_formatter::default_flags &
                                       ~(toml::format_flags::indentation |
                                         toml::format_flags::allow_literal_strings |
                                         toml::format_flags::allow_multi_line_strings)}
      << "\n";
  return out.str();
}

Result<std::vector<ObjectRecord>> read_objects(std::string_view toml, std::string_view source) {
  try {
    const toml::table table = toml::parse(toml, source);
    std::vector<ObjectRecord> out;
    for (const auto& [kind, node] : table) TRY(read_kind(out, kind.str(), node, source));
    return out;
  } catch (const toml::parse_error& error) {
    const auto at = error.source().begin;
    return fail(Failure::systemFailure, "config.syntax",
                std::string(source) + ":" + std::to_string(at.line) + ":" +
                    std::to_string(at.column) + ": " + std::string(error.description()));
  }
}

}  // namespace countersign::server
