#include "server/csv.h"

#include <algorithm>

namespace countersign::server {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

std::unexpected<Error> refuse(const std::string& what) {
  return fail(Failure::systemFailure, "server.csv", what);
}

}  // namespace

// The fields of one record; `wrong` says what is wrong with it.
std::vector<std::string> CsvReader::record(std::string& wrong) {
  std::vector<std::string> out;
  for (;;) {
    out.push_back(peek() == '"' ? quoted(wrong) : bare());
    if (peek() != ',') break;
    ++at_;
  }
  if (peek() == '\r') ++at_;
  if (!at_end() && peek() != '\n') {
    wrong = "text after a closing quote";
    while (!at_end() && peek() != '\n') ++at_;
  }
  ++at_;
  ++line_;
  return out;
}

std::string CsvReader::bare() {
  const auto begin = at_;
  while (!at_end() && peek() != ',' && peek() != '\n' && peek() != '\r') ++at_;
  return std::string(text_.substr(begin, at_ - begin));
}

std::string CsvReader::quoted(std::string& wrong) {
  std::string out;
  for (++at_; !at_end(); ++at_) {
    if (peek() == '\n') ++line_;
    if (peek() != '"') {
      out += peek();
      continue;
    }
    ++at_;
    if (peek() != '"') return out;
    out += '"';
  }
  wrong = "a quote that is not closed";
  return out;
}

Result<CsvReader> CsvReader::open(std::string_view text) {
  CsvReader in(text);
  if (text.starts_with(kByteOrderMark)) in.at_ = kByteOrderMark.size();
  std::string wrong;
  if (!in.at_end()) in.names_ = in.record(wrong);
  if (!wrong.empty() || in.names_.empty() || in.names_.front().empty())
    return refuse("the first line must name the columns");
  for (const std::string& name : in.names_)
    if (std::ranges::count(in.names_, name) > 1) return refuse("two columns are called " + name);
  return in;
}

std::optional<CsvRow> CsvReader::next() {
  while (!at_end()) {
    CsvRow row;
    row.line = line_;
    auto values = record(row.wrong);
    if (values.size() == 1 && values.front().empty()) continue;
    if (row.wrong.empty() && values.size() != names_.size())
      row.wrong = std::to_string(values.size()) + " fields, but there are " +
                  std::to_string(names_.size()) + " columns";
    for (std::size_t i = 0; i < std::min(values.size(), names_.size()); ++i)
      row.fields.emplace(names_[i], std::move(values[i]));
    return row;
  }
  return std::nullopt;
}

Result<CsvTable> read_csv(std::string_view text) {
  CsvReader in = TRY(CsvReader::open(text));
  CsvTable out;
  out.names = in.names();
  while (auto row = in.next()) out.rows.push_back(std::move(*row));
  return out;
}

std::string csv_line(const std::vector<std::string>& fields) {
  std::string out;
  for (const std::string& field : fields) {
    if (&field != &fields.front()) out += ',';
    if (field.find_first_of(",\"\r\n") == std::string::npos) {
      out += field;
      continue;
    }
    out += '"';
    for (const char c : field) out += c == '"' ? std::string("\"\"") : std::string(1, c);
    out += '"';
  }
  return out + "\n";
}

}  // namespace countersign::server
