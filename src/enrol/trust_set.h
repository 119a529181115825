// Trust sets: certificates of other CAs (a vendor's, say), and what their holders may ask for.
// And operators: who may use the API.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "enrol/field.h"
#include "enrol/records.h"
#include "enrol/sender_rule.h"

namespace countersign::enrol {

struct TrustSet {
  std::string name;
  std::string summary;
  std::vector<std::string> certificates;  // PEM, one in each
  std::string names = "self";
  std::vector<SenderRule> rules;  // none: all of its holders may ask for the same
  bool is_ra = false;
};
std::span<const Field<TrustSet>> trust_set_fields();
// One for each certificate. "trust.certificate"
Result<std::vector<TrustRecord>> anchors_of(const TrustSet& set);

enum class Role : Byte { administrator, ra_officer, auditor, read_only };
inline constexpr std::array<std::string_view, 4> kRoles = {"administrator", "ra_officer", "auditor",
                                                           "read_only"};
struct Operator {
  std::string name;
  std::string full_name, email;
  std::vector<std::string> roles;  // of kRoles
  std::string token;               // SHA-256 of its bearer token, hexadecimal; empty: none
  std::string certificate;         // SHA-256 of its TLS client certificate; empty: none
};
std::span<const Field<Operator>> operator_fields();

}  // namespace countersign::enrol
