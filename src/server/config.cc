#include "server/config.h"

#include <algorithm>

#include "server/toml_value.h"

namespace countersign::server {
namespace {

std::unexpected<Error> refuse(std::string_view code, std::string_view source,
                              const std::string& what) {
  return fail(Failure::systemFailure, code, std::string(source) + ": " + what);
}

// How many letters differ: to name the key that was meant.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
    }
  }
  return row[b.size()];
}

std::string nearest(std::string_view name) {
  const auto keys = config_keys();
  const auto best = std::ranges::min_element(
      keys, {}, [&](const ConfigKey& key) { return distance(name, key.name); });
  return best->name;
}

Result<> apply(Config& config, const std::string& name, const toml::node& node,
               std::string_view source) {
  const auto keys = config_keys();
  const auto key = std::ranges::find(keys, name, &ConfigKey::name);
  const std::string where = std::string(source) + ":" + std::to_string(node.source().begin.line);
  if (key == keys.end())
    return refuse("config.unknown-key", where,
                  "there is no key " + name + "; did you mean " + nearest(name) + "?");
  const auto value = value_of(node);
  if (!value || !key->set(config, *value))
    return refuse("config.value", where, name + " must be " + std::string(key->fits));
  return {};
}

Result<> apply_table(Config& config, const toml::table& table, const std::string& prefix,
                     std::string_view source) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix + std::string(key.str());
    if (const auto* inner = node.as_table())
      TRY(apply_table(config, *inner, name + ".", source));
    else
      TRY(apply(config, name, node, source));
  }
  return {};
}

}  // namespace

Result<> read_config(Config& config, std::string_view toml, std::string_view source) {
  try {
    const toml::table table = toml::parse(toml, source);
    TRY(apply_table(config, table, "", source));
    return {};
  } catch (const toml::parse_error& error) {
    const auto at = error.source().begin;
    return refuse(
        "config.syntax",
        std::string(source) + ":" + std::to_string(at.line) + ":" + std::to_string(at.column),
        std::string(error.description()));
  }
}

}  // namespace countersign::server
