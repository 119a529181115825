#include "enrol/grant_extensions.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"

namespace countersign::enrol {
namespace {

using Kind = x509::GeneralName::Kind;
using x509::KeyUsages;
namespace oid = x509::oids;

struct KnownName {
  der::Oid id;
  std::string_view name;
};
constexpr std::array kNames = {
    KnownName{oid::subject_key_identifier, "subjectKeyIdentifier"},
    KnownName{oid::key_usage, "keyUsage"},
    KnownName{oid::subject_alt_name, "subjectAltName"},
    KnownName{oid::issuer_alt_name, "issuerAltName"},
    KnownName{oid::basic_constraints, "basicConstraints"},
    KnownName{oid::name_constraints, "nameConstraints"},
    KnownName{oid::crl_distribution_points, "cRLDistributionPoints"},
    KnownName{oid::certificate_policies, "certificatePolicies"},
    KnownName{oid::authority_key_identifier, "authorityKeyIdentifier"},
    KnownName{oid::ext_key_usage, "extKeyUsage"},
    KnownName{oid::authority_info_access, "authorityInfoAccess"},
    KnownName{oid::kp_server_auth, "serverAuth"},
    KnownName{oid::kp_client_auth, "clientAuth"},
    KnownName{oid::kp_email_protection, "emailProtection"},
    KnownName{oid::kp_ipsec_ike, "ipsecIKE"},
    KnownName{oid::kp_cmc_ca, "cmcCA"},
    KnownName{oid::kp_cmc_ra, "cmcRA"},
    KnownName{oid::kp_cm_kga, "cmKGA"},
};

std::string text(const der::Oid& id) {
  const auto known = std::ranges::find(kNames, id, &KnownName::id);
  return known == kNames.end() ? id.dotted() : std::string(known->name);
}

std::string text(const std::vector<der::Oid>& purposes) {
  std::string out;
  for (const der::Oid& purpose : purposes) (out += out.empty() ? "" : ", ") += text(purpose);
  return out.empty() ? "none" : out;
}

std::string text(KeyUsages usages) {
  std::string out;
  for (std::size_t i = 0; i < usages.size(); ++i)
    if (usages.test(i))
      (out += out.empty() ? "" : ", ") += x509::name(static_cast<x509::KeyUsage>(i));
  return out.empty() ? "none" : out;
}

std::unexpected<Error> refuse(std::string_view code, std::string sentence,
                              std::string detail = {}) {
  return fail(Failure::badCertTemplate, code, std::move(sentence), std::move(detail));
}

// The value is read, or the request refused: what is malformed is never merely left out.
template <class T>
Result<T> readable(der::Parsed<T> value, std::string_view field) {
  if (value) return std::move(*value);
  return refuse("template.extension-malformed",
                "the value of the extension " + std::string(field) +
                    " is malformed; encode it as RFC 5280 says, or leave the extension out",
                std::string(der::name(value.error().code)));
}

}  // namespace

void Modifications::add(std::string_view what) {
  if (text_.size() >= kLongest) return;
  if (!text_.empty()) text_ += "; ";
  text_ += what;
  if (text_.size() <= kLongest) return;
  std::size_t end = kLongest;
  while (end > 0 && (static_cast<Byte>(text_[end]) & 0xc0) == 0x80)
    --end;  // not inside a character
  text_.resize(end);
  text_ += " …";
}

namespace {

// One wish at work: each member function settles one extension.
class Granting {
 public:
  Granting(const ExtensionWish& wish, Modifications& changed) : wish_(wish), changed_(changed) {}

  void keep(const x509::Extensions& old);
  Result<> settle(const x509::Extension& asked);
  Result<x509::Extensions> finish();

 private:
  Result<> settle_key_usage(View value);
  Result<> settle_purposes(View value);
  Result<> settle_names(View value);
  Result<> settle_basic_constraints(View value);
  Result<> settle_by(const ExtensionRule& rule, const x509::Extension& asked);
  void take(const x509::Extension& other);
  Result<> outside(std::string_view code, const std::string& what, const std::string& allowed);
  bool may_have(const der::Oid& purpose) const;
  bool may_have(const x509::GeneralName& name) const;
  std::string allowed_names() const;
  KeyUsages provided_usages() const;

  const ExtensionWish& wish_;
  Modifications& changed_;
  std::optional<KeyUsages> usages_;
  std::optional<std::vector<der::Oid>> purposes_;
  std::vector<x509::GeneralName> names_;
  x509::Extensions others_;  // from the request, by rules of the template
};

// RFC 9810 §5.2.3: grantedWithMods tells that the certificate differs from the wish.
Result<> Granting::outside(std::string_view code, const std::string& what,
                           const std::string& allowed) {
  if (wish_.t.outside == Outside::refuse)
    return refuse(code,
                  what + " is not provided for by the profile " + wish_.t.name + "; " + allowed);
  changed_.add(what + " left out");
  return {};
}

KeyUsages Granting::provided_usages() const {
  KeyUsages out = wish_.t.key_usage;
  if (wish_.t.key_encipherment_for_rsa && wish_.key == crypto::KeyKind::rsa)
    out |= x509::usages({x509::KeyUsage::keyEncipherment});
  return out;
}

Result<> Granting::settle_key_usage(View value) {
  const KeyUsages asked = TRY(readable(x509::read_key_usage(value), "keyUsage"));
  const KeyUsages own = provided_usages();
  const KeyUsages provided =
      (asked & own).any() ? own | usages_on_request(wish_.t, wish_.key) : own;
  const KeyUsages beyond = asked & ~provided;
  if (beyond.any())
    TRY(outside("template.key-usage", "keyUsage " + text(beyond),
                "ask for keyUsage " + text(provided) + " at most"));
  // RFC 5280 §4.2.1.3 [MUST] at least one bit is set; with none left the template's own stand.
  const KeyUsages both = asked & provided;
  if (both.any()) usages_ = both;
  if (both.none() && beyond.none())
    changed_.add("keyUsage without a bit replaced by " + text(provided));
  return {};
}

bool Granting::may_have(const der::Oid& purpose) const {
  // RFC 9810 §8.10: these delegate what is the CA's own; so only where the template says so.
  const bool for_cmp =
      purpose == oid::kp_cmc_ca || purpose == oid::kp_cmc_ra || purpose == oid::kp_cm_kga;
  if (for_cmp) return wish_.t.may_grant_cmp_purposes;
  return std::ranges::find(wish_.t.purposes, purpose) != wish_.t.purposes.end();
}

Result<> Granting::settle_purposes(View value) {
  const auto asked = TRY(readable(x509::read_ext_key_usage(value), "extKeyUsage"));
  std::vector<der::Oid> granted;
  for (const der::Oid& purpose : asked) {
    if (may_have(purpose))
      granted.push_back(purpose);
    else
      TRY(outside("template.ext-key-usage", "extKeyUsage " + text(purpose),
                  "allowed are: " + text(wish_.t.purposes)));
  }
  if (!granted.empty()) purposes_ = std::move(granted);
  return {};
}

Result<> Granting::settle_basic_constraints(View value) {
  const auto asked = TRY(readable(x509::read_basic_constraints(value), "basicConstraints"));
  // RFC 5280 §4.2.1.9 [MUST NOT] pathLenConstraint without cA
  if (!asked.ca && asked.path_length)
    return refuse("template.path-length",
                  "basicConstraints has a pathLenConstraint without cA; leave it out");
  if (!asked.ca) return {};  // says what is so without it
  return outside("template.ca", "basicConstraints CA:TRUE", "only end entities are certified");
}

constexpr unsigned bit(Kind kind) {
  switch (kind) {
    case Kind::dNSName:
      return static_cast<unsigned>(SanKinds::dns);
    case Kind::iPAddress:
      return static_cast<unsigned>(SanKinds::ip);
    case Kind::rfc822Name:
      return static_cast<unsigned>(SanKinds::email);
    case Kind::uniformResourceIdentifier:
      return static_cast<unsigned>(SanKinds::uri);
    default:
      return static_cast<unsigned>(SanKinds::other);
  }
}

bool Granting::may_have(const x509::GeneralName& name) const {
  return (san_kinds_of(wish_.t) & bit(name.kind())) != 0;
}

std::string Granting::allowed_names() const {
  constexpr std::array<std::string_view, 5> words = {"dNSName", "iPAddress", "rfc822Name",
                                                     "uniformResourceIdentifier", "other kinds"};
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i)
    if ((san_kinds_of(wish_.t) >> i & 1U) != 0) (out += out.empty() ? "" : ", ") += words[i];
  return out.empty() ? "none" : out;
}

// RFC 1034 §3.5 as RFC 5280 §4.2.1.6 [MUST] wants it; '_' is common, "*." may stand first.
bool is_host(std::string_view host) {
  if (host.starts_with("*.")) host.remove_prefix(2);
  if (host.empty() || host.size() > 253) return false;
  std::size_t label = 0;
  char before = '.';
  for (const char c : host) {
    if (c == '.') {
      if (label == 0 || before == '-') return false;
      label = 0;
    } else {
      const bool fits = ascii::is_alphanumeric(c) || c == '_' || (c == '-' && label != 0);
      ++label;
      if (!fits || label > 63) return false;
    }
    before = c;
  }
  return label != 0 && before != '-';
}

bool is_graphic(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

// The value is what its kind says, so that nobody reads another name in it than we checked.
bool well_formed(const x509::GeneralName& name) {
  der::Context context(name.der);
  der::Reader in(name.der, context);
  const auto tlv = in.any();
  if (!tlv) return false;
  const std::string_view value = countersign::text(tlv->content);
  const std::size_t at = value.find('@');
  switch (name.kind()) {
    case Kind::dNSName:
      return is_host(value);
    case Kind::rfc822Name:  // RFC 5280 §4.2.1.6 [MUST] a Mailbox: local-part@domain
      return at != 0 && at != std::string_view::npos && is_graphic(value) &&
             !value.substr(at + 1).starts_with('*') && is_host(value.substr(at + 1));
    case Kind::uniformResourceIdentifier: {  // RFC 5280 §4.2.1.6 [MUST] a scheme and the rest
      const std::size_t colon = value.find(':');
      return colon != 0 && colon != std::string_view::npos && colon + 1 < value.size() &&
             is_graphic(value) && std::ranges::all_of(value.substr(0, colon), [](char c) {
               return ascii::is_alphanumeric(c) || c == '+' || c == '-' || c == '.';
             });
    }
    default:
      return true;
  }
}

Result<> Granting::settle_names(View value) {
  auto asked = TRY(readable(x509::read_subject_alt_name(value), "subjectAltName"));
  if (asked.size() > kMostSans)
    return refuse("template.san-too-many", "subjectAltName has " + std::to_string(asked.size()) +
                                               " names; ask for " + std::to_string(kMostSans) +
                                               " at most");
  for (x509::GeneralName& name : asked) {
    const std::string shown = "subjectAltName " + x509::to_text(name);
    if (!may_have(name)) {
      TRY(outside("template.san", shown, "allowed kinds: " + allowed_names()));
      continue;
    }
    if (!well_formed(name))
      return refuse("template.san-value",
                    shown +
                        " is not what its kind says; write a host name, a mail address or an "
                        "absolute URI in ASCII");
    names_.push_back(std::move(name));
  }
  return {};
}

void Granting::take(const x509::Extension& other) {
  std::erase_if(others_, [&](const x509::Extension& e) { return e.id == other.id; });
  others_.push_back({other.id, false, other.value});
}

Result<> Granting::settle_by(const ExtensionRule& rule, const x509::Extension& asked) {
  const std::string shown = "extension " + text(asked.id);
  if (!fits_extension(asked.value))
    return refuse("template.extension-malformed",
                  shown + " is not one DER value of at most 4096 octets; mend it, or leave it out");
  if (rule.fixed && *rule.fixed != asked.value)
    return outside("template.extension", shown + " of another value",
                   "leave it out: it has the value of the template");
  if (asked.critical) changed_.add(shown + " made not critical");
  if (!rule.fixed) take(asked);
  return {};
}

// What the template no longer allows goes without a word: nobody asked for it.
void Granting::keep(const x509::Extensions& old) {
  for (const ExtensionRule& rule : wish_.t.extensions)
    if (const auto* had = x509::find(old, rule.id); had != nullptr && !rule.fixed) take(*had);
  if (const auto* usage = x509::find(old, oid::key_usage))
    if (const auto had = x509::read_key_usage(usage->value))
      if (const KeyUsages still = *had & provided_usages(); still.any()) usages_ = still;
  const auto* purposes = x509::find(old, oid::ext_key_usage);
  if (purposes == nullptr) return;
  auto had = x509::read_ext_key_usage(purposes->value);
  if (!had) return;
  std::erase_if(*had, [this](const der::Oid& purpose) { return !may_have(purpose); });
  if (!had->empty()) purposes_ = std::move(*had);
}

// certificatePolicies ::= SEQUENCE SIZE (1..MAX) OF PolicyInformation         RFC 5280 §4.2.1.4
// PolicyInformation ::= SEQUENCE { policyIdentifier CertPolicyId, … OPTIONAL }
x509::Extension make_policies(const std::vector<der::Oid>& policies) {
  der::Writer w;
  w.sequence([&](der::Writer& list) {
    for (const der::Oid& policy : policies) list.sequence([&](der::Writer& s) { s.oid(policy); });
  });
  return {oid::certificate_policies, false, std::move(w).take()};
}

Result<> Granting::settle(const x509::Extension& asked) {
  // The very policies that it gets anyway are no wish for others.
  if (asked.id == oid::certificate_policies && !wish_.t.policies.empty() &&
      asked.value == make_policies(wish_.t.policies).value)
    return {};
  if (asked.id == oid::key_usage) return settle_key_usage(asked.value);
  if (asked.id == oid::ext_key_usage) return settle_purposes(asked.value);
  if (asked.id == oid::subject_alt_name) return settle_names(asked.value);
  if (asked.id == oid::basic_constraints) return settle_basic_constraints(asked.value);
  const auto& rules = wish_.t.extensions;
  const auto rule = std::ranges::find(rules, asked.id, &ExtensionRule::id);
  if (rule != rules.end()) return settle_by(*rule, asked);
  std::string others;
  for (const ExtensionRule& one : rules)
    if (!one.fixed) others += ", " + one.id.dotted();
  return outside("template.extension", "extension " + text(asked.id),
                 "ask for keyUsage, extKeyUsage, subjectAltName" + others + " only");
}

Result<x509::Extensions> Granting::finish() {
  const Template& t = wish_.t;
  if (names_.empty() && t.san_required)
    return refuse("template.san-required", "extensions.subjectAltName is missing; the profile " +
                                               t.name + " wants one of: " + allowed_names());
  x509::Extensions out;
  if (const KeyUsages usages = usages_.value_or(provided_usages()); usages.any())
    out.push_back(x509::make_key_usage(usages));
  if (const auto& purposes = purposes_ ? *purposes_ : t.purposes; !purposes.empty())
    out.push_back(x509::make_ext_key_usage(purposes));
  // RFC 5280 §4.2.1.6 [MUST] critical when the subject is empty; [SHOULD] not critical otherwise.
  if (!names_.empty()) out.push_back(x509::make_subject_alt_name(names_, wish_.empty_subject));
  if (!t.policies.empty()) out.push_back(make_policies(t.policies));
  for (const ExtensionRule& rule : t.extensions) {
    if (rule.fixed) out.push_back({rule.id, false, *rule.fixed});
    if (const auto* other = x509::find(others_, rule.id)) out.push_back(*other);
  }
  return out;
}

}  // namespace

KeyUsages usages_on_request(const Template& t, crypto::KeyKind key) {
  using crypto::KeyKind;
  if (!t.exchanges_on_request) return {};
  if (key == KeyKind::rsa) return x509::usages({x509::KeyUsage::keyEncipherment});
  const bool ec = key == KeyKind::p256 || key == KeyKind::p384 || key == KeyKind::p521;
  return ec ? x509::usages({x509::KeyUsage::keyAgreement}) : KeyUsages{};
}

Result<x509::Extensions> grant_extensions(const ExtensionWish& wish, Modifications& changed) {
  Granting granting(wish, changed);
  granting.keep(wish.kept);
  for (const x509::Extension& asked : wish.asked) TRY(granting.settle(asked));
  return granting.finish();
}

}  // namespace countersign::enrol
