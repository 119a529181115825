#include "message/translation.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "message/info_type.h"

namespace countersign::message {
namespace {

struct LanguageName {
  Language language;
  std::string_view tag;  // RFC 5646, primary subtag
};
constexpr std::array kLanguages = {LanguageName{Language::en, "en"},
                                   LanguageName{Language::de, "de"}};

// RFC 2482: U+E0001 and then the tag, each of its characters moved up to U+E0000. In UTF-8 all are
// F3 A0 8x xx. Empty where the text does not begin so.
std::string tag_of(std::string_view text) {
  std::string tag;
  bool begun = false;
  for (; text.size() >= 4 && text.starts_with("\xF3\xA0"); text.remove_prefix(4)) {
    const auto high = static_cast<unsigned char>(text[2]) & 0x3FU;
    const auto low = static_cast<unsigned char>(text[3]) & 0x3FU;
    const unsigned character = (high << 6U | low) & 0x7FU;
    if (!begun && character != 1) return {};
    if (begun) tag += static_cast<char>(character);
    begun = true;
  }
  return tag;
}

}  // namespace

std::optional<Language> language_of(std::string_view tag) noexcept {
  for (const auto& known : kLanguages) {
    if (tag.size() < known.tag.size()) continue;
    const auto primary = tag.substr(0, known.tag.size());
    const bool same = std::ranges::equal(primary, known.tag, {}, ascii::to_lower);
    if (same && (tag.size() == known.tag.size() || tag[known.tag.size()] == '-'))
      return known.language;
  }
  return std::nullopt;
}

Language wanted_language(const PKIHeader& header) noexcept {
  // RFC 9810 §5.1.1: the first language of freeText is the one that replies should have
  if (!header.free_text.empty())
    if (const auto known = language_of(tag_of(header.free_text.front()))) return *known;
  const auto* item = find(header.general_info, it::suppLangTags);
  if (item == nullptr) return Language::en;
  const auto value = decode(*item);
  const auto* tags = value ? std::get_if<Texts>(&*value) : nullptr;
  if (tags == nullptr) return Language::en;
  for (const auto& tag : tags->texts)
    if (const auto known = language_of(tag)) return *known;
  return Language::en;
}

PKIFreeText refusal_texts(const Error& error, Language language) {
  PKIFreeText out;
  if (language == Language::de)
    if (const auto text = german(error.code, error.failure); !text.empty()) out.emplace_back(text);
  if (!error.reply_text.empty()) out.push_back(error.reply_text);
  return out;
}

}  // namespace countersign::message
