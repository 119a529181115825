#include "console/route.h"

namespace countersign::console {

std::string_view name(Method method) noexcept {
  switch (method) {
    case Method::get:
      return "GET";
    case Method::post:
      return "POST";
    case Method::put:
      return "PUT";
    case Method::remove:
      break;
  }
  return "DELETE";
}

std::optional<std::string> match(std::string_view pattern, std::string_view path) {
  const auto open = pattern.find('{');
  if (open == std::string_view::npos)
    return pattern == path ? std::optional<std::string>("") : std::nullopt;
  const auto close = pattern.find('}', open);
  const auto before = pattern.substr(0, open);
  const auto after = pattern.substr(close + 1);
  if (path.size() <= before.size() + after.size() || !path.starts_with(before) ||
      !path.ends_with(after))
    return std::nullopt;
  const auto value = path.substr(before.size(), path.size() - before.size() - after.size());
  const bool takes_slashes = pattern[close - 1] == '*';
  if (!takes_slashes && value.contains('/')) return std::nullopt;
  return std::string(value);
}

ports::WebResponse json_response(int status, const boost::json::value& value,
                                 ports::TextPairs headers) {
  return {status, "application/json", to_bytes(boost::json::serialize(value)), std::move(headers)};
}

std::string audit_name(const Operator& by) { return "operator:" + by.name; }

enrol::AuditRow row_of(const Call& call, std::string event, std::string detail) {
  enrol::AuditRow row;
  row.at = call.now;
  row.event = std::move(event);
  row.sender = audit_name(call.by);
  row.detail = std::move(detail);
  return row;
}

}  // namespace countersign::console
