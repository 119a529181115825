// Extensions that a template provides for beside those that a CA writes by itself, and where their
// values come from. A rule is
//   1.3.6.1.5.5.7.1.24 = fixed:3003020105    always this: DER, in hexadecimal
//   1.3.6.1.4.1.311.20.2 = request           what the request has there; left out where it has none
// Never critical: who does not know them passes them over. Not those of X.509 itself (2.5.29), and
// not authorityInfoAccess: they have fields of their own, or are the CA's.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "der/oid.h"

namespace countersign::enrol {

struct ExtensionRule {
  der::Oid id;
  std::optional<Bytes> fixed;  // one DER value; nullopt: what is asked for
};
std::string to_text(const ExtensionRule& rule);

// All of them; nullopt where one is none, or an extension is there twice.
std::optional<std::vector<ExtensionRule>> extension_rules(const std::vector<std::string>& texts);

// Exactly one DER value of at most 4096 octets.
bool fits_extension(View value);

}  // namespace countersign::enrol
