// RA profiles: by which certificate template is issued, and what else must be so.
#pragma once

#include <span>
#include <string>

#include "enrol/field.h"
#include "enrol/template.h"

namespace countersign::enrol {

inline constexpr std::string_view kDefaultCmpProfile = "default";

struct RaProfile {
  std::string name;
  std::string summary;
  std::string template_name = "device";
  std::string cmp_profile{kDefaultCmpProfile};  // how its own path speaks
  std::string names = "any";             // what may be asked for here, beside what its sender may
  std::vector<std::string> authorities;  // that issue, the preferred one first; empty: default
  bool by_credential_only = false;
  std::size_t approvals = 0;  // officers that must approve; 0: nobody is asked
  bool approve_updates = false;
  bool approve_revocations = false;
  Seconds approval_wait{30LL * 86400};
  Seconds approval_check_after{60};
  Template t = {};  // of that name
};

std::span<const Field<RaProfile>> ra_profile_fields();

}  // namespace countersign::enrol
