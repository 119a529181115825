// Limits on the names that a template's certificates may have, with the meaning of name constraints
// (RFC 5280 §4.2.1.10): "dns:example.com", "email:example.com", "email:.example.com",
// "email:ops@example.com", "uri:.example.com", "ip:192.0.2.0/24", "ip:2001:db8::/32".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "x509/name.h"

namespace countersign::enrol {

struct NameLimit {
  std::string text;  // as it was written
  x509::GeneralName::Kind kind{};
  std::string host;     // small letters
  Bytes address, mask;  // of an ip
};
std::optional<NameLimit> name_limit(std::string_view text);

struct NameLimits {
  std::vector<NameLimit> permitted;
  std::vector<NameLimit> excluded;
  bool empty() const noexcept { return permitted.empty() && excluded.empty(); }
};

// badCertTemplate "template.name-limit" names the first one outside. An emailAddress of the subject
// counts as a mail address, and a CN that is a host name as one where no dNSName is there.
Result<> check_limits(const NameLimits& limits, const x509::Name& subject,
                      const std::vector<x509::GeneralName>& alternative_names);

}  // namespace countersign::enrol
