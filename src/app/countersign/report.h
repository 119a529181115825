// What the program says at the end: for people, or as one JSON object.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "app/countersign/options.h"
#include "base/result.h"
#include "client/errand.h"

namespace countersign::app {

struct Told {
  std::string done;                     // "enrolled", "renewed"
  std::string subject;                  // where there is no certificate
  std::string key, certificate, roots;  // files; empty: none
};

void report_success(const Options& options, const Told& told, const client::Outcome& outcome,
                    std::chrono::nanoseconds took);
void report_carried(const Options& options, const client::Outcome& outcome);
// Gives the exit code.
int report_failure(const Options& options, const Error& error, const std::string& journal = {});
// Progress, on the error stream.
void notice(const Options& options, const std::string& text);

// "ir → ip → certConf → pkiConf: 2 round trips, 3.1 ms"
std::string trace(const std::vector<std::string>& messages, std::chrono::nanoseconds took);

}  // namespace countersign::app
