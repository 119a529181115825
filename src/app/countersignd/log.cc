#include "app/countersignd/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <boost/json.hpp>

namespace countersign::app {
namespace {

using Level = server::LogEvent::Level;

spdlog::level::level_enum level_of(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warning:
      return spdlog::level::warn;
    case Level::error:
      break;
  }
  return spdlog::level::err;
}

std::string_view word(Level level) {
  constexpr std::string_view kWords[] = {"debug", "info", "warning", "error"};
  return kWords[static_cast<std::size_t>(level)];
}

// A peer's text must not end our line or colour our terminal.
std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  return out;
}

std::string as_text(const server::LogEvent& e) {
  std::string out = printable(e.message);
  if (!e.code.empty()) out += " [" + e.code + "]";
  if (!e.transaction.empty()) out += " transactionID=" + e.transaction;
  if (!e.peer.empty()) out += " peer=" + printable(e.peer);
  if (!e.detail.empty()) out += " (" + printable(e.detail) + ")";
  return out;
}

std::string as_json(const server::LogEvent& e) {
  boost::json::object out{{"level", word(e.level)}, {"message", e.message}};
  if (!e.code.empty()) out["code"] = e.code;
  if (!e.transaction.empty()) out["transactionID"] = e.transaction;
  if (!e.peer.empty()) out["peer"] = e.peer;
  if (!e.detail.empty()) out["detail"] = e.detail;
  return boost::json::serialize(out).substr(1);  // the pattern begins the object with the time
}

}  // namespace

std::function<void(const server::LogEvent&)> make_log(const server::Config& config) {
  auto logger = std::make_shared<spdlog::logger>(
      "countersignd", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
  logger->set_level(spdlog::level::from_str(config.log_level));
  logger->set_pattern(config.log_json ? "{\"time\":\"%Y-%m-%dT%H:%M:%S.%eZ\",%v"
                                      : "%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v",
                      spdlog::pattern_time_type::utc);
  const bool json = config.log_json;
  return [logger, json](const server::LogEvent& event) {
    const auto level = level_of(event.level);
    if (logger->should_log(level)) logger->log(level, "{}", json ? as_json(event) : as_text(event));
  };
}

}  // namespace countersign::app
