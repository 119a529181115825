// The parts of the command line that have a file of their own.
#pragma once

#include <CLI/CLI.hpp>

#include "app/countersignd/commands.h"

namespace countersign::app {

inline CLI::Option* data_option(CLI::App* command, std::string& data) {
  return command->add_option("--data", data, "data folder of the CA")->required();
}

// `countersignd secret …` and `countersignd store-key …`
void add_secret(CLI::App& app, const Host& host, int& code);
void add_store_key(CLI::App& app, const Host& host, int& code);

}  // namespace countersign::app
