// What shared secrets and tokens have in common: for whom and what they are good. Internal to
// console.
#pragma once

#include "console/route.h"

namespace countersign::console {

// The names and the profile of the body. 400 "console.value".
Outcome<> check_knowledge(const Call& call);
Outcome<> check_names(const Call& call);
// 403 "console.profile-reserved": a secret for this RA profile is an administrator's to make.
Outcome<> check_reserved(const Call& call, const std::string& profile);

// Sets names, profile, uses and expiry of a record from the body.
template <class Record>
void describe(Record& record, const Call& call, std::string_view usual_names,
              std::optional<std::int64_t> usual_uses) {
  record.names = call.body.text("names", usual_names);
  record.profile = call.body.text("profile");
  record.uses_left = call.body.has("uses") ? call.body.uses("uses", 1) : usual_uses;
  record.uses_granted = record.uses_left.value_or(0);
  record.expires = call.body.time("expires", call.now);
  record.created = call.now;
}

// Segments of a path, percent-encoded.
std::string path_to(std::string_view collection, std::string_view name);

}  // namespace countersign::console
