// What there is to be done, in words: all resources with their verbs, or all of one.
#pragma once

#include "app/common/terminal.h"
#include "app/countersign/api/operation.h"

namespace countersign::app::api {

// `resource` empty: of all. "client.usage": there is none of that name.
Result<std::string> handbook(const Style& style, const std::vector<Operation>& all,
                             const std::string& resource);

}  // namespace countersign::app::api
