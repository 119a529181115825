// The parser of the command line, made from the tables of options.h and commands.h.
#pragma once

#include <string>
#include <variant>

#include "app/countersign/options.h"

namespace countersign::app {

struct Stop {  // nothing to run: a help text was printed, or the usage is wrong
  int exit = 0;
};
std::variant<Options, Stop> parse_command_line(int argc, char** argv);

}  // namespace countersign::app
