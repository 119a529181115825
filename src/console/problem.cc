#include "console/problem.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

namespace countersign::console {
namespace {

struct Phrase {
  int status;
  std::string_view text;
};
constexpr std::array<Phrase, 18> kPhrases = {{{400, "Bad Request"},
                                              {401, "Unauthorized"},
                                              {403, "Forbidden"},
                                              {404, "Not Found"},
                                              {405, "Method Not Allowed"},
                                              {406, "Not Acceptable"},
                                              {409, "Conflict"},
                                              {412, "Precondition Failed"},
                                              {413, "Content Too Large"},
                                              {415, "Unsupported Media Type"},
                                              {417, "Expectation Failed"},
                                              {422, "Unprocessable Content"},
                                              {429, "Too Many Requests"},
                                              {431, "Request Header Fields Too Large"},
                                              {500, "Internal Server Error"},
                                              {501, "Not Implemented"},
                                              {502, "Bad Gateway"},
                                              {503, "Service Unavailable"}}};

std::string_view phrase(int status) {
  const auto* const found = std::ranges::find(kPhrases, status, &Phrase::status);
  return found == kPhrases.end() ? "Error" : found->text;
}

// What an error of the layers above means to an HTTP client. What is not named here is ours to
// mend: 500, and 503 where a later try may succeed.
struct CodeStatus {
  std::string_view code;
  int status;
};
constexpr std::array<CodeStatus, 5> kStatuses = {{{"store.conflict", 409},
                                                  {"store.reference-exists", 409},
                                                  {"store.token-exists", 409},
                                                  {"store.busy", 503},
                                                  {"store.full", 503}}};

int status_of(const Error& error) {
  const auto* const found = std::ranges::find(kStatuses, error.code, &CodeStatus::code);
  if (found != kStatuses.end()) return found->status;
  return error.failure == Failure::systemUnavail ? 503 : 500;
}

}  // namespace

Problem::Problem(Error error)
    : status(status_of(error)),
      code(error.code),
      detail(std::move(error.reply_text)),
      detail_for_log(std::move(error.detail)) {
  if (status == 503) headers.emplace_back("Retry-After", "5");
}

std::unexpected<Problem> refuse(int status, std::string_view code, std::string sentence) {
  return std::unexpected(Problem(status, code, std::move(sentence)));
}

std::unexpected<Problem> refuse(Wrong wrong) {
  Problem problem(400, "console.value",
                  "a value cannot be taken: " + wrong.path + " must be " + wrong.allowed);
  problem.errors.push_back(std::move(wrong));
  return std::unexpected(std::move(problem));
}

ports::WebResponse to_response(const Problem& problem, std::string_view instance) {
  boost::json::object body{{"type", "/errors#" + std::string(problem.code)},
                           {"title", phrase(problem.status)},
                           {"status", problem.status},
                           {"detail", problem.detail},
                           {"code", problem.code},
                           {"instance", instance}};
  boost::json::array errors;
  for (const Wrong& wrong : problem.errors)
    errors.push_back(boost::json::object{
        {"path", wrong.path}, {"value", wrong.value}, {"allowed", wrong.allowed}});
  if (!errors.empty()) body["errors"] = std::move(errors);
  return {problem.status, "application/problem+json", to_bytes(boost::json::serialize(body)),
          problem.headers};
}

}  // namespace countersign::console
