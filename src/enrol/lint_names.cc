// The rules about subjectAltName.
#include <algorithm>

#include "base/ascii.h"
#include "enrol/lint_rule.h"

namespace countersign::enrol::linting {
namespace {

using Kind = x509::GeneralName::Kind;

bool is_graphic(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

bool is_label(std::string_view label) {
  constexpr std::size_t kLongest = 63;
  return !label.empty() && label.size() <= kLongest && label.front() != '-' &&
         label.back() != '-' && std::ranges::all_of(label, [](char c) {
           return ascii::is_alphanumeric(c) || std::string_view("-_*").contains(c);
         });
}

bool is_plain_host(std::string_view name) { return is_host(name) && !name.contains('*'); }

bool is_bracketed(std::string_view host) {
  return host.size() > 2 && host.starts_with('[') && host.ends_with(']');
}

// RFC 5321 §4.1.2: Dot-string, or anything graphic between quotation marks.
bool is_local_part(std::string_view local) {
  constexpr std::size_t kLongest = 64;  // RFC 5321 §4.5.3.1.1
  if (local.empty() || local.size() > kLongest) return false;
  if (local.size() > 2 && local.starts_with('"') && local.ends_with('"')) return true;
  if (local.starts_with('.') || local.ends_with('.') || local.contains("..")) return false;
  return local.find_first_of("\"(),:;<>@[\\]") == std::string_view::npos;
}

bool is_mailbox(std::string_view value) {
  const std::size_t at = value.rfind('@');
  if (at == std::string_view::npos || !is_graphic(value)) return false;
  const std::string_view host = value.substr(at + 1);
  return is_local_part(value.substr(0, at)) && (is_plain_host(host) || is_bracketed(host));
}

// RFC 3986 §3.2: [ userinfo "@" ] host [ ":" port ]
bool names_host(std::string_view authority) {
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos)
    authority.remove_prefix(at + 1);
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon != std::string_view::npos) {
    if (!std::ranges::all_of(authority.substr(colon + 1), ascii::is_digit)) return false;
    authority = authority.substr(0, colon);
  }
  return is_plain_host(authority) || is_bracketed(authority);
}

bool is_absolute_uri(std::string_view value) {
  const std::size_t colon = value.find(':');
  if (colon == 0 || colon == std::string_view::npos || !is_graphic(value)) return false;
  const std::string_view scheme = value.substr(0, colon);
  if (!ascii::is_letter(scheme[0]) || !std::ranges::all_of(scheme, [](char c) {
        return ascii::is_alphanumeric(c) || std::string_view("+-.").contains(c);
      }))
    return false;
  const std::string_view rest = value.substr(colon + 1);
  if (!rest.starts_with("//")) return !rest.empty();
  return names_host(rest.substr(2, rest.find_first_of("/?#", 2) - 2));
}

template <class Fits>
void each(Kind kind, const Seen& seen, Report& report, Fits&& fits) {
  for (const AltName& name : seen.names)
    if (name.kind == kind && !fits(std::string_view(name.value))) report.add(name.text);
}

}  // namespace

bool is_host(std::string_view name) {
  constexpr std::size_t kLongest = 253;
  if (name.empty() || name.size() > kLongest) return false;
  for (;;) {
    const std::size_t dot = name.find('.');
    if (!is_label(name.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    name.remove_prefix(dot + 1);
  }
}

// RFC 5280 §4.2.1.6 [MUST] the sequence has at least one entry.
void san_empty(const Seen& seen, Report& report) {
  const auto* san = seen.extension(x509::oids::subject_alt_name);
  if (san != nullptr && equal(san->value, kEmptySequence)) report.add();
}

// RFC 5280 §4.2.1.6 [SHOULD] with a subject, subjectAltName is not critical.
void san_critical(const Seen& seen, Report& report) {
  const auto* san = seen.extension(x509::oids::subject_alt_name);
  if (san != nullptr && san->critical && !seen.order.subject.is_null()) report.add();
}

// RFC 5280 §4.2.1.6 [MUST] the "preferred name syntax"; [MUST NOT] " ".
void dns_form(const Seen& seen, Report& report) { each(Kind::dNSName, seen, report, is_host); }

void dns_wildcard(const Seen& seen, Report& report) {
  each(Kind::dNSName, seen, report, [](std::string_view name) {
    if (!name.contains('*')) return true;
    return name.starts_with("*.") && !name.substr(1).contains('*') && name.substr(2).contains('.');
  });
}

// RFC 5280 §4.2.1.6 [MUST] a Mailbox, without a phrase before or a comment behind it.
void email_form(const Seen& seen, Report& report) {
  each(Kind::rfc822Name, seen, report, is_mailbox);
}

// RFC 5280 §4.2.1.6 [MUST NOT] a relative URI; [MUST] an authority has a host.
void uri_form(const Seen& seen, Report& report) {
  each(Kind::uniformResourceIdentifier, seen, report, is_absolute_uri);
}

}  // namespace countersign::enrol::linting
