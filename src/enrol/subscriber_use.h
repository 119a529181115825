// Whether what has a subscriber still goes on.
#pragma once

#include <string>

#include "enrol/catalogue.h"

namespace countersign::enrol {

// notAuthorized "rights.subscriber-off"; an empty name is nobody's, which is good.
Result<> check_in_use(const Catalogue& catalogue, const std::string& subscriber);

}  // namespace countersign::enrol
