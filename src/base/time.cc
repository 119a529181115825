#include "base/time.h"

#include <charconv>
#include <cstdio>

namespace countersign {
namespace {

// Digits only: from_chars would read a sign too.
bool number(std::string_view text, int& out) {
  if (text.find_first_not_of("0123456789") != std::string_view::npos) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size();
}

struct Unit {
  char letter;
  long long seconds;
};
constexpr Unit kUnits[] = {{'y', 31536000}, {'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}};

}  // namespace

CivilTime to_civil(Time t) noexcept {
  const auto day = std::chrono::floor<std::chrono::days>(t);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{t - day};
  return {static_cast<int>(date.year()),
          static_cast<int>(static_cast<unsigned>(date.month())),
          static_cast<int>(static_cast<unsigned>(date.day())),
          static_cast<int>(clock.hours().count()),
          static_cast<int>(clock.minutes().count()),
          static_cast<int>(clock.seconds().count())};
}

std::optional<Time> from_civil(const CivilTime& c) noexcept {
  if (c.month < 1 || c.month > 12 || c.day < 1 || c.day > 31) return std::nullopt;
  if (c.hour < 0 || c.hour > 23 || c.minute < 0 || c.minute > 59) return std::nullopt;
  if (c.second < 0 || c.second > 59) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{c.year},
                                         std::chrono::month{static_cast<unsigned>(c.month)},
                                         std::chrono::day{static_cast<unsigned>(c.day)}};
  if (!date.ok()) return std::nullopt;
  return Time{std::chrono::sys_days{date}} + std::chrono::hours{c.hour} +
         std::chrono::minutes{c.minute} + Seconds{c.second};
}

std::string to_iso(Time t) {
  const CivilTime c = to_civil(t);
  char out[80];
  std::snprintf(out, sizeof out, "%04d-%02d-%02dT%02d:%02d:%02dZ", c.year, c.month, c.day, c.hour,
                c.minute, c.second);
  return out;
}

std::string to_date(Time t) { return to_iso(t).substr(0, 10); }

std::optional<Time> from_iso(std::string_view text) {
  CivilTime c;
  if (text.size() != 10 && text.size() != 20) return std::nullopt;
  if (text[4] != '-' || text[7] != '-') return std::nullopt;
  if (!number(text.substr(0, 4), c.year) || !number(text.substr(5, 2), c.month) ||
      !number(text.substr(8, 2), c.day))
    return std::nullopt;
  if (text.size() == 10) return from_civil(c);
  if (text[10] != 'T' || text[13] != ':' || text[16] != ':' || text[19] != 'Z') return std::nullopt;
  if (!number(text.substr(11, 2), c.hour) || !number(text.substr(14, 2), c.minute) ||
      !number(text.substr(17, 2), c.second))
    return std::nullopt;
  return from_civil(c);
}

std::optional<Seconds> parse_duration(std::string_view text) {
  if (text.empty() || text.front() == '-') return std::nullopt;
  long long factor = 1;
  for (const Unit& unit : kUnits) {
    if (text.back() != unit.letter) continue;
    factor = unit.seconds;
    text.remove_suffix(1);
    break;
  }
  long long count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (count > 100LL * 31536000 / factor) return std::nullopt;
  return Seconds{count * factor};
}

std::string to_text(Seconds duration) {
  const long long count = duration.count();
  for (const Unit& unit : kUnits)
    if (count != 0 && count % unit.seconds == 0)
      return std::to_string(count / unit.seconds) + unit.letter;
  return "0s";
}

}  // namespace countersign
