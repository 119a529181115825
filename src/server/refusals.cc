#include "server/refusals.h"

namespace countersign::server {

void Refusals::count(std::string_view code) {
  const std::lock_guard lock(mutex_);
  const auto at = by_code_.find(code);
  if (at != by_code_.end())
    ++at->second;
  else
    by_code_.emplace(code, 1);
}

std::optional<enrol::AuditRow> Refusals::sum(Time now) {
  std::map<std::string, std::size_t, std::less<>> taken;
  {
    const std::lock_guard lock(mutex_);
    taken.swap(by_code_);
  }
  if (taken.empty()) return std::nullopt;
  enrol::AuditRow row;
  row.at = now;
  row.event = "refused-unproved";
  if (taken.size() == 1) row.code = taken.begin()->first;
  for (const auto& [code, times] : taken)
    row.detail += (row.detail.empty() ? "" : ", ") + code + " " + std::to_string(times);
  return row;
}

}  // namespace countersign::server
