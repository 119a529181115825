// Runs the client's program that was installed beside this one.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace countersign::app {

// What it printed. Error "app.sibling" if it is not there or did not end with 0.
Result<std::string> run_sibling(const std::string& program, const std::vector<std::string>& words);

}  // namespace countersign::app
