// Refusals in other languages than English, and which language the sender of a message wants.
//
// A refusal is told in two sentences: what its kind is, in the language that is wanted, and behind
// it the English one, which names the details. RFC 9810 §5.1.1, §5.3.19.13.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "message/message.h"

namespace countersign::message {

enum class Language : Byte { en, de };
// The language of a tag ("de", "de-AT", case does not count); nullopt: not spoken here.
std::optional<Language> language_of(std::string_view tag) noexcept;

// The language of the first freeText, by its tag in Unicode tag characters (RFC 2482), else the
// first that is spoken here out of suppLangTags in generalInfo, else English.
Language wanted_language(const PKIHeader& header) noexcept;

// The texts of a refusal, the wanted language first.
PKIFreeText refusal_texts(const Error& error, Language language);

// Empty where there is none: a sentence for a code, else for a failure. `message/german.cc`
std::string_view german(std::string_view code, Failure failure) noexcept;

}  // namespace countersign::message
