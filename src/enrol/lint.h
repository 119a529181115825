// What is wrong with a certificate that is about to be signed: every rule that it breaks, before
// it exists. RFC 5280 always; the CA/Browser Forum's Baseline Requirements (BR) for TLS servers,
// and 3GPP TS 33.310, where they are asked for.
//
// Pure rules over the order; nothing is looked up. What the issuer adds afterwards (serial number,
// key identifiers, its URLs, a shorter validity) is not seen here. Of the BR, only what can be told
// from subject, names, usage and validity: no CT, no policy OIDs, no domain control, no list of
// public suffixes. Of 3GPP, only keyUsage and the names. A key that crypto refuses, or that is yet
// to be made under an unknown name, has no rules about its kind.
//
// Cost: 6 µs for an EC key and one name, of which 4 are the decoding of the key; 31 µs with 100.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "transaction/values.h"

namespace countersign::enrol {

struct Finding {
  enum class Level : Byte { error, warning } level;
  std::string_view code;  // "lint.dns-form"; of the table
  std::string what;       // what to change, and the value that it is about
};

struct LintRules {  // beside those of RFC 5280
  bool cabf = false;
  bool three_gpp = false;
};

// In the order of the table; one finding for each value that breaks a rule. Empty: nothing.
std::vector<Finding> lint(const transaction::CertificateOrder& order, const LintRules& rules);

namespace linting {
struct Seen;
class Report;
}  // namespace linting

struct LintRule {
  enum class Set : Byte { rfc5280, cabf, three_gpp };
  std::string_view code;
  std::string_view sentence;
  Finding::Level level;
  Set set;
  std::string_view source;
  void (*find)(const linting::Seen&, linting::Report&);
};
std::span<const LintRule> lint_rules();  // lives as long as the program

}  // namespace countersign::enrol
