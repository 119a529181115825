#include "store/object_text.h"

#include <boost/json.hpp>

namespace countersign::store {
namespace {

namespace json = boost::json;

struct ToJson {
  json::value operator()(const std::string& text) const { return json::string(text); }
  json::value operator()(std::int64_t number) const { return number; }
  json::value operator()(bool yes) const { return yes; }
  json::value operator()(const std::vector<std::string>& list) const {
    json::array out;
    for (const std::string& one : list) out.emplace_back(one);
    return out;
  }
};

std::optional<enrol::FieldValue> value_of(const json::value& v) {
  if (v.is_string()) return std::string(v.get_string());
  if (v.is_int64()) return v.get_int64();
  if (v.is_bool()) return v.get_bool();
  if (!v.is_array()) return std::nullopt;
  std::vector<std::string> list;
  for (const json::value& one : v.get_array()) {
    if (!one.is_string()) return std::nullopt;
    list.emplace_back(one.get_string());
  }
  return list;
}

}  // namespace

std::string to_json(const enrol::Fields& fields) {
  json::object out;
  for (const auto& [name, value] : fields) out.emplace(name, std::visit(ToJson{}, value));
  return json::serialize(out);
}

Result<enrol::Fields> fields_from_json(std::string_view text) {
  boost::system::error_code error;
  const json::value parsed = json::parse({text.data(), text.size()}, error);
  enrol::Fields out;
  bool good = !error && parsed.is_object();
  if (good)
    for (const auto& [name, v] : parsed.get_object()) {
      auto value = value_of(v);
      good = good && value.has_value();
      if (value) out.emplace(std::string(name), std::move(*value));
    }
  if (good) return out;
  return fail(Failure::systemFailure, "store.object-format",
              "a stored object cannot be read; restore a backup");
}

}  // namespace countersign::store
