// TRY(expr) gives the value of a std::expected or returns its error from the enclosing function.
// Not for coroutines: there, CO_TRY (server/await.h), because gcc 12 cannot suspend inside a
// statement expression.
#pragma once

#include <expected>
#include <utility>

#define COUNTERSIGN_TRY_(name, ...)                    \
  __extension__({                                      \
    auto name = (__VA_ARGS__);                         \
    if (!name) [[unlikely]]                            \
      return std::unexpected(std::move(name).error()); \
    *std::move(name);                                  \
  })
#define COUNTERSIGN_JOIN_(a, b) a##b
#define COUNTERSIGN_NAME_(prefix, n) COUNTERSIGN_JOIN_(prefix, n)
#define TRY(...) COUNTERSIGN_TRY_(COUNTERSIGN_NAME_(try_result_, __COUNTER__), __VA_ARGS__)
