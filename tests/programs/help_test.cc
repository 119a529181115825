// docs/commands.md says what --help says, of every command.
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <sstream>

#include "support/process.h"

namespace countersign::test {
namespace {

// Versions of the parser show a default as TEXT=1 or as TEXT [1].
std::string one_way(const std::string& name) {
  return std::regex_replace(name, std::regex("=(\\S+)"), " [$1]");
}

std::string squeezed(const std::string& text) {
  return std::regex_replace(std::regex_replace(text, std::regex("\\s+"), " "), std::regex("^ | $"),
                            "");
}

// What a command's help holds, whatever the parser's version makes of columns and headings.
struct Help {
  std::string summary;
  std::vector<std::pair<std::string, std::string>> entries;  // --subject DN, its text
  Words subcommands;
};

Help read_help(const std::string& text) {
  Help help;
  std::istringstream in(text);
  std::string line, section;
  const std::regex entry("^  (\\S.*?)(?:\\s{2,}(\\S.*))?$");
  while (std::getline(in, line)) {
    std::smatch found;
    if (!line.empty() && line[0] != ' ') {
      section = line.ends_with(":") && line.find(' ') == std::string::npos ? line : "";
      for (char& c : section) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      if (help.summary.empty()) help.summary = line;
    } else if (!section.empty() && std::regex_match(line, found, entry)) {
      if (section == "subcommands:") help.subcommands.push_back(squeezed(found[1]));
      help.entries.emplace_back(one_way(squeezed(found[1])), squeezed(found[2]));
    } else if (!section.empty() && !help.entries.empty()) {
      std::string& last = help.entries.back().second;
      last = squeezed(last.append(" ").append(line));
    }
  }
  return help;
}

class Book {
 public:
  void add(const Words& command) {
    Words words = command;
    const std::string program = words.front();
    words.front() = std::string(COUNTERSIGN_BIN_DIR) + "/" + program;
    words.push_back("--help");
    const Ran ran = shop_.run(words);
    EXPECT_EQ(ran.exit, 0) << program << ": " << ran.err;
    const Help help = read_help(ran.out);
    std::string title = program;
    for (std::size_t i = 1; i < command.size(); ++i) title += " " + command[i];
    text_ += "\n## " + title + "\n\n" + help.summary + "\n";
    if (!help.entries.empty()) text_ += "\n| | |\n| --- | --- |\n";
    for (const auto& [name, says] : help.entries)
      if (name != "-h,--help" && name != "-h, --help")
        text_ +=
            "| `" + name + "` | " + std::regex_replace(says, std::regex("\\|"), "\\|") + " |\n";
    for (const std::string& verb : help.subcommands) {
      Words next = command;
      next.push_back(verb);
      add(next);
    }
  }
  const std::string& text() const { return text_; }

 private:
  Workshop shop_;
  std::string text_ =
      "# Commands\n\n"
      "What `--help` says of each command. Generated; exit codes and examples are in\n"
      "[enrol.md](enrol.md) and [operate.md](operate.md).\n";
};

TEST(Help, the_reference_of_commands_is_current) {
  Book book;
  book.add({"countersign"});
  book.add({"countersignd"});
  const std::string path = std::string(COUNTERSIGN_SOURCE_DIR) + "/docs/commands.md";
  if (std::getenv("COUNTERSIGN_WRITE_DOCS") != nullptr) std::ofstream(path) << book.text();
  EXPECT_EQ(read_file(path), book.text()) << "run: COUNTERSIGN_WRITE_DOCS=1 ./dev test -R programs";
}

}  // namespace
}  // namespace countersign::test
