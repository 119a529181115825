// countersign: the client's program. What it can do is in commands.h.
#include <exception>

#include "app/common/terminal.h"
#include "app/countersign/cli.h"
#include "app/countersign/commands.h"
#include "app/countersign/report.h"
#include "app/countersign/wishes.h"
#include "crypto/os_entropy.h"

namespace {

int run(int argc, char** argv) {
  using namespace countersign::app;
  auto parsed = parse_command_line(argc, argv);
  if (const auto* stop = std::get_if<Stop>(&parsed)) return stop->exit;
  auto& options = std::get<Options>(parsed);
  if (auto fit = countersign::crypto::check_library(); !fit)
    return report_failure(options, std::move(fit).error());
  if (auto followed = follow_invitation(options); !followed)
    return report_failure(options, std::move(followed).error());
  for (const Command& command : kCommands)
    if (command.verb == options.verb) return command.run(options);
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    // Want of memory, or a fault of ours; what was begun stays in its journal.
    countersign::app::print(countersign::app::Stream::err,
                            "countersign: cannot go on: " + std::string(error.what()) + "\n");
    return 6;
  }
}
