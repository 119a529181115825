#include "der/fault.h"

#include <array>

namespace countersign::der {
namespace {

struct Row {
  Code code;
  std::string_view name;
  std::string_view sentence;
};

constexpr std::array kRows = {
    Row{Code::truncated, "der.truncated",
        "the encoding ends before its stated length; send it whole"},
    Row{Code::trailing, "der.trailing", "octets follow the value; send exactly one value"},
    Row{Code::tag, "der.tag", "another element is expected here; check the order and the tagging"},
    Row{Code::length_form, "der.length-form",
        "the length is indefinite or not in its shortest form; encode as DER, not BER"},
    Row{Code::too_deep, "der.too-deep", "the structure is nested too deep"},
    Row{Code::too_large, "der.too-large", "the value is larger than the limit"},
    Row{Code::too_many, "der.too-many", "the list has more entries than the limit"},
    Row{Code::empty, "der.empty", "the list or value must not be empty; leave it out instead"},
    Row{Code::boolean, "der.boolean", "a BOOLEAN is one octet, 00 or FF"},
    Row{Code::integer, "der.integer", "an INTEGER is in its shortest form and not empty"},
    Row{Code::integer_range, "der.integer-range", "the number is out of its range"},
    Row{Code::bit_string, "der.bit-string",
        "the BIT STRING's unused bits are wrong; DER wants them 0"},
    Row{Code::oid, "der.oid", "the OBJECT IDENTIFIER is malformed"},
    Row{Code::time_format, "der.time-format",
        "write the time as YYYYMMDDHHMMSSZ (or YYMMDDHHMMSSZ for UTCTime), in UTC, without "
        "fractions"},
    Row{Code::string, "der.string", "the string has characters that its type does not allow"},
    Row{Code::order, "der.order", "the elements of a SET are not in DER order"},
    Row{Code::duplicate, "der.duplicate", "the same element stands twice"},
    Row{Code::unsupported, "der.unsupported", "this alternative is not supported"},
    Row{Code::value, "der.value", "the value is not one that the standard allows here"},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kRows.size(); ++i)
    if (static_cast<std::size_t>(kRows[i].code) != i) return false;
  return true;
}
static_assert(in_order());

}  // namespace

std::string_view name(Code code) noexcept { return kRows[static_cast<std::size_t>(code)].name; }
std::string_view sentence(Code code) noexcept {
  return kRows[static_cast<std::size_t>(code)].sentence;
}

}  // namespace countersign::der
