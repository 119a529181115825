// Comma-separated values as RFC 4180 has them, with a line of names first: what spreadsheets write.
// Fields may be quoted, quotes in them doubled; a quoted one may hold line ends. Lines end by LF or
// CRLF; a byte order mark is skipped.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace countersign::app {

struct CsvRow {
  std::size_t line = 0;  // where it begins, from 1
  std::map<std::string, std::string, std::less<>> fields;
  std::string wrong;  // what is wrong with its form; empty: nothing
};
struct CsvTable {
  std::vector<std::string> names;
  std::vector<CsvRow> rows;  // empty lines are left out
};
// "app.csv": no names, or a name twice.
Result<CsvTable> read_csv(std::string_view text);

// One line, quoted where needed, with its end.
std::string csv_line(const std::vector<std::string>& fields);

}  // namespace countersign::app
