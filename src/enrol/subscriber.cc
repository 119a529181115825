// The fields of a subscriber.
#include "enrol/subscriber.h"

#include "enrol/rights.h"

namespace countersign::enrol {
namespace {

using Subject = Subscriber;

constexpr std::array kFields = {
    Field<Subject>{"full_name", "text", "Of the person, department or customer.", FIELD(full_name)},
    Field<Subject>{"email", "text", "Where it is reached.", FIELD(email)},
    Field<Subject>{"note", "text", "For people.", FIELD(note)},
    Field<Subject>{
        "names", "\"any\", \"self\", a list \"a.example,b.example\" or a pattern",
        "Names that may be asked for with its secrets and certificates, whatever else these allow. "
        "A list or a pattern binds its registration authorities, too, which speak for others.",
        [](Subject& c, const FieldValue& v) { return to_name_rule(c.names, v); },
        [](const Subject& c) -> FieldValue { return c.names; }},
    Field<Subject>{"profiles", "a list of RA profiles, or an empty one",
                   "Those that it may ask for; a request that names none, with a secret that does "
                   "not either, gets the first. Empty: all.",
                   NAMES_FIELD(profiles)},
};

}  // namespace

std::span<const Field<Subscriber>> subscriber_fields() { return kFields; }

}  // namespace countersign::enrol
