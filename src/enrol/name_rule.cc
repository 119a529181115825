// Name rules: which subjects and subjectAltNames a sender may ask for.
#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "enrol/rights.h"
#include "x509/name_value.h"

namespace countersign::enrol {
namespace {

using Kind = x509::GeneralName::Kind;

constexpr std::size_t kLongestRule = 4096;
constexpr auto kCommonName = der::Oid::of("2.5.4.3");
// Attributes that name the holder as CN does; O, OU, C and the like say where it belongs.
constexpr std::array kNamingAttributes = {
    kCommonName,
    der::Oid::of("1.2.840.113549.1.9.1"),       // emailAddress
    der::Oid::of("0.9.2342.19200300.100.1.1"),  // UID
};

std::vector<std::string_view> entries(std::string_view rule) {
  std::vector<std::string_view> out;
  for (;;) {
    const std::size_t comma = rule.find(',');
    out.push_back(ascii::trimmed(rule.substr(0, comma)));
    if (comma == std::string_view::npos) return out;
    rule.remove_prefix(comma + 1);
  }
}

// `*` stands for any characters but a dot, `**` for any. In time |pattern| × |value|: reached[i]
// says whether the pattern read so far can have consumed i characters of the value.
bool matches(std::string_view pattern, std::string_view value) {
  std::vector<bool> reached(value.size() + 1, false);
  reached[0] = true;
  for (std::size_t p = 0; p < pattern.size(); ++p) {
    if (pattern[p] != '*') {
      for (std::size_t i = value.size(); i > 0; --i)
        reached[i] = reached[i - 1] && value[i - 1] == pattern[p];
      reached[0] = false;
      continue;
    }
    const bool dots_too = p + 1 < pattern.size() && pattern[p + 1] == '*';
    if (dots_too) ++p;
    for (std::size_t i = 1; i <= value.size(); ++i)
      if (reached[i - 1] && (dots_too || value[i - 1] != '.')) reached[i] = true;
  }
  return reached[value.size()];
}

// One name that is asked for, as the rule's entries are compared with it.
struct Wanted {
  std::string value;
  std::string shown;  // "CN a.example", "dns:a.example"
  Kind kind = Kind::dNSName;
  bool from_subject = false;
};

// Entries in the form of a mail address or URI are for those kinds only, and no other entry is: so
// "*.example" says nothing about uri:https://elsewhere/x.example.
bool entry_fits_kind(std::string_view entry, Kind kind) {
  switch (kind) {
    case Kind::rfc822Name:
      return entry.contains('@') || entry == "**";
    case Kind::uniformResourceIdentifier:
      return entry.contains(':') || entry == "**";
    case Kind::dNSName:
    case Kind::iPAddress:
    case Kind::registeredID:
      return true;
    default:
      return false;  // otherName, directoryName and the rest: only `any` and `self`
  }
}

bool entry_allows(std::string_view entry, const Wanted& wanted) {
  if (!wanted.from_subject && !entry_fits_kind(entry, wanted.kind)) return false;
  if (wanted.kind == Kind::iPAddress) {  // 2001:DB8:0::1 is 2001:db8::1
    const auto address = x509::general_name_from_text("ip:" + std::string(entry));
    if (address && x509::to_text(*address) == "ip:" + wanted.value) return true;
  }
  if (wanted.kind == Kind::uniformResourceIdentifier) return matches(entry, wanted.value);
  return matches(ascii::lower_case(entry), ascii::lower_case(wanted.value));
}

std::vector<Wanted> naming_parts(const x509::Name& subject) {
  std::vector<Wanted> out;
  for (const der::Oid& type : kNamingAttributes)
    for (const std::string& value : x509::attributes(subject, type))
      out.push_back(
          {value, (type == kCommonName ? "CN " : "subject's ") + value, Kind::dNSName, true});
  return out;
}

Wanted wanted(const x509::GeneralName& name) {
  const std::string shown = x509::to_text(name);
  return {shown.substr(shown.find(':') + 1), shown, name.kind(), false};
}

std::unexpected<Error> outside(const std::string& shown, const std::string& allowed) {
  return fail(Failure::notAuthorized, "rights.name",
              shown + " is outside of what you may ask for: " + allowed);
}

// A subject that is there names its holder; one of O alone would escape every rule.
Result<> check_subject_names(const x509::Name& subject, const std::string& allowed, Named named) {
  if (named == Named::in_full && !subject.is_null() &&
      x509::attributes(subject, kCommonName).empty())
    return outside("a subject without CN", allowed);
  return {};
}

Result<> check_own_reference(const x509::Name& subject, std::span<const x509::GeneralName> sans,
                             const std::string& reference, Named named) {
  const std::string allowed = "your own reference, " + reference;
  TRY(check_subject_names(subject, allowed, named));
  std::vector<Wanted> all = naming_parts(subject);
  for (const x509::GeneralName& san : sans) all.push_back(wanted(san));
  for (const Wanted& one : all)
    if (ascii::lower_case(one.value) != ascii::lower_case(reference))
      return outside(one.shown, allowed);
  return {};
}

// Each attribute of one is an attribute of the other.
bool is_part_of(const x509::Name& part, const x509::Name& whole) {
  const auto all = x509::take_apart(whole);
  return std::ranges::all_of(x509::take_apart(part), [&](const x509::NameAttribute& one) {
    const auto value = x509::string_value(one.value);
    return std::ranges::any_of(all, [&](const x509::NameAttribute& other) {
      return other.type == one.type && value && x509::string_value(other.value) == value;
    });
  });
}

Result<> check_own_certificate(const x509::Name& subject, std::span<const x509::GeneralName> sans,
                               const x509::Certificate& own, Named named) {
  const std::string allowed = "the names of your own certificate, " + x509::to_text(own.subject);
  const bool fits = named == Named::in_full ? x509::same_name(subject, own.subject)
                                            : is_part_of(subject, own.subject);
  if (!subject.is_null() && !fits) return outside("subject " + x509::to_text(subject), allowed);
  const auto own_sans = own.subject_alt_names();
  for (const x509::GeneralName& san : sans) {
    const bool has = std::ranges::any_of(own_sans, [&](const x509::GeneralName& mine) {
      return mine == san ||
             (mine.kind() == Kind::dNSName && san.kind() == Kind::dNSName &&
              ascii::lower_case(x509::to_text(mine)) == ascii::lower_case(x509::to_text(san)));
    });
    if (!has) return outside(x509::to_text(san), allowed);
  }
  return {};
}

Result<> check_list(std::string_view rule, const x509::Name& subject,
                    std::span<const x509::GeneralName> sans, Named named) {
  const std::string allowed(rule);
  TRY(check_subject_names(subject, allowed, named));
  const auto list = entries(rule);
  const auto allows = [&](const Wanted& one) {
    return std::ranges::any_of(list,
                               [&](std::string_view entry) { return entry_allows(entry, one); });
  };
  for (const Wanted& one : naming_parts(subject))
    if (!allows(one)) return outside(one.shown, allowed);
  for (const x509::GeneralName& san : sans)
    if (const Wanted one = wanted(san); !allows(one)) return outside(one.shown, allowed);
  return {};
}

std::unexpected<Error> malformed(std::string sentence) {
  return fail(Failure::systemFailure, "rights.name-rule", std::move(sentence));
}

}  // namespace

bool to_name_rule(std::string& out, const FieldValue& v) {
  const auto* rule = std::get_if<std::string>(&v);
  if (rule == nullptr || !check_name_rule(*rule)) return false;
  out = *rule;
  return true;
}

Result<> check_name_rule(std::string_view rule) {
  if (rule == "self" || rule == "any") return {};
  if (rule.size() > kLongestRule)
    return malformed("the name rule is longer than " + std::to_string(kLongestRule) +
                     " characters; use a pattern");
  if (std::ranges::any_of(rule, [](char c) { return static_cast<Byte>(c) < ' ' || c == 0x7f; }))
    return malformed("the name rule has a control character; remove it");
  for (const std::string_view entry : entries(rule)) {
    if (entry.empty())
      return malformed(
          "the name rule has an empty entry; write self, any, or names and patterns "
          "with commas between them");
    if (entry == "self" || entry == "any")
      return malformed("the name rule has \"" + std::string(entry) +
                       "\" among others; it stands alone");
    if (entry.contains("***"))
      return malformed(
          "the name rule has three stars in a row; * is any characters but a dot, "
          "** is any");
  }
  return {};
}

// RFC 9483 §5.1.1: whether the sender may have the names is for local policy: here it is.
Result<> check_names(std::string_view rule, const x509::Name& subject,
                     std::span<const x509::GeneralName> sans, const message::Sender& sender,
                     Named named) {
  if (rule == "any") return {};
  if (rule != "self") {
    TRY(check_name_rule(rule));
    return check_list(rule, subject, sans, named);
  }
  if (sender.may_act_as_ra) return {};  // it asks for others; a list binds it, `self` does not
  if (sender.certificate) return check_own_certificate(subject, sans, *sender.certificate, named);
  return check_own_reference(subject, sans, sender.reference, named);
}

bool allows(std::string_view rule, std::string_view value) {
  return std::ranges::any_of(entries(rule), [&](std::string_view entry) {
    return matches(ascii::lower_case(entry), ascii::lower_case(value));
  });
}

bool allows(std::string_view rule, const x509::GeneralName& name) {
  const Wanted one = wanted(name);
  const auto list = entries(rule);
  return std::ranges::any_of(list,
                             [&](std::string_view entry) { return entry_allows(entry, one); });
}

}  // namespace countersign::enrol
