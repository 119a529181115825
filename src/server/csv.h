// Comma-separated values as RFC 4180 has them, with a line of names first: what spreadsheets write.
// Fields may be quoted, quotes in them doubled; a quoted one may hold line ends. Lines end by LF or
// CRLF; a byte order mark is skipped.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace countersign::server {

struct CsvRow {
  std::size_t line = 0;  // where it begins, from 1
  std::map<std::string, std::string, std::less<>> fields;
  std::string wrong;  // what is wrong with its form; empty: nothing
};

// Row by row, so that a file of a million rows is not in the memory twice. Borrows the text.
class CsvReader {
 public:
  // "server.csv": no names, or a name twice.
  static Result<CsvReader> open(std::string_view text);

  const std::vector<std::string>& names() const noexcept { return names_; }
  // Nullopt: at the end. Empty lines are left out.
  std::optional<CsvRow> next();

 private:
  explicit CsvReader(std::string_view text) : text_(text) {}
  bool at_end() const noexcept { return at_ >= text_.size(); }
  char peek() const noexcept { return at_end() ? '\0' : text_[at_]; }
  std::vector<std::string> record(std::string& wrong);
  std::string bare();
  std::string quoted(std::string& wrong);

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::vector<std::string> names_;
};

struct CsvTable {
  std::vector<std::string> names;
  std::vector<CsvRow> rows;
};
// All of it.
Result<CsvTable> read_csv(std::string_view text);

// One line, quoted where needed, with its end.
std::string csv_line(const std::vector<std::string>& fields);

}  // namespace countersign::server
