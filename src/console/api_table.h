// The routes of the API: one row each, in the order of the documentation. Everything else follows
// from it: who may, what is taken, what OpenAPI says, what the access test walks over.
#pragma once

#include <span>

#include "console/route.h"

namespace countersign::console {

std::span<const Route> api_table();

// An answer "GET /api/v1/openapi.json" of just this table: OpenAPI 3.1.
boost::json::object openapi();

}  // namespace countersign::console
