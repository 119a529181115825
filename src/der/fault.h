// What is wrong with an encoding, and where: trivial, 8 octets, made only on the cold path.
#pragma once

#include <cstdint>
#include <expected>
#include <string_view>

#include "base/failure.h"
#include "base/try.h"

namespace countersign::der {

enum class Code : std::uint8_t {
  truncated,
  trailing,
  tag,
  length_form,
  too_deep,
  too_large,
  too_many,
  empty,
  boolean,
  integer,
  integer_range,
  bit_string,
  oid,
  time_format,
  string,
  order,
  duplicate,
  unsupported,
  value,
};

struct Fault {
  Code code = Code::value;
  Failure failure = Failure::badDataFormat;
  std::uint32_t offset = 0;  // octets from the start of the outermost encoding
};
static_assert(sizeof(Fault) <= 16);

std::string_view name(Code code) noexcept;      // "der.time-format", stable
std::string_view sentence(Code code) noexcept;  // what to change

template <class T = void>
using Parsed = std::expected<T, Fault>;

}  // namespace countersign::der
