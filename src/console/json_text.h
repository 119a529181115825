// JSON as the API takes it in.
#pragma once

#include <boost/json.hpp>

#include "console/problem.h"

namespace countersign::console {

// One object. 400 "console.json", 413 "console.body-size".
Outcome<boost::json::object> parse_object(std::string_view text);

}  // namespace countersign::console
