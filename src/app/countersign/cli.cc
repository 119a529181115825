#include "app/countersign/cli.h"

#include <CLI/CLI.hpp>

#include "app/common/terminal.h"
#include "app/countersign/commands.h"

namespace countersign::app {
namespace {

void add(CLI::App& to, const Option& option, Options& into) {
  std::string name(option.name);
  if (name == "--verbose") name = "-v," + name;
  const std::string help(option.help);
  CLI::Option* made = nullptr;
  if (const auto* text = std::get_if<Text>(&option.member))
    made = to.add_option(name, into.*(*text), help);
  if (const auto* list = std::get_if<List>(&option.member))
    made = to.add_option(name, into.*(*list), help)->expected(1)->take_all();
  if (const auto* flag = std::get_if<Flag>(&option.member)) to.add_flag(name, into.*(*flag), help);
  if (made != nullptr) made->type_name(std::string(option.value));
}

void add(CLI::App& to, const Command& command, Options& into) {
  CLI::App* sub = to.add_subcommand(std::string(command.verb), std::string(command.summary));
  if (command.bit == kAdmin) {
    sub->allow_extras();  // what follows is for the server to say
  } else if (command.bit == kInspect) {
    sub->add_option("FILE", into.files, "messages in DER, PEM or base64")->required();
  } else {
    sub->add_option("URL", into.url, "of the server; without a path, /.well-known/cmp is meant")
        ->type_name("");
  }
  for (const Option& option : kOptions)
    if ((option.verbs & command.bit) != 0) add(*sub, option, into);
  sub->callback([&into, sub, verb = command.verb] {
    into.verb = verb;
    into.words = sub->remaining();
  });
}

// A secret on the command line must not be echoed.
int wrong(const CLI::ParseError& error, const Options& options, const CLI::App& app) {
  std::string verb;
  for (const CLI::App* sub : app.get_subcommands()) verb = " " + sub->get_name();
  const std::string sentence = std::string(error.what()) + "; see countersign" + verb + " --help";
  if (!options.json) print(Stream::err, "countersign: " + harmless(sentence) + "\n");
  if (options.json)
    print(Stream::out,
          "{\"error\":{\"code\":\"client.usage\",\"failure\":\"badRequest\",\"text\":"
          "\"the command line is wrong; see --help\"}}\n");
  return 1;
}

}  // namespace

std::variant<Options, Stop> parse_command_line(int argc, char** argv) {
  Options options;
  CLI::App app("Enrols, renews and revokes certificates over CMP (RFC 9810).", "countersign");
  app.set_version_flag("--version", "countersign " COUNTERSIGN_VERSION);
  app.require_subcommand(1);
  app.footer(
      "Exit codes: 0 done, 1 usage, 2 transport, 3 refused by the server, 4 protection or\n"
      "trust failed, 5 timed out or still waiting, 6 local file or key, 7 (admin) changed by\n"
      "somebody else meanwhile.");
  for (const Command& command : kCommands) add(app, command, options);
  try {
    app.parse(argc, argv);
    return options;
  } catch (const CLI::Success& done) {
    return Stop{app.exit(done)};
  } catch (const CLI::ParseError& error) {
    return Stop{wrong(error, options, app)};
  }
}

}  // namespace countersign::app
