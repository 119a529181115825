// The fields of an RA profile.
#include "enrol/ra_profile.h"
#include "enrol/rights.h"

namespace countersign::enrol {
namespace {

using Subject = RaProfile;

bool set_names(RaProfile& profile, const FieldValue& v) {
  std::string rule;
  if (!to(rule, v) || !check_name_rule(rule)) return false;
  profile.names = std::move(rule);
  return true;
}

constexpr std::array kFields = {
    Field<Subject>{"summary", "text", "One line for people.", FIELD(summary)},
    Field<Subject>{"template", "the name of a certificate template",
                   "What its certificates look like, and what may be asked for in them.",
                   NAME_FIELD(template_name)},
    Field<Subject>{"cmp_profile", "the name of a CMP profile",
                   "How the path of this RA profile alone speaks: "
                   "/api/v1/protocols/cmp/raProfile/NAME, /.well-known/cmp/p/ra~NAME.",
                   NAME_FIELD(cmp_profile)},
    Field<Subject>{
        "names", "\"any\", \"self\", a list \"a.example,b.example\" or a pattern",
        "Names that may be asked for here, whatever else the sender's credential allows.",
        &set_names, [](const Subject& c) -> FieldValue { return c.names; }},
    Field<Subject>{"by_credential_only", kYesNoFits,
                   "Open only to credentials that were made for it, and for updates of what it "
                   "issued.",
                   FIELD(by_credential_only)},
};

}  // namespace

std::span<const Field<RaProfile>> ra_profile_fields() { return kFields; }

}  // namespace countersign::enrol
