#include "transport/http/header_text.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/ascii.h"

namespace countersign::transport::http {
namespace {

// RFC 9811 §4 [MAY] the unregistered names of older implementations mean the same.
constexpr std::array<std::string_view, 3> kMediaTypes = {kPkixcmp, "application/x-pkixcmp",
                                                         "application/pkixcmp-poll"};

}  // namespace

bool is_pkixcmp(std::string_view content_type) noexcept {
  const auto type = ascii::trimmed(content_type.substr(0, content_type.find(';')));
  return std::ranges::any_of(
      kMediaTypes, [&](std::string_view known) { return ascii::same_ignoring_case(type, known); });
}

std::string printable(std::string_view text, std::size_t limit) {
  std::string result(text.substr(0, limit));
  std::ranges::replace_if(result, [](char c) { return c < 0x20 || c > 0x7e; }, '?');
  return result;
}

std::string http_date(Time time) {
  static constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::chrono::weekday day(std::chrono::floor<std::chrono::days>(time));
  const CivilTime civil = to_civil(time);
  std::array<char, 64> out{};
  const int length = std::snprintf(out.data(), out.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                                   kDays.at(day.c_encoding()), civil.day,
                                   kMonths.at(static_cast<std::size_t>(civil.month - 1)),
                                   civil.year, civil.hour, civil.minute, civil.second);
  return {out.data(), static_cast<std::size_t>(length)};
}

}  // namespace countersign::transport::http
