#include "app/countersignd/csv.h"

#include <algorithm>

namespace countersign::app {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {
    if (text_.starts_with("\xef\xbb\xbf")) at_ = 3;
  }
  bool at_end() const { return at_ >= text_.size(); }
  std::size_t line() const { return line_; }

  // The fields of one record; `wrong` says what is wrong with it.
  std::vector<std::string> record(std::string& wrong) {
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

 private:
  char peek() const { return at_end() ? '\0' : text_[at_]; }

  std::string bare() {
    const auto begin = at_;
    while (!at_end() && peek() != ',' && peek() != '\n' && peek() != '\r') ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }

  std::string quoted(std::string& wrong) {
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

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
};

std::unexpected<Error> refuse(const std::string& what) {
  return fail(Failure::systemFailure, "app.csv", what);
}

}  // namespace

Result<CsvTable> read_csv(std::string_view text) {
  Reader in(text);
  CsvTable out;
  std::string wrong;
  if (!in.at_end()) out.names = in.record(wrong);
  if (!wrong.empty() || out.names.empty() || out.names.front().empty())
    return refuse("the first line must name the columns");
  for (const std::string& name : out.names)
    if (std::ranges::count(out.names, name) > 1) return refuse("two columns are called " + name);
  while (!in.at_end()) {
    CsvRow row;
    row.line = in.line();
    auto values = in.record(row.wrong);
    if (values.size() == 1 && values.front().empty()) continue;
    if (row.wrong.empty() && values.size() != out.names.size())
      row.wrong = std::to_string(values.size()) + " fields, but there are " +
                  std::to_string(out.names.size()) + " columns";
    for (std::size_t i = 0; i < std::min(values.size(), out.names.size()); ++i)
      row.fields.emplace(out.names[i], std::move(values[i]));
    out.rows.push_back(std::move(row));
  }
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

}  // namespace countersign::app
