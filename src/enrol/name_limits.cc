#include "enrol/name_limits.h"

#include <algorithm>
#include <charconv>

#include "base/ascii.h"
#include "der/reader.h"

namespace countersign::enrol {
namespace {

using Kind = x509::GeneralName::Kind;
constexpr auto kCommonName = der::Oid::of("2.5.4.3");
constexpr auto kEmailAddress = der::Oid::of("1.2.840.113549.1.9.1");

Bytes content_of(const x509::GeneralName& name) {
  der::Context context(name.der);
  der::Reader in(name.der, context);
  const auto tlv = in.any();
  return tlv ? copy(tlv->content) : Bytes{};
}

std::optional<NameLimit> address_limit(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto name = x509::general_name_from_text("ip:" + std::string(text.substr(0, slash)));
  unsigned bits = 0;
  const std::string_view digits = text.substr(slash + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (!name || error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  NameLimit out;
  out.kind = Kind::iPAddress;
  out.address = content_of(*name);
  if (bits > out.address.size() * 8) return std::nullopt;
  for (std::size_t i = 0; i < out.address.size(); ++i) {
    const unsigned left = bits > i * 8 ? std::min(8U, bits - static_cast<unsigned>(i) * 8) : 0;
    out.mask.push_back(static_cast<Byte>(0xff00U >> left));
    if ((out.address[i] & ~out.mask[i] & 0xff) != 0) return std::nullopt;  // not the net itself
  }
  return out;
}

std::optional<NameLimit> host_limit(Kind kind, std::string_view text) {
  const std::string_view host = text.substr(text.find('@') + 1);
  const bool whole_domain = host.starts_with('.');
  if (kind == Kind::dNSName && (whole_domain || text.contains('@'))) return std::nullopt;
  if (kind == Kind::uniformResourceIdentifier && text.contains('@')) return std::nullopt;
  if (text.contains('@') && (text.starts_with('@') || whole_domain)) return std::nullopt;
  const auto fits = [](char c) {
    return ascii::is_alphanumeric(c) || c == '-' || c == '_' || c == '.';
  };
  const std::string_view labels = host.substr(whole_domain ? 1 : 0);
  if (labels.empty() || labels.starts_with('.') || labels.ends_with('.') || labels.contains("..") ||
      !std::ranges::all_of(labels, fits))
    return std::nullopt;
  NameLimit out;
  out.kind = kind;
  // RFC 5321 §2.4 [MUST] the part before the @ is read as it is written
  out.host = std::string(text.substr(0, text.size() - host.size())) + ascii::lower_case(host);
  return out;
}

bool is_below(std::string_view host, std::string_view domain) {
  return host.size() > domain.size() && host.ends_with(domain) &&
         host[host.size() - domain.size() - 1] == '.';
}

// RFC 5280 §4.2.1.10: of mail addresses and URIs ".example.com" is every host below, "example.com"
// that host alone.
bool host_is_within(std::string_view host, std::string_view limit) {
  if (limit.starts_with('.')) return is_below(host, limit.substr(1));
  return host == limit;
}

bool mail_is_within(std::string_view address, const NameLimit& limit) {
  const std::size_t at = address.rfind('@');
  if (at == std::string_view::npos) return false;
  const std::string host = ascii::lower_case(address.substr(at + 1));
  if (limit.host.contains('@')) return std::string(address.substr(0, at + 1)) + host == limit.host;
  return host_is_within(host, limit.host);
}

std::string host_of_uri(std::string_view uri) {
  const std::size_t authority = uri.find("://");
  if (authority == std::string_view::npos) return {};
  uri.remove_prefix(authority + 3);
  uri = uri.substr(0, uri.find_first_of("/?#"));
  uri.remove_prefix(uri.rfind('@') == std::string_view::npos ? 0 : uri.rfind('@') + 1);
  return ascii::lower_case(uri.substr(0, uri.rfind(':')));
}

bool is_within(const x509::GeneralName& name, const NameLimit& limit) {
  const Bytes content = content_of(name);
  const std::string_view value = text(content);
  switch (limit.kind) {
    case Kind::dNSName: {
      const std::string host = ascii::lower_case(value);
      return host == limit.host || is_below(host, limit.host);
    }
    case Kind::rfc822Name:
      return mail_is_within(value, limit);
    case Kind::uniformResourceIdentifier:
      return host_is_within(host_of_uri(value), limit.host);
    default:
      break;
  }
  if (content.size() != limit.address.size()) return false;
  for (std::size_t i = 0; i < content.size(); ++i)
    if ((content[i] & limit.mask[i]) != limit.address[i]) return false;
  return true;
}

// "*.example.com" stands for a host that is excluded, too.
bool may_stand_for(const x509::GeneralName& name, const NameLimit& limit) {
  const std::string host = ascii::lower_case(text(content_of(name)));
  return limit.kind == Kind::dNSName && host.starts_with("*.") &&
         limit.host.substr(std::min(limit.host.find('.'), limit.host.size())) == host.substr(1);
}

std::string list(const std::vector<NameLimit>& limits, Kind kind) {
  std::string out;
  for (const NameLimit& limit : limits)
    if (limit.kind == kind) (out += out.empty() ? "" : ", ") += limit.text;
  return out;
}

Result<> check(const NameLimits& limits, const x509::GeneralName& name) {
  const auto of_kind = [&](const NameLimit& limit) { return limit.kind == name.kind(); };
  const auto has = [&](const NameLimit& limit) { return of_kind(limit) && is_within(name, limit); };
  const auto excluded = std::ranges::find_if(limits.excluded, [&](const NameLimit& limit) {
    return has(limit) || (of_kind(limit) && may_stand_for(name, limit));
  });
  if (excluded != limits.excluded.end())
    return fail(Failure::badCertTemplate, "template.name-limit",
                x509::to_text(name) + " is not to be had here: " + excluded->text + " is excluded");
  // RFC 5280 §4.2.1.10: names of a kind that nothing is said of are not limited.
  if (std::ranges::none_of(limits.permitted, of_kind) || std::ranges::any_of(limits.permitted, has))
    return {};
  return fail(Failure::badCertTemplate, "template.name-limit",
              x509::to_text(name) + " is not to be had here; permitted are " +
                  list(limits.permitted, name.kind()));
}

bool looks_like_host(std::string_view text) {
  return text.contains('.') && std::ranges::all_of(text, [](char c) {
           return ascii::is_alphanumeric(c) || c == '-' || c == '_' || c == '.' || c == '*';
         });
}

}  // namespace

std::optional<NameLimit> name_limit(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view kind = text.substr(0, colon);
  const std::string_view rest = text.substr(colon + 1);
  std::optional<NameLimit> out;
  if (kind == "ip") out = address_limit(rest);
  if (kind == "dns") out = host_limit(Kind::dNSName, rest);
  if (kind == "email") out = host_limit(Kind::rfc822Name, rest);
  if (kind == "uri") out = host_limit(Kind::uniformResourceIdentifier, rest);
  if (out) out->text = text;
  return out;
}

Result<> check_limits(const NameLimits& limits, const x509::Name& subject,
                      const std::vector<x509::GeneralName>& alternative_names) {
  if (limits.empty()) return {};
  for (const x509::GeneralName& name : alternative_names) TRY(check(limits, name));
  for (const std::string& address : x509::attributes(subject, kEmailAddress))
    if (const auto name = x509::general_name_from_text("email:" + address))
      TRY(check(limits, *name));
  if (std::ranges::find(alternative_names, Kind::dNSName, &x509::GeneralName::kind) !=
      alternative_names.end())
    return {};
  for (const std::string& host : x509::attributes(subject, kCommonName))
    if (looks_like_host(host)) TRY(check(limits, x509::dns_name(host)));
  return {};
}

}  // namespace countersign::enrol
