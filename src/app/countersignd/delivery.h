// Hands a new secret to the program that credentials.deliver names, and waits for it. The question
// is on its standard input and, field by field, in its environment (COUNTERSIGN_ADDRESS,
// COUNTERSIGN_SECRET …): issuer/program/command.h. Exit code 0: delivered.
//
// Blocks; any thread. "app.deliver-none": no program is named; "app.deliver": it did not deliver.
#pragma once

#include <string>

#include "server/config.h"

namespace countersign::app {

// "app.deliver-none".
Result<> check_deliverer(const server::Config& config);
Result<> deliver(const server::Config& config, const enrol::CredentialRecord& record,
                 const std::string& secret, const std::string& address);

}  // namespace countersign::app
