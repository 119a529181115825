// What a file says, as the value of a field. Only for files that include toml++ anyway.
#pragma once

#include <toml++/toml.h>
#include <optional>

#include "enrol/field.h"

namespace countersign::server {

// Nullopt: neither text, a whole number, true, false, nor a list of texts.
inline std::optional<enrol::FieldValue> value_of(const toml::node& node) {
  if (const auto s = node.value_exact<std::string>()) return *s;
  if (const auto n = node.value_exact<std::int64_t>()) return *n;
  if (const auto b = node.value_exact<bool>()) return *b;
  const auto* list = node.as_array();
  if (list == nullptr) return std::nullopt;
  std::vector<std::string> items;
  for (const auto& item : *list) {
    const auto text = item.value_exact<std::string>();
    if (!text) return std::nullopt;
    items.push_back(*text);
  }
  return items;
}

}  // namespace countersign::server
