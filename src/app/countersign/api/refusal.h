// An answer that says no (RFC 9457), told as the program tells its own failures.
#pragma once

#include "app/countersign/options.h"
#include "ports/web.h"

namespace countersign::app::api {

enum class Asked { by_somebody, by_nobody };

// Prints it and gives the exit code: 7 for one that depends on what somebody else has changed, 5
// for one that a later try may get, 2 for what is no answer of the API, else 3.
int report_refusal(const Options& options, const ports::WebResponse& answer, Asked asked);

}  // namespace countersign::app::api
