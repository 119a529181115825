// Fields of what an operator sets, one row of a table each: its name, what fits, what it means, and
// how a value gets in and out. Files, the API and the references are made from the same tables.
#pragma once

#include <algorithm>
#include <array>
#include <bitset>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ascii.h"
#include "base/time.h"

namespace countersign::enrol {

// A duration is text ("90s"), an entry of an enumeration its name.
using FieldValue = std::variant<std::string, std::int64_t, bool, std::vector<std::string>>;
using Fields = std::map<std::string, FieldValue, std::less<>>;

template <class T>
struct Field {
  std::string_view name;               // "confirm_wait"
  std::string_view fits;               // "a duration: 90s, 5m, 24h, 30d"
  std::string_view meaning;            // one or two sentences
  bool (*set)(T&, const FieldValue&);  // false: the value does not fit
  FieldValue (*get)(const T&);
};

inline constexpr std::string_view kDurationFits =
    "a duration: \"90s\", \"5m\", \"24h\", \"30d\", or seconds";
inline constexpr std::string_view kYesNoFits = "true or false";

// As it stands in a file, on one line. Text is of those characters that need no escape there.
std::string shown(const FieldValue& value);

// ---- cells: to() is false where the value does not fit

inline bool to(Seconds& out, const FieldValue& v) {
  if (const auto* n = std::get_if<std::int64_t>(&v)) {
    if (*n < 0) return false;
    out = Seconds{*n};
    return true;
  }
  const auto* text = std::get_if<std::string>(&v);
  const auto parsed = text != nullptr ? parse_duration(*text) : std::nullopt;
  if (parsed) out = *parsed;
  return parsed.has_value();
}

inline bool to(bool& out, const FieldValue& v) {
  if (const auto* b = std::get_if<bool>(&v)) out = *b;
  return std::holds_alternative<bool>(v);
}

inline bool to(std::string& out, const FieldValue& v) {
  if (const auto* s = std::get_if<std::string>(&v)) out = *s;
  return std::holds_alternative<std::string>(v);
}

inline bool to(std::vector<std::string>& out, const FieldValue& v) {
  const auto* list = std::get_if<std::vector<std::string>>(&v);
  if (list != nullptr) out = *list;
  return list != nullptr;
}

template <class Integer>
inline bool to(Integer& out, const FieldValue& v, std::int64_t least, std::int64_t most) {
  const auto* n = std::get_if<std::int64_t>(&v);
  if (n == nullptr || *n < least || *n > most) return false;
  out = static_cast<Integer>(*n);
  return true;
}

template <class Enum, std::size_t n>
inline bool to(Enum& out, const FieldValue& v, const std::array<std::string_view, n>& names) {
  const auto* s = std::get_if<std::string>(&v);
  if (s == nullptr) return false;
  const auto at = std::ranges::find(names, *s);
  if (at == names.end()) return false;
  out = static_cast<Enum>(at - names.begin());
  return true;
}

// A list of names, each at most once, at least one.
template <std::size_t n>
inline bool to(std::bitset<n>& out, const FieldValue& v,
               const std::array<std::string_view, n>& names) {
  const auto* list = std::get_if<std::vector<std::string>>(&v);
  if (list == nullptr || list->empty()) return false;
  std::bitset<n> chosen;
  for (const std::string& name : *list) {
    const auto at = std::ranges::find(names, name);
    if (at == names.end() || chosen.test(static_cast<std::size_t>(at - names.begin())))
      return false;
    chosen.set(static_cast<std::size_t>(at - names.begin()));
  }
  out = chosen;
  return true;
}

inline FieldValue from(Seconds s) { return countersign::to_text(s); }
inline FieldValue from(bool b) { return b; }
inline FieldValue from(const std::string& text) { return text; }
inline FieldValue from(const std::vector<std::string>& list) { return list; }

template <class Integer>
  requires std::is_integral_v<Integer> && (!std::is_same_v<Integer, bool>)
inline FieldValue from(Integer n) {
  return static_cast<std::int64_t>(n);
}

template <std::size_t n>
inline FieldValue from(const std::bitset<n>& chosen, const std::array<std::string_view, n>& names) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < n; ++i)
    if (chosen.test(i)) out.emplace_back(names[i]);
  return out;
}

// A name of one of the things that an operator sets: it may stand in a path.
inline bool is_object_name(std::string_view name) noexcept {
  const auto fits = [](char c) {
    return ascii::is_alphanumeric(c) || c == '-' || c == '_' || c == '.';
  };
  return !name.empty() && name.size() <= 64 && name.front() != '.' &&
         std::ranges::all_of(name, fits);
}

// The name of something else, or empty.
inline bool to_name(std::string& out, const FieldValue& v) {
  const auto* s = std::get_if<std::string>(&v);
  if (s == nullptr || (!s->empty() && !is_object_name(*s))) return false;
  out = *s;
  return true;
}

inline bool to_names(std::vector<std::string>& out, const FieldValue& v) {
  const auto* list = std::get_if<std::vector<std::string>>(&v);
  if (list == nullptr || !std::ranges::all_of(*list, is_object_name)) return false;
  out = *list;
  return true;
}

}  // namespace countersign::enrol

// The last two cells of a row, in tables whose rows are of `Subject`.
#define FIELD(expression)                                              \
  [](Subject& c, const FieldValue& v) { return to(c.expression, v); }, \
      [](const Subject& c) -> FieldValue { return from(c.expression); }
#define NAME_FIELD(expression)                                              \
  [](Subject& c, const FieldValue& v) { return to_name(c.expression, v); }, \
      [](const Subject& c) -> FieldValue { return from(c.expression); }
#define NAMES_FIELD(expression)                                              \
  [](Subject& c, const FieldValue& v) { return to_names(c.expression, v); }, \
      [](const Subject& c) -> FieldValue { return from(c.expression); }
#define NUMBER(expression, least, most)                                             \
  [](Subject& c, const FieldValue& v) { return to(c.expression, v, least, most); }, \
      [](const Subject& c) -> FieldValue { return from(c.expression); }
#define CHOICE(expression, names)                                             \
  [](Subject& c, const FieldValue& v) { return to(c.expression, v, names); }, \
      [](const Subject& c) -> FieldValue {                                    \
        return std::string((names)[static_cast<std::size_t>(c.expression)]);  \
      }
#define LIST(expression, names)                                               \
  [](Subject& c, const FieldValue& v) { return to(c.expression, v, names); }, \
      [](const Subject& c) -> FieldValue { return from(c.expression, names); }
