#include "app/countersign/api/refusal.h"

#include <boost/json.hpp>

#include "app/common/terminal.h"
#include "app/countersign/report.h"
#include "client/failure.h"

namespace countersign::app::api {
namespace {

namespace json = boost::json;
using client::Exit;

constexpr int kUnauthorized = 401;

Exit exit_of(int status) {
  switch (status) {
    case 412:
      return Exit::conflict;
    case 429:
    case 503:
      return Exit::waiting;
    default:
      return Exit::refused;
  }
}

std::string member(const json::object& problem, std::string_view name) {
  const auto* value = problem.if_contains(name);
  const auto* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? "" : harmless(std::string(*text));
}

// One line for each value that cannot be taken.
std::string wrong_values(const json::object& problem) {
  std::string out;
  const auto* errors = problem.if_contains("errors");
  if (errors == nullptr || !errors->is_array()) return out;
  for (const auto& each : errors->get_array()) {
    const auto* wrong = each.if_object();
    if (wrong == nullptr) continue;
    const std::string value = member(*wrong, "value");
    out += "  " + member(*wrong, "path") + (value.empty() ? "" : " \"" + value + "\"") +
           " must be " + member(*wrong, "allowed") + "\n";
  }
  return out;
}

}  // namespace

int report_refusal(const Options& options, const ports::WebResponse& answer, Asked asked) {
  boost::system::error_code broken;
  const auto parsed = json::parse(text(answer.body), broken);
  const auto* problem = broken ? nullptr : parsed.if_object();
  if (problem == nullptr || member(*problem, "code").empty())
    return report_failure(options,
                          {Failure::systemUnavail, "transport.http-status",
                           "the answer is no answer of the REST API of countersignd: check --api",
                           "status " + std::to_string(answer.status)});
  if (options.json) {
    print(Stream::out, json::serialize(json::object{{"error", *problem}}) + "\n");
    return static_cast<int>(exit_of(answer.status));
  }
  const Style style(Stream::err);
  print(
      Stream::err,
      "countersign: " + style.red(member(*problem, "detail")) + ".\n" + wrong_values(*problem) +
          style.dim("  " + member(*problem, "code") + ", status " + std::to_string(answer.status)) +
          "\n");
  if (answer.status == kUnauthorized && asked == Asked::by_nobody)
    print(Stream::err,
          "  No operator was named: give --token-file, or --tls-cert and --tls-key.\n");
  return static_cast<int>(exit_of(answer.status));
}

}  // namespace countersign::app::api
