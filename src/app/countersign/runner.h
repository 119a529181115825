// Runs an errand for a command: over HTTP, or by hand with files.
#pragma once

#include "app/countersign/options.h"
#include "app/countersign/report.h"
#include "client/errand.h"

namespace countersign::app {

struct Ran {
  client::Outcome outcome;
  std::chrono::nanoseconds took{0};
};

// Calls `tell` with what became of it before the journal goes, so that a kill in between loses
// nothing. Prints a failure itself; gives the exit code.
int run_errand(const Options& options, client::Errand errand,
               const std::function<Result<>(const Ran&)>& tell);

// The same for one that is asked for and not yet made: its failure is printed, too.
int run_errand(const Options& options, Result<client::Errand> errand,
               const std::function<Result<>(const Ran&)>& tell);

}  // namespace countersign::app
