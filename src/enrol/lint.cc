#include "enrol/lint.h"

#include <algorithm>
#include <array>

#include "crypto/keys.h"
#include "enrol/lint_rule.h"

namespace countersign::enrol {
namespace {

using enum Finding::Level;
using enum LintRule::Set;

// In the order of RFC 5280's certificate; the sets of others after it.
constexpr std::array kRules = {
    LintRule{"lint.validity", "notAfter is before notBefore; swap them", error, rfc5280,
             "RFC 5280 §4.1.2.5", linting::validity_order},
    LintRule{"lint.validity-range",
             "a time cannot be written in a certificate; choose years from 1950 to 9999", error,
             rfc5280, "RFC 5280 §4.1.2.5", linting::validity_range},
    LintRule{"lint.subject-empty", "an empty subject needs a critical subjectAltName", error,
             rfc5280, "RFC 5280 §4.1.2.6", linting::subject_empty},
    LintRule{"lint.name-string", "a value of the subject is no well-formed string", error, rfc5280,
             "RFC 5280 §4.1.2.4", linting::attribute_string},
    LintRule{"lint.name-empty", "a value of the subject is empty; leave the attribute out", error,
             rfc5280, "RFC 5280 appendix A.1", linting::attribute_empty},
    LintRule{"lint.name-length", "a value of the subject is too long; shorten it", error, rfc5280,
             "RFC 5280 appendix A.1", linting::attribute_length},
    LintRule{"lint.name-control", "a value of the subject has a control character; take it out",
             error, rfc5280, "RFC 5280 §4.1.2.4", linting::attribute_control},
    LintRule{"lint.name-blanks",
             "a value of the subject begins or ends with a blank, which does not count when names "
             "are compared; take it away",
             warning, rfc5280, "RFC 5280 §7.1", linting::attribute_blanks},
    LintRule{"lint.name-printable",
             "a PrintableString of the subject has a character that it may not have; write a "
             "UTF8String",
             warning, rfc5280, "RFC 5280 §4.1.2.4", linting::attribute_printable},
    LintRule{"lint.country", "a countryName is two upper-case letters of ISO 3166", error, rfc5280,
             "RFC 5280 appendix A.1", linting::country},
    LintRule{"lint.extension-twice", "an extension is there twice; keep one", error, rfc5280,
             "RFC 5280 §4.2", linting::extension_twice},
    LintRule{
        "lint.extension-malformed",
        "the value of an extension is malformed; keyUsage has a bit at least, an iPAddress 4 or "
        "16 octets, and names are in ASCII",
        error, rfc5280, "RFC 5280 §4.2.1", linting::extension_malformed},
    LintRule{"lint.extension-unknown",
             "an extension that RFC 5280 does not know is critical, so most software will refuse "
             "the certificate",
             warning, rfc5280, "RFC 5280 §4.2", linting::extension_unknown},
    LintRule{"lint.key-usage-critical", "keyUsage should be critical", warning, rfc5280,
             "RFC 5280 §4.2.1.3", linting::usage_critical},
    LintRule{"lint.key-usage-key", "keyUsage does not fit the kind of key", error, rfc5280,
             "RFC 4055 §1.2, RFC 5480 §3, RFC 8813 §3, RFC 8410 §5, RFC 9295 §3, RFC 9881 §5, "
             "RFC 9909 §6, RFC 9935 §5",
             linting::usage_of_key},
    LintRule{"lint.encipher-only",
             "encipherOnly and decipherOnly mean nothing without keyAgreement; set one of them "
             "with it, or none",
             warning, rfc5280, "RFC 5280 §4.2.1.3", linting::encipher_only},
    LintRule{"lint.key-cert-sign", "keyCertSign is for basicConstraints with CA:TRUE alone", error,
             rfc5280, "RFC 5280 §4.2.1.9", linting::key_cert_sign},
    LintRule{"lint.basic-constraints",
             "basicConstraints with CA:TRUE is critical, and a path length is for a CA that has "
             "keyCertSign",
             error, rfc5280, "RFC 5280 §4.2.1.9", linting::basic_constraints},
    LintRule{"lint.purpose-usage",
             "keyUsage allows none of the purposes in extKeyUsage; the certificate is good for "
             "nothing",
             error, rfc5280, "RFC 5280 §4.2.1.12", linting::purpose_usage},
    LintRule{"lint.san-empty", "subjectAltName has no name; add one, or leave it out", error,
             rfc5280, "RFC 5280 §4.2.1.6", linting::san_empty},
    LintRule{"lint.san-critical", "subjectAltName beside a subject should not be critical", warning,
             rfc5280, "RFC 5280 §4.2.1.6", linting::san_critical},
    LintRule{"lint.dns-form",
             "a dNSName is no host name: labels of up to 63 letters, digits and inner hyphens, 253 "
             "characters in all, without a dot at the beginning or end",
             error, rfc5280, "RFC 5280 §4.2.1.6", linting::dns_form},
    LintRule{"lint.dns-wildcard",
             "a wildcard is the whole leftmost label, with two labels behind it: *.example.org",
             error, rfc5280, "RFC 9525 §6.3, CA/Browser BR §3.2.2.6", linting::dns_wildcard},
    LintRule{"lint.email-form", "an rfc822Name is a mailbox in ASCII: name@host", error, rfc5280,
             "RFC 5280 §4.2.1.6", linting::email_form},
    LintRule{"lint.uri-form",
             "a URI is absolute and in ASCII, with a host name or address behind \"//\"", error,
             rfc5280, "RFC 5280 §4.2.1.6", linting::uri_form},

    LintRule{"lint.common-name", "the commonName is none of the names in subjectAltName; add it",
             error, cabf, "CA/Browser BR §7.1.4.3", linting::cabf_common_name},
    LintRule{"lint.server-names",
             "a TLS server needs a dNSName or an iPAddress in subjectAltName, and nothing else",
             error, cabf, "CA/Browser BR §7.1.2.7.12", linting::cabf_san},
    LintRule{"lint.dns-underscore", "a dNSName has an underscore; rename the host", error, cabf,
             "CA/Browser BR §7.1.2.7.12", linting::cabf_underscore},
    LintRule{"lint.internal-name",
             "a dNSName belongs to no public domain, so nobody can be shown to own it", error, cabf,
             "CA/Browser BR §4.2.2", linting::cabf_internal_name},
    LintRule{"lint.reserved-ip", "an iPAddress is reserved by IANA, so nobody can own it", error,
             cabf, "CA/Browser BR §4.2.2", linting::cabf_reserved_ip},
    LintRule{"lint.validity-long", "the certificate is valid for too long; shorten it", error, cabf,
             "CA/Browser BR §6.3.2", linting::cabf_validity},

    LintRule{"lint.3gpp-key-usage",
             "a network element has a critical keyUsage with digitalSignature", error, three_gpp,
             "3GPP TS 33.310 §6.1.3", linting::three_gpp_key_usage},
    LintRule{"lint.3gpp-name",
             "a network element has its FQDN as a dNSName, or its iPAddress, in subjectAltName",
             error, three_gpp, "3GPP TS 33.310 §6.1.3", linting::three_gpp_name},
};

consteval bool unique_codes() {
  for (std::size_t i = 0; i < kRules.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (kRules[i].code == kRules[j].code) return false;
  return true;
}
static_assert(unique_codes());

bool applies(const LintRule& rule, const LintRules& wanted) {
  if (rule.set == cabf) return wanted.cabf;
  if (rule.set == three_gpp) return wanted.three_gpp;
  return true;
}

std::optional<crypto::KeyKind> kind_of_key(const transaction::CertificateOrder& order) {
  if (order.central_key) {
    const auto* spec = crypto::key_spec(order.central_key->algorithm);
    return spec == nullptr ? std::nullopt : std::optional(spec->kind);
  }
  const auto key = crypto::PublicKey::from_spki(order.spki);
  return key ? std::optional(key->kind()) : std::nullopt;
}

std::vector<linting::AltName> names_in(const x509::Extensions& extensions) {
  std::vector<linting::AltName> out;
  const auto* san = x509::find(extensions, x509::oids::subject_alt_name);
  if (san == nullptr) return out;
  const auto names = x509::read_subject_alt_name(san->value);
  if (!names) return out;
  for (const x509::GeneralName& name : *names) {
    der::Context context(name.der);
    der::Reader in(name.der, context);
    if (const auto tlv = in.any())
      out.push_back({name.kind(), std::string(text(tlv->content)), x509::to_text(name)});
  }
  return out;
}

template <class T>
std::optional<T> value_of(const x509::Extensions& extensions, const der::Oid& id,
                          der::Parsed<T> (*read)(View)) {
  const auto* found = x509::find(extensions, id);
  if (found == nullptr) return std::nullopt;
  auto value = read(found->value);
  return value ? std::optional<T>(std::move(*value)) : std::nullopt;
}

}  // namespace

namespace linting {

Seen::Seen(const transaction::CertificateOrder& of)
    : order(of),
      names(names_in(of.extensions)),
      key(kind_of_key(of)),
      usage(value_of(of.extensions, x509::oids::key_usage, x509::read_key_usage)),
      purposes(value_of(of.extensions, x509::oids::ext_key_usage, x509::read_ext_key_usage)
                   .value_or(std::vector<der::Oid>{})),
      basic(value_of(of.extensions, x509::oids::basic_constraints, x509::read_basic_constraints)) {
  for (const x509::NameAttribute& part : x509::take_apart(of.subject))
    subject.push_back({part.type, part.value.tag, x509::string_value(part.value)});
}

bool Seen::has_purpose(const der::Oid& purpose) const {
  return std::ranges::find(purposes, purpose) != purposes.end();
}

void Report::add(std::string_view about) {
  std::string what(rule_.sentence);
  if (!about.empty()) (what += ": ") += x509::escaped(about);
  into_.push_back({rule_.level, rule_.code, std::move(what)});
}

}  // namespace linting

std::span<const LintRule> lint_rules() { return kRules; }

std::vector<Finding> lint(const transaction::CertificateOrder& order, const LintRules& rules) {
  const linting::Seen seen(order);
  std::vector<Finding> out;
  for (const LintRule& rule : kRules) {
    if (!applies(rule, rules)) continue;
    linting::Report report(rule, out);
    rule.find(seen, report);
  }
  return out;
}

}  // namespace countersign::enrol
