#include "enrol/sender_rule.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "enrol/field.h"
#include "enrol/rights.h"
#include "x509/attribute_type.h"
#include "x509/serial_text.h"

namespace countersign::enrol {
namespace {

using Condition = SenderRule::Condition;

constexpr std::string_view kAny = "any";
constexpr std::string_view kRefuse = "refuse";
constexpr std::string_view kSerial = "serial";
constexpr std::string_view kArrow = "->";
constexpr std::array<std::string_view, 4> kNameKinds = {"dns", "ip", "email", "uri"};

std::vector<std::string_view> parts(std::string_view text, char between) {
  std::vector<std::string_view> out;
  while (true) {
    const std::size_t at = text.find(between);
    out.push_back(ascii::trimmed(text.substr(0, at)));
    if (at == std::string_view::npos) return out;
    text.remove_prefix(at + 1);
  }
}

// "subject.CN" of "subject." is "CN".
std::optional<std::string_view> after(std::string_view prefix, std::string_view text) {
  if (!text.starts_with(prefix)) return std::nullopt;
  return text.substr(prefix.size());
}

// As it is kept: an attribute by the name that we have for it.
std::optional<std::string> subject_of_condition(std::string_view text) {
  if (text == kSerial) return std::string(text);
  if (const auto kind = after("san.", text))
    return std::ranges::find(kNameKinds, *kind) != kNameKinds.end()
               ? std::optional<std::string>(text)
               : std::nullopt;
  for (const std::string_view holder : {"subject.", "issuer."})
    if (const auto attribute = after(holder, text))
      if (const auto* type = x509::attribute_type(*attribute))
        return std::string(holder).append(type->name);
  return std::nullopt;
}

std::optional<Condition> condition(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  auto of = subject_of_condition(ascii::trimmed(text.substr(0, equals)));
  const std::string patterns(ascii::trimmed(text.substr(equals + 1)));
  const bool list = patterns != "self" && patterns != "any" && check_name_rule(patterns);
  if (!of || !list) return std::nullopt;
  return Condition{*std::move(of), patterns};
}

bool read_who(std::string_view text, SenderRule& out) {
  if (text == kAny) return true;
  for (const std::string_view part : parts(text, ';')) {
    auto one = condition(part);
    if (!one) return false;
    out.conditions.push_back(*std::move(one));
  }
  return true;
}

bool read_profiles(std::string_view text, SenderRule& out) {
  for (const std::string_view name : parts(text, ',')) {
    if (!is_object_name(name)) return false;
    out.profiles.emplace_back(name);
  }
  return true;
}

bool read_what(std::string_view text, SenderRule& out) {
  out.refuses = text == kRefuse;
  if (out.refuses) return true;
  for (const std::string_view part : parts(text, ';')) {
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) return false;
    const std::string_view field = ascii::trimmed(part.substr(0, equals));
    const std::string_view value = ascii::trimmed(part.substr(equals + 1));
    if (field == "profiles" && out.profiles.empty()) {
      if (!read_profiles(value, out)) return false;
    } else if (field == "names" && out.names.empty() && check_name_rule(std::string(value))) {
      out.names = value;
    } else {
      return false;
    }
  }
  return true;
}

std::vector<std::string> attributes_of(const x509::Name& name, std::string_view attribute) {
  return x509::attributes(name, x509::attribute_type(attribute)->oid);
}

bool holds(const Condition& condition, const x509::Certificate& signer) {
  const auto fits = [&](const std::string& value) { return allows(condition.patterns, value); };
  if (condition.of == kSerial) return fits(x509::serial_text(signer.serial));
  if (const auto attribute = after("subject.", condition.of))
    return std::ranges::any_of(attributes_of(signer.subject, *attribute), fits);
  if (const auto attribute = after("issuer.", condition.of))
    return std::ranges::any_of(attributes_of(signer.issuer, *attribute), fits);
  const std::string kind(*after("san.", condition.of));
  return std::ranges::any_of(signer.subject_alt_names(), [&](const x509::GeneralName& name) {
    return x509::to_text(name).starts_with(kind + ':') && allows(condition.patterns, name);
  });
}

}  // namespace

std::string to_text(const SenderRule& rule) {
  std::string who;
  for (const Condition& one : rule.conditions)
    who.append(who.empty() ? "" : "; ").append(one.of).append(" = ").append(one.patterns);
  std::string what(rule.refuses ? kRefuse : "");
  for (const std::string& profile : rule.profiles)
    what.append(what.empty() ? "profiles = " : ",").append(profile);
  if (!rule.names.empty())
    what.append(what.empty() ? "" : "; ").append("names = ").append(rule.names);
  return (who.empty() ? std::string(kAny) : who) + " -> " + what;
}

std::optional<SenderRule> sender_rule(std::string_view text) {
  const std::size_t arrow = text.find(kArrow);
  if (arrow == std::string_view::npos) return std::nullopt;
  SenderRule out;
  const bool whole = read_who(ascii::trimmed(text.substr(0, arrow)), out) &&
                     read_what(ascii::trimmed(text.substr(arrow + kArrow.size())), out);
  if (!whole) return std::nullopt;
  return out;
}

std::optional<std::vector<SenderRule>> sender_rules(const std::vector<std::string>& texts) {
  std::vector<SenderRule> out;
  for (const std::string& text : texts) {
    auto rule = sender_rule(text);
    if (!rule) return std::nullopt;
    out.push_back(*std::move(rule));
  }
  return out;
}

const SenderRule* rule_for(std::span<const SenderRule> rules, const x509::Certificate& signer) {
  const auto at = std::ranges::find_if(rules, [&](const SenderRule& rule) {
    return std::ranges::all_of(rule.conditions,
                               [&](const Condition& one) { return holds(one, signer); });
  });
  return at == rules.end() ? nullptr : &*at;
}

}  // namespace countersign::enrol
