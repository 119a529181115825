// The fields of an object as the store keeps them: one JSON object. Durations and names are text.
#pragma once

#include <string>

#include "base/result.h"
#include "enrol/field.h"

namespace countersign::store {

std::string to_json(const enrol::Fields& fields);
// "store.object-format"
Result<enrol::Fields> fields_from_json(std::string_view text);

}  // namespace countersign::store
