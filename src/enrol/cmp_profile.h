// CMP profiles: how an endpoint speaks, and what it lets its senders ask for.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "der/reader.h"
#include "enrol/central_key.h"
#include "enrol/controls.h"
#include "enrol/field.h"
#include "enrol/rights.h"
#include "enrol/tokens.h"
#include "protect/policy.h"
#include "transaction/server_machine.h"

namespace countersign::enrol {

enum class ResponseProtection { as_request, signature };

struct CmpProfile {
  std::string name = "default";
  std::string default_ra_profile = "device";
  std::vector<std::string> ra_profiles;  // that may be asked for; empty: all
  std::vector<std::string> trust_sets;   // of foreign senders; empty: the anchors in no set
  ResponseProtection response_protection = ResponseProtection::as_request;
  transaction::Rules rules;
  protect::Policy protection;
  DuplicateKeys duplicate_keys = DuplicateKeys::allow;
  CompromisedKeys compromised_keys = CompromisedKeys::refuse;
  Seconds backdate{300};
  CentralKeys central_keys = CentralKeys::off;
  UnknownControls unknown_controls = UnknownControls::refuse;
  TokenPolicy tokens = TokenPolicy::ignore;
  UpdatePolicy updates{};
  // Attribute type of the subject asked for that names a secret which the header does not name;
  // empty: none.
  std::string reference_from_subject = {};
  bool sign_refusals = true;      // answers to senders that did not prove themselves
  std::size_t most_nested = 100;  // messages in one nested message
  der::Limits limits{};
};

std::span<const Field<CmpProfile>> cmp_profile_fields();

}  // namespace countersign::enrol
