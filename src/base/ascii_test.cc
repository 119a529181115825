#include "base/ascii.h"

#include <gtest/gtest.h>

namespace countersign::ascii {
namespace {

TEST(Ascii, LettersOfAsciiAloneChangeTheirCase) {
  EXPECT_EQ(lower_case("AZaz09@[`{"), "azaz09@[`{");
  EXPECT_EQ(upper_case("AZaz09@[`{"), "AZAZ09@[`{");
  EXPECT_EQ(lower_case("\xC3\x84"), "\xC3\x84") << "a capital A with dots, in UTF-8";
}

TEST(Ascii, WhatIsALetterAndWhatADigit) {
  std::string letters, digits;
  for (int c = 0; c < 256; ++c) {
    if (is_letter(static_cast<char>(c))) letters += static_cast<char>(c);
    if (is_digit(static_cast<char>(c))) digits += static_cast<char>(c);
    EXPECT_EQ(is_alphanumeric(static_cast<char>(c)),
              is_letter(static_cast<char>(c)) || is_digit(static_cast<char>(c)));
  }
  EXPECT_EQ(letters, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
  EXPECT_EQ(digits, "0123456789");
}

TEST(Ascii, ComparesWithoutCase) {
  EXPECT_TRUE(same_ignoring_case("Content-Type", "content-tYPE"));
  EXPECT_FALSE(same_ignoring_case("Content-Type", "content-typ"));
  EXPECT_FALSE(same_ignoring_case("a[", "a{")) << "32 apart, and no letters";
  EXPECT_TRUE(contains_ignoring_case("CN=Line-7,O=Works", "line-7"));
  EXPECT_TRUE(contains_ignoring_case("", ""));
  EXPECT_FALSE(contains_ignoring_case("", "a"));
}

TEST(Ascii, TrimsBlanksAtBothEnds) {
  EXPECT_EQ(trimmed(" \t a b\r\n"), "a b");
  EXPECT_EQ(trimmed(" \t\r\n"), "");
  EXPECT_EQ(trimmed(""), "");
}

}  // namespace
}  // namespace countersign::ascii
