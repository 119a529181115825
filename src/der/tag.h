// Identifier octets. Only low tag numbers (0-30) occur in PKIX; a high one is refused.
#pragma once

#include "base/bytes.h"

namespace countersign::der {

enum class Tag : Byte {
  boolean = 0x01,
  integer = 0x02,
  bit_string = 0x03,
  octet_string = 0x04,
  null = 0x05,
  oid = 0x06,
  enumerated = 0x0a,
  utf8_string = 0x0c,
  numeric_string = 0x12,
  printable_string = 0x13,
  teletex_string = 0x14,
  ia5_string = 0x16,
  utc_time = 0x17,
  generalized_time = 0x18,
  visible_string = 0x1a,
  universal_string = 0x1c,
  bmp_string = 0x1e,
  sequence = 0x30,
  set = 0x31,
};

// [n] over a constructed value: every EXPLICIT tag, and an IMPLICIT one over SEQUENCE or SET.
constexpr Tag context(unsigned n) noexcept { return static_cast<Tag>(0xa0U | n); }
// [n] IMPLICIT over a primitive value.
constexpr Tag primitive_context(unsigned n) noexcept { return static_cast<Tag>(0x80U | n); }
constexpr bool is_constructed(Tag tag) noexcept { return (static_cast<Byte>(tag) & 0x20) != 0; }

}  // namespace countersign::der
