#include "enrol/field_rule.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "enrol/device.h"
#include "enrol/rights.h"
#include "x509/attribute_type.h"
#include "x509/name_value.h"

namespace countersign::enrol {
namespace {

constexpr std::array<std::string_view, 4> kSources = {"request", "fixed", "device", "credential"};
constexpr std::array<std::string_view, 4> kNameKinds = {"dns", "ip", "email", "uri"};

std::optional<FieldRule> split(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  FieldRule out;
  std::string_view field = ascii::trimmed(text.substr(0, equals));
  out.may_be_missing = field.ends_with('?');
  if (out.may_be_missing) field.remove_suffix(1);
  out.field = ascii::trimmed(field);
  const std::string_view right = ascii::trimmed(text.substr(equals + 1));
  const std::size_t colon = right.find(':');
  const auto source = std::ranges::find(kSources, ascii::trimmed(right.substr(0, colon)));
  if (source == kSources.end()) return std::nullopt;
  out.source = static_cast<FieldRule::Source>(source - kSources.begin());
  if (colon == std::string_view::npos) {
    if (out.source != FieldRule::Source::request) return std::nullopt;
    return out;
  }
  out.value = ascii::trimmed(right.substr(colon + 1));
  if (out.value.empty()) return std::nullopt;
  return out;
}

// Everything but a text that is fixed: what that may be depends on the field.
bool fits(const FieldRule& rule) {
  switch (rule.source) {
    case FieldRule::Source::request:
      return rule.value.empty() ||
             (rule.value != "self" && rule.value != "any" && check_name_rule(rule.value));
    case FieldRule::Source::device:
      return is_device_field(rule.value);
    case FieldRule::Source::credential:
      return is_of_credential(rule.value);
    case FieldRule::Source::fixed:
      break;
  }
  return true;
}

template <class Parse>
std::optional<std::vector<FieldRule>> all(const std::vector<std::string>& texts, Parse parse) {
  std::vector<FieldRule> out;
  const auto asks = [](const FieldRule& r) { return r.source == FieldRule::Source::request; };
  for (const std::string& text : texts) {
    auto rule = parse(text);
    if (!rule) return std::nullopt;
    const bool again = asks(*rule) && std::ranges::any_of(out, [&](const FieldRule& other) {
                         return asks(other) && other.field == rule->field;
                       });
    if (again) return std::nullopt;
    out.push_back(std::move(*rule));
  }
  return out;
}

}  // namespace

bool is_of_credential(std::string_view what) noexcept {
  return what == "reference" || what == "note" || x509::attribute_type(what) != nullptr;
}

std::string to_text(const FieldRule& rule) {
  std::string out = rule.field + (rule.may_be_missing ? "? = " : " = ");
  out += kSources[static_cast<std::size_t>(rule.source)];
  if (!rule.value.empty()) out.append(":").append(rule.value);
  return out;
}

std::optional<FieldRule> subject_rule(std::string_view text) {
  auto rule = split(text);
  if (!rule || !fits(*rule)) return std::nullopt;
  const auto* type = x509::attribute_type(rule->field);
  if (type == nullptr) return std::nullopt;
  rule->field = type->name;
  if (rule->source == FieldRule::Source::fixed &&
      !x509::name_from_text(rule->field + "=" + x509::escaped(rule->value)))
    return std::nullopt;
  return rule;
}

std::optional<FieldRule> alternative_name_rule(std::string_view text) {
  auto rule = split(text);
  if (!rule || !fits(*rule) || std::ranges::find(kNameKinds, rule->field) == kNameKinds.end())
    return std::nullopt;
  if (rule->source == FieldRule::Source::fixed &&
      !x509::general_name_from_text(rule->field + ":" + rule->value))
    return std::nullopt;
  return rule;
}

std::optional<std::vector<FieldRule>> subject_rules(const std::vector<std::string>& texts) {
  return all(texts, subject_rule);
}

std::optional<std::vector<FieldRule>> alternative_name_rules(
    const std::vector<std::string>& texts) {
  return all(texts, alternative_name_rule);
}

}  // namespace countersign::enrol
