// Errors that input can cause, as values. Exceptions are for what cannot happen.
//
//   Result<Name> parse(View der) {
//     auto reader = TRY(open(der));                         // returns early with the error
//     if (empty) return fail(Failure::badDataFormat, "name.empty", "the subject is empty; name
//     it"); …
//   }
#pragma once

#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "base/failure.h"
#include "base/try.h"

namespace countersign {

struct Error {
  Failure failure = Failure::systemFailure;  // what the peer's program may act on
  std::string_view code;   // ours, stable, documented in docs/errors.md; a string literal
  std::string reply_text;  // PKIFreeText for the sender: what to change
  std::string detail;      // for the log and the audit row only; never a secret
};

template <class T = void>
using Result = std::expected<T, Error>;

// Called exactly once, on the caller's loop.
template <class T = void>
using Done = std::move_only_function<void(Result<T>)>;

inline std::unexpected<Error> fail(Failure failure, std::string_view code, std::string reply_text,
                                   std::string detail = {}) {
  return std::unexpected(Error{failure, code, std::move(reply_text), std::move(detail)});
}

}  // namespace countersign
