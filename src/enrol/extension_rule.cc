#include "enrol/extension_rule.h"

#include <algorithm>

#include "base/ascii.h"
#include "der/reader.h"
#include "x509/extension.h"

namespace countersign::enrol {
namespace {

constexpr std::size_t kLongestValue = 4096;  // octets
constexpr std::string_view kRequest = "request", kFixed = "fixed:";

bool is_the_cas(const der::Oid& id) {
  return id.dotted().starts_with("2.5.29.") || id == x509::oids::authority_info_access;
}

std::optional<ExtensionRule> extension_rule(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  ExtensionRule out;
  if (!der::Oid::from_dotted(ascii::trimmed(text.substr(0, equals)), out.id) || is_the_cas(out.id))
    return std::nullopt;
  const std::string_view source = ascii::trimmed(text.substr(equals + 1));
  if (source == kRequest) return out;
  if (!source.starts_with(kFixed)) return std::nullopt;
  Bytes value;
  if (!from_hex(ascii::trimmed(source.substr(kFixed.size())), value) || !fits_extension(value))
    return std::nullopt;
  out.fixed = std::move(value);
  return out;
}

}  // namespace

std::string to_text(const ExtensionRule& rule) {
  const std::string left = rule.id.dotted() + " = ";
  return left + (rule.fixed ? std::string(kFixed) + to_hex(*rule.fixed) : std::string(kRequest));
}

std::optional<std::vector<ExtensionRule>> extension_rules(const std::vector<std::string>& texts) {
  std::vector<ExtensionRule> out;
  for (const std::string& text : texts) {
    auto rule = extension_rule(text);
    // RFC 5280 §4.2 [MUST NOT] more than one instance of a particular extension
    if (!rule || std::ranges::find(out, rule->id, &ExtensionRule::id) != out.end())
      return std::nullopt;
    out.push_back(std::move(*rule));
  }
  return out;
}

bool fits_extension(View value) {
  if (value.size() > kLongestValue) return false;
  der::Context context(value);
  der::Reader in(value, context);
  return in.any() && in.at_end();
}

}  // namespace countersign::enrol
