#include "console/conditions.h"

#include <gmock/gmock.h>

#include <array>

namespace countersign::console {
namespace {

constexpr std::array<std::string_view, 3> kOffered = {"application/json", "text/pem",
                                                      "application/x"};

struct AcceptCase {
  const char* says;
  std::string accept;
  std::string_view takes;
};
const AcceptCase kAcceptCases[] = {
    {"no header takes the first", "", "application/json"},
    {"anything takes the first", "*/*", "application/json"},
    {"a type by its name", "text/pem", "text/pem"},
    {"a type of a family", "text/*", "text/pem"},
    {"the first of a family", "application/*", "application/json"},
    {"what is liked better", "application/json;q=0.5, text/pem", "text/pem"},
    {"what is liked the same: ours", "text/pem, application/json", "application/json"},
    {"the closest range says how much", "*/*;q=0.9, application/json;q=0.1, text/*;q=0.5",
     "application/x"},
    {"with parameters", "text/pem; charset=utf-8 ; q=0.3", "text/pem"},
    {"never what is refused", "application/json;q=0, text/pem;q=0.1", "text/pem"},
    {"nothing that is offered", "image/png", ""},
    {"all refused", "*/*;q=0", ""},
    {"no list at all", ",,;", ""},
};

TEST(Accept, TakesWhatIsLikedBest) {
  for (const auto& c : kAcceptCases) EXPECT_EQ(preferred(c.accept, kOffered), c.takes) << c.says;
}

std::string if_match(const std::string& header) {
  const auto good = check_if_match({.method = "DELETE", .path = "/", .if_match = header}, "\"a\"");
  return good ? "" : std::string(good.error().code);
}
bool known(const std::string& header) {
  return is_known({.method = "GET", .path = "/", .if_none_match = header}, "\"a\"");
}

TEST(IfMatch, LetsPassWhoHasTheVersion) {
  EXPECT_EQ(if_match(""), "");
  EXPECT_EQ(if_match("\"a\""), "");
  EXPECT_EQ(if_match("\"b\", \"a\""), "");
  EXPECT_EQ(if_match("*"), "");
}
TEST(IfMatch, StopsWhoHasAnother) {
  EXPECT_EQ(if_match("\"b\""), "console.changed");
  EXPECT_EQ(if_match("W/\"a\""), "console.changed");  // a weak one says too little
  EXPECT_EQ(if_match("a"), "console.changed");
}
TEST(IfNoneMatch, KnowsTheVersion) {
  EXPECT_TRUE(known("\"a\""));
  EXPECT_TRUE(known("\"b\" , W/\"a\""));
  EXPECT_TRUE(known("*"));
  EXPECT_FALSE(known(""));
  EXPECT_FALSE(known("\"b\""));
}

TEST(ETag, IsOfTheContent) {
  EXPECT_EQ(etag_of(view("a")), etag_of(view("a")));
  EXPECT_NE(etag_of(view("a")), etag_of(view("b")));
  EXPECT_EQ(etag_of(view("a")).size(), 34U);
}

}  // namespace
}  // namespace countersign::console
