#include "app/countersignd/qr.h"

#include <gtest/gtest.h>

#include <sstream>
#include <vector>

namespace countersign::app {
namespace {

// The modules that a picture shows: what stands between the colours, two rows to a line.
std::vector<std::string> modules(const std::string& picture) {
  std::vector<std::string> out;
  std::istringstream lines(picture);
  for (std::string line; std::getline(lines, line);) {
    std::string upper, lower;
    const auto begin = line.find('m') + 1;
    const std::string content = line.substr(begin, line.rfind('\x1b') - begin);
    for (std::size_t at = 0; at < content.size(); at += content[at] == ' ' ? 1 : 3) {
      const std::string one = content.substr(at, content[at] == ' ' ? 1 : 3);
      upper += one == "█" || one == "▀" ? '#' : '.';
      lower += one == "█" || one == "▄" ? '#' : '.';
    }
    out.push_back(upper);
    out.push_back(lower);
  }
  return out;
}

TEST(QrCode, is_a_square_with_a_margin_and_three_finders) {
  const auto picture = qr_code("countersign:enroll?url=http://pki.example&reference=r&secret=s");
  ASSERT_TRUE(picture);
  const auto rows = modules(*picture);
  const std::size_t width = rows.front().size();
  ASSERT_GE(rows.size(), width);
  const std::string finder[] = {"#######", "#.....#", "#.###.#", "#.###.#",
                                "#.###.#", "#.....#", "#######"};
  for (std::size_t i = 0; i < 4; ++i)
    EXPECT_EQ(rows[i], std::string(width, '.')) << "the margin, row " << i;
  for (std::size_t i = 0; i < 7; ++i) {
    EXPECT_EQ(rows[4 + i].substr(0, 11), "...." + finder[i]) << "upper left, row " << i;
    EXPECT_EQ(rows[4 + i].substr(width - 11), finder[i] + "....") << "upper right, row " << i;
    EXPECT_EQ(rows[width - 11 + i].substr(0, 11), "...." + finder[i]) << "lower left, row " << i;
  }
}

TEST(QrCode, of_too_much_is_refused) {
  const auto picture = qr_code(std::string(4000, 'x'));
  ASSERT_FALSE(picture);
  EXPECT_EQ(picture.error().code, "app.qr");
}

}  // namespace
}  // namespace countersign::app
