// Names of extended key purposes (RFC 5280 §4.2.1.12, RFC 9810 §4.5, RFC 9509, RFC 4945), and of
// extensions, for people.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "der/oid.h"

namespace countersign::enrol {

// By its name, "serverAuth", or dotted.
std::optional<der::Oid> purpose_named(std::string_view text);
std::string purpose_text(const der::Oid& purpose);  // its name, else dotted

}  // namespace countersign::enrol
