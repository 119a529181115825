// Wall-clock time in whole seconds: what X.509 and CMP can say.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace countersign {

using Seconds = std::chrono::seconds;
using Time = std::chrono::sys_seconds;

constexpr long long to_unix(Time t) noexcept { return t.time_since_epoch().count(); }
constexpr Time from_unix(long long seconds) noexcept { return Time{Seconds{seconds}}; }

struct CivilTime {
  int year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0;
};
CivilTime to_civil(Time t) noexcept;
// nullopt for a date that does not exist, or a leap second.
std::optional<Time> from_civil(const CivilTime& civil) noexcept;

std::string to_iso(Time t);   // 2026-11-21T09:45:17Z
std::string to_date(Time t);  // 2026-11-21
// Accepts what to_iso and to_date print.
std::optional<Time> from_iso(std::string_view text);

// "90s", "5m", "24h", "30d", "1y" (365 days), or a bare number of seconds.
std::optional<Seconds> parse_duration(std::string_view text);
std::string to_text(Seconds duration);

}  // namespace countersign
