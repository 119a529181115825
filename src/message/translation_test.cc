#include "message/translation.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "message/info_type.h"

namespace countersign::message {
namespace {

// RFC 2482: a tag in Unicode tag characters before the text.
std::string tagged(std::string_view tag, std::string_view text) {
  std::string out = "\xF3\xA0\x80\x81";
  for (const char c : tag) {
    const auto u = static_cast<unsigned char>(c);
    out += "\xF3\xA0";
    out += static_cast<char>(0x80U | u >> 6U);
    out += static_cast<char>(0x80U | (u & 0x3FU));
  }
  return out + std::string(text);
}

TEST(Translation, a_tag_names_a_language_by_its_primary_subtag) {
  const struct {
    const char* tag;
    std::optional<Language> language;
  } cases[] = {{"de", Language::de},    {"DE-at", Language::de}, {"en", Language::en},
               {"en-GB", Language::en}, {"fr", std::nullopt},    {"den", std::nullopt},
               {"d", std::nullopt},     {"", std::nullopt}};
  for (const auto& c : cases) EXPECT_EQ(language_of(c.tag), c.language) << c.tag;
}

TEST(Translation, the_header_says_which_language_is_wanted) {
  const auto list = [](std::vector<std::string> tags) {
    return std::vector{make_info(it::suppLangTags, Texts{std::move(tags)})};
  };
  const struct {
    const char* what;
    PKIFreeText free_text;
    std::vector<InfoTypeAndValue> general_info;
    Language language;
  } cases[] = {
      {"nothing", {}, {}, Language::en},
      {"a text without a tag", {"de"}, {}, Language::en},
      {"a tagged text", {tagged("de-CH", "Grüezi")}, {}, Language::de},
      {"a tag without a text", {tagged("de", "")}, {}, Language::de},
      {"the first text counts", {tagged("en", "hello"), tagged("de", "hallo")}, {}, Language::en},
      {"a tag that is cut off", {tagged("de", "").substr(0, 6)}, {}, Language::en},
      {"tag characters without their beginning", {tagged("de", "").substr(4)}, {}, Language::en},
      {"a list", {}, list({"fr", "de", "en"}), Language::de},
      {"a list that begins with English", {}, list({"en-US", "de"}), Language::en},
      {"a list of others", {}, list({"fr", "it"}), Language::en},
      {"a list that is none", {}, {{it::suppLangTags, {0x05, 0x00}}}, Language::en},
      {"a language that is not spoken, and a list",
       {tagged("fr", "x")},
       list({"de"}),
       Language::de},
  };
  for (const auto& c : cases) {
    PKIHeader header;
    header.free_text = c.free_text;
    header.general_info = c.general_info;
    EXPECT_EQ(wanted_language(header), c.language) << c.what;
  }
}

TEST(Translation, a_refusal_is_told_in_the_wanted_language_and_in_english) {
  const Error known{Failure::badPOP, "pop.signature", "sign it", "detail"};
  EXPECT_EQ(refusal_texts(known, Language::en), PKIFreeText{"sign it"});
  const auto both = refusal_texts(known, Language::de);
  ASSERT_EQ(both.size(), 2u);
  EXPECT_EQ(both[0], german("pop.signature", Failure::badPOP));
  EXPECT_EQ(both[1], "sign it");
  const auto by_kind = refusal_texts({Failure::badPOP, "pop.other", "x", ""}, Language::de);
  ASSERT_EQ(by_kind.size(), 2u);
  EXPECT_NE(by_kind[0], both[0]);
  EXPECT_EQ(refusal_texts({Failure::badPOP, "", "", ""}, Language::en), PKIFreeText{})
      << "no text is no statusString";
}

TEST(Translation, there_is_a_german_sentence_for_each_failure_that_is_ever_told) {
  for (int bit = 0; bit < kFailureBits; ++bit) {
    const auto failure = static_cast<Failure>(bit);
    const bool never =
        failure == Failure::timeNotAvailable || failure == Failure::unacceptedPolicy ||
        failure == Failure::unacceptedExtension || failure == Failure::addInfoNotAvailable ||
        failure == Failure::duplicateCertReq;
    EXPECT_EQ(german("none.such", failure).empty(), never) << name(failure);
  }
  // As base/failure.h numbers them.
  EXPECT_EQ(german("", Failure::certRevoked), "Das Zertifikat ist gesperrt oder abgelaufen.");
  EXPECT_EQ(german("", Failure::notAuthorized), "Dazu sind Sie nicht berechtigt.");
}

TEST(Translation, every_code_that_is_translated_exists) {
  const auto read = [](const char* path) {
    std::ifstream in(std::string(COUNTERSIGN_SOURCE_DIR) + path);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  const std::string codes = read("/docs/errors.md");
  std::string source = read("/src/message/german.cc");
  std::size_t found = 0;
  for (std::size_t at = source.find("Sentence{\""); at != std::string::npos;
       at = source.find("Sentence{\"", at + 1), ++found) {
    const std::size_t from = at + 10;
    const std::string code = source.substr(from, source.find('"', from) - from);
    EXPECT_NE(codes.find("`" + code + "`"), std::string::npos) << code;
  }
  EXPECT_GT(found, 40u);
}

}  // namespace
}  // namespace countersign::message
