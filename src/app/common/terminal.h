// What is printed for people: colour only where a terminal shows it (and NO_COLOR is not set).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace countersign::app {

enum class Stream { out, err };

bool is_terminal(Stream stream);
// Columns of the terminal; nullopt: none, or unknown.
std::optional<std::size_t> width_of(Stream stream);

class Style {
 public:
  explicit Style(Stream stream);
  std::string bold(std::string_view text) const { return wrapped("1", text); }
  std::string dim(std::string_view text) const { return wrapped("2", text); }
  std::string red(std::string_view text) const { return wrapped("31", text); }
  std::string green(std::string_view text) const { return wrapped("32", text); }
  std::string yellow(std::string_view text) const { return wrapped("33", text); }

 private:
  std::string wrapped(std::string_view code, std::string_view text) const;
  bool coloured_;
};

// Writes and flushes. What a peer sent is made harmless to the terminal: control characters but
// newline and tab become '?'.
void print(Stream stream, std::string_view text);
std::string harmless(std::string_view text);

}  // namespace countersign::app
