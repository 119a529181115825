// Values of the configuration file into fields of Config, and back: the cells of config_table.cc.
// to(): false where the value does not fit.
#pragma once

#include <algorithm>
#include <array>
#include <bitset>

#include "enrol/template.h"
#include "server/config.h"

namespace countersign::server {

inline bool to(Seconds& out, const ConfigValue& v) {
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

inline bool to(bool& out, const ConfigValue& v) {
  if (const auto* b = std::get_if<bool>(&v)) out = *b;
  return std::holds_alternative<bool>(v);
}

inline bool to(std::string& out, const ConfigValue& v) {
  if (const auto* s = std::get_if<std::string>(&v)) out = *s;
  return std::holds_alternative<std::string>(v);
}

inline bool to(std::vector<std::string>& out, const ConfigValue& v) {
  const auto* list = std::get_if<std::vector<std::string>>(&v);
  if (list != nullptr) out = *list;
  return list != nullptr;
}

template <class Integer>
inline bool to(Integer& out, const ConfigValue& v, std::int64_t least, std::int64_t most) {
  const auto* n = std::get_if<std::int64_t>(&v);
  if (n == nullptr || *n < least || *n > most) return false;
  out = static_cast<Integer>(*n);
  return true;
}

template <class Enum, std::size_t n>
inline bool to(Enum& out, const ConfigValue& v, const std::array<std::string_view, n>& names) {
  const auto* s = std::get_if<std::string>(&v);
  if (s == nullptr) return false;
  const auto at = std::ranges::find(names, *s);
  if (at == names.end()) return false;
  out = static_cast<Enum>(at - names.begin());
  return true;
}

// A list of names, each at most once, at least one.
template <std::size_t n>
inline bool to(std::bitset<n>& out, const ConfigValue& v,
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

// Names of certificate templates, or a star.
inline bool to_templates(std::vector<std::string>& out, const ConfigValue& v) {
  const auto* list = std::get_if<std::vector<std::string>>(&v);
  const auto known = [](const std::string& name) {
    return name == "*" || enrol::find_template(enrol::built_in_templates(), name) != nullptr;
  };
  if (list == nullptr || !std::ranges::all_of(*list, known)) return false;
  out = *list;
  return true;
}

inline std::string in_quotes(std::string_view s) { return '"' + std::string(s) + '"'; }
inline std::string shown(bool b) { return b ? "true" : "false"; }
inline std::string shown(Seconds s) { return in_quotes(to_text(s)); }

inline std::string shown(const std::vector<std::string>& list) {
  std::string out;
  for (const std::string& s : list) (out += out.empty() ? "" : ", ") += in_quotes(s);
  return '[' + out + ']';
}

template <std::size_t n>
inline std::string shown(const std::bitset<n>& chosen,
                         const std::array<std::string_view, n>& names) {
  std::string out;
  for (std::size_t i = 0; i < n; ++i)
    if (chosen.test(i)) (out += out.empty() ? "" : ", ") += in_quotes(names[i]);
  return '[' + out + ']';
}

}  // namespace countersign::server
