// The fields of an RA profile.
#include "enrol/ra_profile.h"
#include "enrol/rights.h"

namespace countersign::enrol {
namespace {

using Subject = RaProfile;

constexpr std::array<std::string_view, 2> kDevices = {"not-asked", "must-be-known"};

constexpr std::array kFields = {
    Field<Subject>{"summary", "text", "One line for people.", FIELD(summary)},
    Field<Subject>{"template", "the name of a certificate template, or empty",
                   "What its certificates look like, and what may be asked for in them. Empty: the "
                   "one of the same name, else \"device\".",
                   NAME_FIELD(template_name)},
    Field<Subject>{"cmp_profile", "the name of a CMP profile",
                   "How the path of this RA profile alone speaks: "
                   "/api/v1/protocols/cmp/raProfile/NAME, /.well-known/cmp/p/ra~NAME.",
                   NAME_FIELD(cmp_profile)},
    Field<Subject>{"authorities", "a list of authorities, \"default\" for the server's own",
                   "Who issues, the preferred one first: the next is asked while one rests or is "
                   "full. Empty: the server's own.",
                   NAMES_FIELD(authorities)},
    Field<Subject>{
        "names", "\"any\", \"self\", a list \"a.example,b.example\" or a pattern",
        "Names that may be asked for here, whatever else the sender's credential allows.",
        [](Subject& c, const FieldValue& v) { return to_name_rule(c.names, v); },
        [](const Subject& c) -> FieldValue { return c.names; }},
    Field<Subject>{"by_credential_only", kYesNoFits,
                   "Open only to credentials that were made for it, and for updates of what it "
                   "issued.",
                   FIELD(by_credential_only)},
    Field<Subject>{"approvals", "a number, 0 to 9",
                   "So many officers must approve a request before it is granted; its sender polls "
                   "meanwhile. 0: nobody is asked.",
                   NUMBER(approvals, 0, 9)},
    Field<Subject>{"approve_updates", kYesNoFits,
                   "Does that hold for key updates by a certificate's holder too?",
                   FIELD(approve_updates)},
    Field<Subject>{"approve_revocations", kYesNoFits, "And for revocations that rr asks for?",
                   FIELD(approve_revocations)},
    Field<Subject>{"approval_wait", kDurationFits,
                   "A request that was not decided by then is refused.", FIELD(approval_wait)},
    Field<Subject>{"approval_check_after", kDurationFits,
                   "How soon somebody who waits for officers is told to ask again.",
                   FIELD(approval_check_after)},
    Field<Subject>{"escalate_after", kDurationFits,
                   "What nobody decided for so long is escalated: officers are told "
                   "(approval.notify), and one approval by who is in escalate_to is enough. 0: "
                   "never.",
                   FIELD(escalate_after)},
    Field<Subject>{"escalate_to", "a list of operators, \"administrator\", \"ra_officer\"",
                   "Whose approval is enough then: operators by name, or all of a role. Empty: "
                   "administrators. Nobody decides what they asked for themselves.",
                   NAMES_FIELD(escalate_to)},
    Field<Subject>{"devices", "\"not-asked\" or \"must-be-known\"",
                   "must-be-known: only devices of the registry get certificates (countersignd "
                   "device import), and blocked ones get none. It is so, too, where the template "
                   "takes names from the registry.",
                   CHOICE(devices, kDevices)},
    Field<Subject>{"device_key",
                   "\"subject.serialNumber\", \"subject.CN\", \"san.dns\", "
                   "\"credential.reference\", \"credential.note\", \"credential.serialNumber\" or "
                   "\"credential.CN\"",
                   "Where the serial number of the device stands: in the request, or in the secret "
                   "or the certificate that it is protected with.",
                   CHOICE(device_key, kDeviceKeys)},
};

}  // namespace

std::span<const Field<RaProfile>> ra_profile_fields() { return kFields; }

}  // namespace countersign::enrol
