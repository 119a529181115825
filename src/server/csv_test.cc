#include "server/csv.h"

#include <gtest/gtest.h>

namespace countersign::server {
namespace {

// "line name=value …" of each row, or what is wrong with it.
std::string read(std::string_view text) {
  const auto table = read_csv(text);
  if (!table) return "!" + table.error().reply_text;
  std::string out;
  for (const CsvRow& row : table->rows) {
    out += std::to_string(row.line) + ':';
    for (const auto& name : table->names)
      if (const auto at = row.fields.find(name); row.wrong.empty() && at != row.fields.end())
        out += ' ' + name + '=' + at->second;
    out += row.wrong.empty() ? "" : " !" + row.wrong;
    out += '\n';
  }
  return out;
}

TEST(Csv, IsReadAsSpreadsheetsWriteIt) {
  EXPECT_EQ(read("a,b\n1,2\n"), "2: a=1 b=2\n");
  EXPECT_EQ(read("a,b\r\n1,2\r\n"), "2: a=1 b=2\n");
  EXPECT_EQ(read("\xef\xbb\xbf"
                 "a,b\n1,2"),
            "2: a=1 b=2\n")
      << "a mark, and no last line end";
  EXPECT_EQ(read("a,b\n\"x,y\",\"say \"\"so\"\"\"\n"), "2: a=x,y b=say \"so\"\n");
  EXPECT_EQ(read("a,b\n\"two\nlines\",2\n3,4\n"), "2: a=two\nlines b=2\n4: a=3 b=4\n");
  EXPECT_EQ(read("a,b\n\n1,\n"), "3: a=1 b=\n");
  EXPECT_EQ(read("a\n"), "");
}

TEST(Csv, SaysWhatIsWrong) {
  EXPECT_EQ(read(""), "!the first line must name the columns");
  EXPECT_EQ(read("a,a\n"), "!two columns are called a");
  EXPECT_EQ(read("a,b\n1\n"), "2: !1 fields, but there are 2 columns\n");
  EXPECT_EQ(read("a,b\n1,2,3\n4,5\n"), "2: !3 fields, but there are 2 columns\n3: a=4 b=5\n");
  EXPECT_EQ(read("a,b\n\"1\"x,2\n3,4\n"), "2: !text after a closing quote\n3: a=3 b=4\n");
  EXPECT_EQ(read("a,b\n1,\"2\n"), "2: !a quote that is not closed\n");
}

TEST(Csv, IsReadBackAsItWasWritten) {
  const std::vector<std::string> fields = {"plain", "a,b", "say \"so\"", "two\nlines", ""};
  const auto table = read_csv("a,b,c,d,e\n" + csv_line(fields));
  ASSERT_TRUE(table);
  ASSERT_EQ(table->rows.size(), 1U);
  for (std::size_t i = 0; i < fields.size(); ++i)
    EXPECT_EQ(table->rows[0].fields.find(table->names[i])->second, fields[i]);
}

}  // namespace
}  // namespace countersign::server
