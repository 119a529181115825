// Serial numbers as people type them.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"

namespace countersign::x509 {

// INTEGER content octets from "3FA1", as serial_text() prints it, "3f:a1" or "0x3FA1"; up to 64.
// nullopt: no number.
std::optional<Bytes> serial_from_text(std::string_view hex);

}  // namespace countersign::x509
