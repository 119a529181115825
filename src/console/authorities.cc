// How those are that issue beside the server's own.
#include "console/page.h"
#include "console/routes.h"

namespace countersign::console {
namespace {

struct Entry {
  std::string name;
  ports::Health health;
};

boost::json::object to_json(const Entry& entry) {
  const auto& health = entry.health;
  boost::json::object out{{"name", entry.name},
                          {"state", ports::name(health.state)},
                          {"under_way", health.under_way},
                          {"waiting", health.waiting},
                          {"answered", nullptr},
                          {"trouble", health.trouble}};
  if (health.answered) out["answered"] = to_iso(*health.answered);
  return out;
}

}  // namespace

Handled list_authority_health(const Call& call) {
  std::vector<Entry> all;
  const auto others = call.at.authorities ? call.at.authorities() : nullptr;
  if (others)
    for (const auto& [name, authority] : *others) all.push_back({name, authority.health()});
  return page_by_key(
      call, std::move(all), [](const Entry& entry) { return entry.name; },
      [](const Entry& entry) { return to_json(entry); });
}

}  // namespace countersign::console
