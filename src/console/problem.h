// What went wrong, as the API tells it: RFC 9457, application/problem+json. A Problem holds nothing
// that its receiver must not see, but `detail_for_log`.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ports/web.h"

namespace countersign::console {

// One member of a body or one parameter that cannot be taken.
struct Wrong {
  std::string path;     // JSON pointer into the body, "/reason"; of a query "?limit"
  std::string value;    // as it came, shortened; "" where it is missing
  std::string allowed;  // what may stand there
};

struct Problem {
  Problem(int of_status, std::string_view of_code, std::string sentence)
      : status(of_status), code(of_code), detail(std::move(sentence)) {}
  // NOLINTNEXTLINE(google-explicit-constructor): so that TRY takes a Result where this is returned
  Problem(Error error);

  int status;
  std::string_view code;  // ours, stable: docs/errors.md
  std::string detail;     // one sentence: what to change
  std::vector<Wrong> errors = {};
  ports::TextPairs headers = {};
  std::string detail_for_log = {};
};

template <class T = void>
using Outcome = std::expected<T, Problem>;

std::unexpected<Problem> refuse(int status, std::string_view code, std::string sentence);
std::unexpected<Problem> refuse(Wrong wrong);  // 400 "console.value"

// `instance`: the id of the request.
ports::WebResponse to_response(const Problem& problem, std::string_view instance);

}  // namespace countersign::console
