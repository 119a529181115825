// The fields of a certificate template.
#include "crypto/algorithm_table.h"
#include "enrol/field.h"
#include "enrol/purposes.h"
#include "enrol/template.h"

namespace countersign::enrol {
namespace {

using Subject = Template;

constexpr std::array<std::string_view, 2> kOutside = {"drop", "refuse"};
constexpr std::array<std::string_view, 5> kSanKinds = {"dns", "ip", "email", "uri", "other"};

std::vector<std::string> known_keys() {
  std::vector<std::string> out;
  for (const crypto::KeySpec& spec : crypto::kKeySpecs) {
    std::string kind(crypto::name(spec.kind));
    if (std::ranges::find(out, kind) == out.end()) out.push_back(std::move(kind));
  }
  return out;
}

bool set_keys(Template& t, const FieldValue& v) {
  const auto* list = std::get_if<std::vector<std::string>>(&v);
  const auto known = known_keys();
  const auto is_known = [&](const std::string& kind) {
    return std::ranges::find(known, kind) != known.end();
  };
  if (list == nullptr || list->empty() || !std::ranges::all_of(*list, is_known)) return false;
  t.key_kinds = *list;
  return true;
}

bool set_usages(Template& t, const FieldValue& v) {
  const auto* list = std::get_if<std::vector<std::string>>(&v);
  if (list == nullptr || list->empty()) return false;
  x509::KeyUsages chosen;
  for (const std::string& one : *list) {
    std::size_t bit = 0;
    while (bit < chosen.size() && x509::name(static_cast<x509::KeyUsage>(bit)) != one) ++bit;
    // RFC 5280 §4.2.1.3: keyCertSign and cRLSign are an authority's.
    const bool of_authority = bit == static_cast<std::size_t>(x509::KeyUsage::keyCertSign) ||
                              bit == static_cast<std::size_t>(x509::KeyUsage::cRLSign);
    if (bit == chosen.size() || of_authority) return false;
    chosen.set(bit);
  }
  t.key_usage = chosen;
  return true;
}

FieldValue usages_of(const Template& t) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < t.key_usage.size(); ++i)
    if (t.key_usage.test(i)) out.emplace_back(x509::name(static_cast<x509::KeyUsage>(i)));
  return out;
}

bool set_purposes(Template& t, const FieldValue& v) {
  const auto* list = std::get_if<std::vector<std::string>>(&v);
  if (list == nullptr) return false;
  std::vector<der::Oid> out;
  for (const std::string& one : *list) {
    const auto purpose = purpose_named(one);
    if (!purpose) return false;
    out.push_back(*purpose);
  }
  t.purposes = std::move(out);
  return true;
}

FieldValue purposes_of(const Template& t) {
  std::vector<std::string> out;
  out.reserve(t.purposes.size());
  for (const der::Oid& purpose : t.purposes) out.push_back(purpose_text(purpose));
  return out;
}

bool set_san_kinds(Template& t, const FieldValue& v) {
  const auto* list = std::get_if<std::vector<std::string>>(&v);
  if (list == nullptr) return false;
  unsigned chosen = 0;
  for (const std::string& one : *list) {
    const auto at = std::ranges::find(kSanKinds, one);
    if (at == kSanKinds.end()) return false;
    chosen |= 1U << static_cast<unsigned>(at - kSanKinds.begin());
  }
  t.san_kinds = chosen;
  return true;
}

FieldValue san_kinds_of(const Template& t) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < kSanKinds.size(); ++i)
    if ((t.san_kinds & (1U << i)) != 0) out.emplace_back(kSanKinds[i]);
  return out;
}

using Rules = std::vector<FieldRule>;

template <auto parse, Rules Template::* field>
bool set_rules(Template& t, const FieldValue& v) {
  const auto* list = std::get_if<std::vector<std::string>>(&v);
  auto rules = list != nullptr ? parse(*list) : std::nullopt;
  if (rules) t.*field = std::move(*rules);
  return rules.has_value();
}

template <Rules Template::* field>
FieldValue rules_of(const Template& t) {
  std::vector<std::string> out;
  for (const FieldRule& rule : t.*field) out.push_back(to_text(rule));
  return out;
}

bool set_policies(Template& t, const FieldValue& v) {
  const auto* list = std::get_if<std::vector<std::string>>(&v);
  if (list == nullptr) return false;
  std::vector<der::Oid> out;
  for (const std::string& one : *list) {
    der::Oid policy;
    // RFC 5280 §4.2.1.4 [MUST NOT] a policy OID more than once
    if (!der::Oid::from_dotted(one, policy) || std::ranges::find(out, policy) != out.end())
      return false;
    out.push_back(policy);
  }
  t.policies = std::move(out);
  return true;
}

FieldValue policies_of(const Template& t) {
  std::vector<std::string> out;
  out.reserve(t.policies.size());
  for (const der::Oid& policy : t.policies) out.push_back(policy.dotted());
  return out;
}

bool set_extensions(Template& t, const FieldValue& v) {
  const auto* list = std::get_if<std::vector<std::string>>(&v);
  auto rules = list != nullptr ? extension_rules(*list) : std::nullopt;
  if (rules) t.extensions = std::move(*rules);
  return rules.has_value();
}

FieldValue extensions_of(const Template& t) {
  std::vector<std::string> out;
  out.reserve(t.extensions.size());
  for (const ExtensionRule& rule : t.extensions) out.push_back(to_text(rule));
  return out;
}

template <std::vector<NameLimit> NameLimits::* field>
bool set_limits(Template& t, const FieldValue& v) {
  const auto* list = std::get_if<std::vector<std::string>>(&v);
  if (list == nullptr) return false;
  std::vector<NameLimit> out;
  for (const std::string& one : *list) {
    auto limit = name_limit(one);
    if (!limit) return false;
    out.push_back(std::move(*limit));
  }
  t.limits.*field = std::move(out);
  return true;
}

template <std::vector<NameLimit> NameLimits::* field>
FieldValue limits_of(const Template& t) {
  std::vector<std::string> out;
  for (const NameLimit& limit : t.limits.*field) out.push_back(limit.text);
  return out;
}

constexpr std::string_view kLimitsFit =
    "a list of \"dns:example.com\", \"email:.example.com\", \"uri:.example.com\", "
    "\"ip:192.0.2.0/24\"";

constexpr std::array kFields = {
    Field<Subject>{"based_on", "the name of a certificate template, or empty",
                   "What is not set here is as there. Empty: as in the built-in one of the same "
                   "name, else as in \"device\".",
                   NAME_FIELD(based_on)},
    Field<Subject>{"summary", "text", "One line for people.", FIELD(summary)},
    Field<Subject>{"keys", "a list of key kinds: \"rsa\", \"p256\", \"ed25519\", \"ml-dsa-65\" …",
                   "Kinds of keys that are certified.", &set_keys,
                   [](const Subject& t) -> FieldValue { return t.key_kinds; }},
    Field<Subject>{"min_rsa_bits", "a number, 2048 to 16384", "Of RSA keys.",
                   NUMBER(min_rsa_bits, 2048, 16384)},
    Field<Subject>{"key_usage", "a list of \"digitalSignature\", \"nonRepudiation\", …",
                   "keyUsage of keys that sign.", &set_usages, &usages_of},
    Field<Subject>{"key_encipherment_for_rsa", kYesNoFits, "And keyEncipherment for RSA.",
                   FIELD(key_encipherment_for_rsa)},
    Field<Subject>{"exchanges_on_request", kYesNoFits,
                   "keyEncipherment (RSA) and keyAgreement (EC) are granted where asked for.",
                   FIELD(exchanges_on_request)},
    Field<Subject>{"purposes", "a list of \"serverAuth\", \"clientAuth\", … or dotted OIDs",
                   "extKeyUsage; a request gets those of them that it asks for. Empty: none.",
                   &set_purposes, &purposes_of},
    Field<Subject>{"san_kinds", "a list of \"dns\", \"ip\", \"email\", \"uri\", \"other\"",
                   "Kinds of names that may be asked for in subjectAltName.", &set_san_kinds,
                   &san_kinds_of},
    Field<Subject>{"san_required", kYesNoFits, "A request without subjectAltName is refused.",
                   FIELD(san_required)},
    Field<Subject>{"subject_required", kYesNoFits,
                   "A request with an empty subject is refused, even with a subjectAltName.",
                   FIELD(subject_required)},
    Field<Subject>{"validity", kDurationFits, "When none is asked for.", FIELD(validity)},
    Field<Subject>{"longest_validity", kDurationFits, "When a longer one is asked for.",
                   FIELD(longest_validity)},
    Field<Subject>{"outside", "\"drop\" or \"refuse\"",
                   "What is asked for beyond the template: left out, which the requester is told "
                   "(grantedWithMods), or refused.",
                   CHOICE(outside, kOutside)},
    Field<Subject>{"lint_cabf", kYesNoFits,
                   "Refuse what the CA/Browser Forum's Baseline Requirements forbid, beside what "
                   "RFC 5280 does.",
                   FIELD(lint_cabf)},
    Field<Subject>{"lint_3gpp", kYesNoFits, "The same for 3GPP TS 33.310.", FIELD(lint_three_gpp)},
    Field<Subject>{"cmp_purposes", kYesNoFits,
                   "cmcCA, cmcRA and cmKGA are granted where asked for: their holders speak for "
                   "others (RFC 9810 §8.10).",
                   FIELD(may_grant_cmp_purposes)},
    Field<Subject>{"by_credential_only", kYesNoFits,
                   "Open only to credentials that were made for it, and for updates of what it "
                   "made.",
                   FIELD(by_credential_only)},
    Field<Subject>{
        "subject",
        "a list of \"CN = request\", \"CN = request:unit-*\", \"O = fixed:Example Ltd\", "
        "\"OU? = device:group\", \"serialNumber = credential:serialNumber\" …; one alone "
        "of each takes from the request",
        "Where each part of the subject comes from, in this order; what is not listed is "
        "beyond the template. Empty: all of it from the request.",
        (&set_rules<&subject_rules, &Template::subject>), &rules_of<&Template::subject>},
    Field<Subject>{"san",
                   "a list of \"dns = request:*.example.com\", \"dns? = device:hostname\", "
                   "\"uri = fixed:urn:example:line1\", \"email = credential:note\" …, of dns, ip, "
                   "email and uri",
                   "The same for subjectAltName; san_kinds counts for nothing then.",
                   (&set_rules<&alternative_name_rules, &Template::alternative_names>),
                   &rules_of<&Template::alternative_names>},
    Field<Subject>{"policies", "a list of dotted OIDs", "certificatePolicies of all of them.",
                   &set_policies, &policies_of},
    Field<Subject>{
        "extensions",
        "a list of \"1.3.6.1.5.5.7.1.24 = fixed:3003020105\" (DER in hexadecimal), "
        "\"1.3.6.1.4.1.311.20.2 = request\" …; none of 2.5.29",
        "Other extensions: what is fixed is always there, what is from the request where "
        "it has it. They are not critical.",
        &set_extensions, &extensions_of},
    Field<Subject>{
        "permitted_names", kLimitsFit,
        "Names of these kinds are within one of these (RFC 5280 §4.2.1.10), whoever asks "
        "and wherever they come from.",
        &set_limits<&NameLimits::permitted>, &limits_of<&NameLimits::permitted>},
    Field<Subject>{"excluded_names", kLimitsFit, "And none is within one of these.",
                   &set_limits<&NameLimits::excluded>, &limits_of<&NameLimits::excluded>},
};

}  // namespace

std::span<const Field<Template>> template_fields() { return kFields; }

unsigned san_kinds_of(const Template& t) noexcept {
  if (t.alternative_names.empty()) return t.san_kinds;
  unsigned out = 0;
  for (const FieldRule& rule : t.alternative_names)
    out |=
        1U << static_cast<unsigned>(std::ranges::find(kSanKinds, rule.field) - kSanKinds.begin());
  return out;
}

bool asks_for_device(const Template& t) noexcept {
  const auto asks = [](const FieldRule& r) { return r.source == FieldRule::Source::device; };
  return std::ranges::any_of(t.subject, asks) || std::ranges::any_of(t.alternative_names, asks);
}

}  // namespace countersign::enrol
