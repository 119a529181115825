// What a failure means to whoever runs the client: the exit code, fixed for scripts.
#pragma once

#include <string_view>

#include "base/result.h"

namespace countersign::client {

enum class Exit : int {
  done = 0,
  usage = 1,
  transport = 2,
  refused = 3,   // the server said no
  distrust = 4,  // protection or trust failed
  waiting = 5,   // timed out, or still waiting
  local = 6,     // a local file or key
  conflict = 7,  // somebody else changed it meanwhile
};

Exit exit_for(std::string_view code) noexcept;

// The same error under a code of this layer; the first code goes to `detail`.
Error recoded(Error error, std::string_view code, std::string_view what = {});

template <class T>
Result<T> recode(Result<T> result, std::string_view code, std::string_view what = {}) {
  if (result) return result;
  return std::unexpected(recoded(std::move(result).error(), code, what));
}

inline std::unexpected<Error> wrong_usage(std::string sentence) {
  return fail(Failure::badRequest, "client.usage", std::move(sentence));
}

}  // namespace countersign::client
