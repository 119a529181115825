// Objects in a TOML file: a table for each, `[ra_profile.factory]`, with its fields; `enabled =
// false` for one that is out of use.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "enrol/object.h"

namespace countersign::server {

std::string write_objects(std::span<const enrol::ObjectRecord> objects);
// Versions are 0. Errors: "config.syntax", "config.unknown-key" (a kind), "config.value".
Result<std::vector<enrol::ObjectRecord>> read_objects(std::string_view toml,
                                                      std::string_view source);

}  // namespace countersign::server
