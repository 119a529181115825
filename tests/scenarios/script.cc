#include "scenarios/script.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace countersign::test {
namespace {

std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> out;
  std::istringstream in(line);
  for (std::string word; in >> word;) {
    std::erase(word, '"');
    out.push_back(word);
  }
  return out;
}

// A word with '=' is an option, unless it says something of an entry ("1:check-after=60").
bool is_option(const std::string& word) {
  return word.find('=') != std::string::npos && word.find(':') > word.find('=');
}

void add_option(std::map<std::string, std::string>& options, const std::string& word) {
  const auto equals = word.find('=');
  options[word.substr(0, equals)] = equals == std::string::npos ? "" : word.substr(equals + 1);
}

Step read_step(const std::vector<std::string>& words, int line) {
  Step out;
  out.line = line;
  if (words.size() < 3 || !words[0].starts_with("t="))
    throw std::runtime_error(
        "neither comment, server, client, audit nor t=<seconds> who does what");
  out.at = Seconds{std::stoll(words[0].substr(2))};
  out.who = words[1];
  out.verb = words[2];
  for (std::size_t i = 3; i < words.size(); ++i) {
    if (words[i] == "->")
      out.answered = true;
    else if (out.answered)
      out.answer.push_back(words[i]);
    else if (is_option(words[i]))
      add_option(out.options, words[i]);
    else
      out.words.push_back(words[i]);
  }
  return out;
}

void read_line(Script& script, const std::string& text, int line) {
  if (text.starts_with("#")) {
    script.comment += text.substr(1);
    return;
  }
  auto words = words_of(text);
  if (words.empty()) return;
  if (words[0] == "server" || words[0] == "client") {
    auto& options = words[0] == "server" ? script.server : script.client;
    for (std::size_t i = 1; i < words.size(); ++i) add_option(options, words[i]);
    return;
  }
  if (words[0] == "audit") {
    script.audited = true;
    script.audit.insert(script.audit.end(), words.begin() + 1, words.end());
    return;
  }
  script.steps.push_back(read_step(words, line));
}

}  // namespace

Script read_script(const std::filesystem::path& file) {
  std::ifstream in(file);
  Script out;
  out.name = file.stem().string();
  int number = 0;
  for (std::string text; std::getline(in, text);) {
    ++number;
    try {
      read_line(out, text, number);
    } catch (const std::exception& e) {
      throw std::runtime_error(file.string() + ":" + std::to_string(number) + ": " + e.what());
    }
  }
  if (out.comment.find("RFC") == std::string::npos)
    throw std::runtime_error(file.string() + ": the comment names no section of an RFC");
  return out;
}

std::vector<Script> all_scripts() {
  std::vector<std::filesystem::path> files;
  const auto folder = std::filesystem::path(COUNTERSIGN_SOURCE_DIR) / "tests/scenarios";
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".scenario") files.push_back(entry.path());
  std::ranges::sort(files);
  std::vector<Script> out;
  out.reserve(files.size());
  for (const auto& file : files) out.push_back(read_script(file));
  return out;
}

}  // namespace countersign::test
