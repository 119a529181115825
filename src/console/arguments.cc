#include "console/arguments.h"

#include <algorithm>
#include <charconv>

#include "console/json_text.h"

namespace countersign::console {
namespace {

namespace json = boost::json;

constexpr std::size_t kValueShown = 100;

std::optional<std::int64_t> integer_of(const json::value& value) {
  if (const auto* whole = value.if_int64()) return *whole;
  return std::nullopt;
}

std::optional<enrol::FieldValue> setting_of(const json::value& value) {
  if (const auto* text = value.if_string()) return std::string(*text);
  if (const auto* number = value.if_int64()) return *number;
  if (const auto* yes = value.if_bool()) return *yes;
  const auto* list = value.if_array();
  if (list == nullptr) return std::nullopt;
  std::vector<std::string> out;
  for (const json::value& one : *list) {
    if (!one.is_string()) return std::nullopt;
    out.emplace_back(one.get_string());
  }
  return out;
}

std::string_view text_of(const json::value& value) {
  const auto* text = value.if_string();
  return text == nullptr ? std::string_view{} : std::string_view(text->data(), text->size());
}

bool is_line(std::string_view text) {
  return std::ranges::none_of(
      text, [](char c) { return static_cast<Byte>(c) < 0x20 || static_cast<Byte>(c) == 0x7f; });
}

bool has_size(std::string_view text, const Field& field) {
  const auto size = static_cast<std::int64_t>(text.size());
  return size >= field.least && size <= field.most;
}

bool is_one_of(std::string_view text, std::string_view one_of) {
  if (one_of.empty()) return true;
  const auto all = choices(one_of);
  return std::ranges::find(all, text) != all.end();
}

std::optional<Time> expiry_of(std::string_view text, Time now) {
  if (const auto lives = parse_duration(text)) return now + *lives;
  return from_iso(text);
}

bool is_list(const json::value& value, const Field& field) {
  constexpr std::size_t kMost = 100;
  const auto* list = value.if_array();
  return list != nullptr && list->size() <= kMost &&
         std::ranges::all_of(*list, [&](const json::value& one) {
           return one.is_string() && is_line(text_of(one)) && has_size(text_of(one), field);
         });
}

bool is_good(const json::value& value, const Field& field, Time now) {
  const auto text = text_of(value);
  const auto number = integer_of(value);
  switch (field.type) {
    case Type::text:
      return value.is_string() && is_line(text) && has_size(text, field) &&
             is_one_of(text, field.one_of);
    case Type::lines:
      return value.is_string() && has_size(text, field);
    case Type::integer:
      return number && *number >= field.least && *number <= field.most;
    case Type::uses:
      return text == "any" || (number && *number >= 1 && *number <= field.most);
    case Type::flag:
      return value.is_bool();
    case Type::settings:
      return value.is_object() && std::ranges::all_of(value.get_object(), [](const auto& member) {
               return setting_of(member.value()).has_value();
             });
    case Type::time:
      return from_iso(text).has_value();
    case Type::expiry:
      return expiry_of(text, now).value_or(now) > now;
    case Type::list:
      return is_list(value, field);
    default:
      return false;  // of answers only
  }
}

// Shortened at a character, so that it stays UTF-8.
std::string shown(const json::value& value) {
  std::string text = value.is_string() ? std::string(text_of(value)) : json::serialize(value);
  if (text.size() <= kValueShown) return text;
  std::size_t end = kValueShown;
  while (end > 0 && (static_cast<Byte>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

std::string names_of(std::span<const Field> fields) {
  std::string out;
  for (const Field& field : fields) out.append(out.empty() ? "" : ", ").append(field.name);
  return out.empty() ? "left out: nothing is taken here" : "one of the names " + out;
}

// RFC 6901 §3
std::string pointer_token(std::string_view name) {
  std::string out;
  for (const char c : name.substr(0, kValueShown))
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out += c;
  return out;
}

// Everything that is wrong, at once.
Outcome<> check(const json::object& values, std::span<const Field> fields, std::string_view prefix,
                Time now) {
  std::vector<Wrong> wrong;
  for (const auto& [key, value] : values) {
    const std::string_view name(key.data(), key.size());
    const auto field = std::ranges::find(fields, name, &Field::name);
    const std::string path = std::string(prefix) + pointer_token(name);
    if (field == fields.end())
      wrong.push_back({path, shown(value), names_of(fields)});
    else if (!is_good(value, *field, now))
      wrong.push_back({path, shown(value), allowed(*field)});
  }
  for (const Field& field : fields)
    if (field.need == Need::required && !values.contains(field.name))
      wrong.push_back({std::string(prefix) + std::string(field.name), "", allowed(field)});
  if (wrong.empty()) return {};
  auto problem = refuse(wrong.front());
  problem.error().errors = std::move(wrong);
  return problem;
}

json::value value_of(const std::string& text, Type type) {
  const bool counts = type == Type::integer || type == Type::uses;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (counts && error == std::errc{} && end == text.data() + text.size()) return number;
  if (type == Type::flag && (text == "true" || text == "false")) return text == "true";
  return json::value(text);
}

}  // namespace

std::vector<std::string> choices(std::string_view one_of) {
  std::vector<std::string> out;
  while (!one_of.empty()) {
    const auto bar = one_of.find('|');
    out.emplace_back(one_of.substr(0, bar));
    one_of = bar == std::string_view::npos ? std::string_view{} : one_of.substr(bar + 1);
  }
  return out;
}

std::string allowed(const Field& field) {
  const std::string range = std::to_string(field.least) + " to " + std::to_string(field.most);
  switch (field.type) {
    case Type::text:
      if (field.one_of.empty()) return "one line of " + range + " octets";
      {
        std::string list(field.one_of);
        for (auto bar = list.find('|'); bar != std::string::npos; bar = list.find('|'))
          list.replace(bar, 1, ", ");
        return "one of " + list;
      }
    case Type::lines:
      return "text of " + range + " octets";
    case Type::integer:
      return "an integer from " + range;
    case Type::uses:
      return "an integer from 1, or \"any\"";
    case Type::flag:
      return "true or false";
    case Type::list:
      return "a list of at most 100 texts of " + range + " octets";
    case Type::settings:
      return "an object whose members are texts, whole numbers, true, false or lists of texts";
    case Type::time:
      return "a time such as 2026-11-21T09:45:17Z or 2026-11-21";
    case Type::expiry:
      return "a duration such as 24h or 30d, or a time to come such as 2030-01-31";
    default:
      return "left out";
  }
}

std::string Arguments::text(std::string_view name, std::string_view otherwise) const {
  const auto* value = values_.if_contains(name);
  return std::string(value == nullptr ? otherwise : text_of(*value));
}

std::int64_t Arguments::integer(std::string_view name, std::int64_t otherwise) const {
  const auto* value = values_.if_contains(name);
  return value == nullptr ? otherwise : integer_of(*value).value_or(otherwise);
}

std::vector<std::string> Arguments::list(std::string_view name) const {
  std::vector<std::string> out;
  if (const auto* value = values_.if_contains(name))
    for (const json::value& one : value->as_array()) out.emplace_back(text_of(one));
  return out;
}

enrol::Fields Arguments::settings(std::string_view name) const {
  enrol::Fields out;
  if (const auto* object = values_.if_contains(name); object != nullptr && object->is_object())
    for (const auto& [key, value] : object->get_object())
      if (auto setting = setting_of(value)) out.emplace(std::string(key), std::move(*setting));
  return out;
}

bool Arguments::flag(std::string_view name) const {
  const auto* value = values_.if_contains(name);
  return value != nullptr && value->as_bool();
}

std::optional<std::int64_t> Arguments::uses(std::string_view name, std::int64_t otherwise) const {
  const auto* value = values_.if_contains(name);
  return value == nullptr ? otherwise : integer_of(*value);
}

std::optional<Time> Arguments::time(std::string_view name, Time now) const {
  const auto* value = values_.if_contains(name);
  return value == nullptr ? std::nullopt : expiry_of(text_of(*value), now);
}

Outcome<Arguments> read_body(View octets, std::span<const Field> fields, Time now) {
  auto values = octets.empty() ? json::object{} : TRY(parse_object(text(octets)));
  TRY(check(values, fields, "/", now));
  return Arguments(std::move(values));
}

Outcome<Arguments> read_query(const ports::TextPairs& query, std::span<const Field> fields,
                              Time now) {
  json::object values;
  for (const auto& [name, value] : query) {
    const auto field = std::ranges::find(fields, name, &Field::name);
    const Type type = field == fields.end() ? Type::text : field->type;
    if (!values.emplace(name, value_of(value, type)).second)
      return refuse({"?" + name, value, "there once"});
  }
  TRY(check(values, fields, "?", now));
  return Arguments(std::move(values));
}

}  // namespace countersign::console
