#include "enrol/trust_set.h"

#include "base/ascii.h"
#include "crypto/digest.h"
#include "der/pem.h"
#include "enrol/rights.h"
#include "x509/certificate.h"

namespace countersign::enrol {
namespace {

bool set_certificates(TrustSet& set, const FieldValue& v) {
  return to(set.certificates, v) && anchors_of(set).has_value();
}

bool set_rules(TrustSet& set, const FieldValue& v) {
  const auto* list = std::get_if<std::vector<std::string>>(&v);
  auto rules = list != nullptr ? sender_rules(*list) : std::nullopt;
  if (rules) set.rules = std::move(*rules);
  return rules.has_value();
}

FieldValue rules_of(const TrustSet& set) {
  std::vector<std::string> out;
  out.reserve(set.rules.size());
  for (const SenderRule& rule : set.rules) out.push_back(to_text(rule));
  return out;
}

constexpr bool is_hex(char c) { return ascii::is_digit(c) || (c >= 'a' && c <= 'f'); }

// 64 hexadecimal digits in small letters, or none.
bool to_digest(std::string& out, const FieldValue& v) {
  const auto* s = std::get_if<std::string>(&v);
  if (s == nullptr || (!s->empty() && (s->size() != 64 || !std::ranges::all_of(*s, is_hex))))
    return false;
  out = *s;
  return true;
}

bool set_roles(Operator& who, const FieldValue& v) {
  const auto* list = std::get_if<std::vector<std::string>>(&v);
  const auto known = [](const std::string& role) {
    return std::ranges::find(kRoles, role) != kRoles.end();
  };
  if (list == nullptr || list->empty() || !std::ranges::all_of(*list, known)) return false;
  who.roles = *list;
  return true;
}

using S = TrustSet;
using O = Operator;

constexpr std::array kTrustSetFields = {
    Field<S>{"summary", "text", "One line for people.",
             [](S& s, const FieldValue& v) { return to(s.summary, v); },
             [](const S& s) -> FieldValue { return s.summary; }},
    Field<S>{"certificates", "a list of certificates, PEM, one in each entry",
             "Of the CAs that are trusted. The whole chain up to the root is not needed: each of "
             "these ends a path.",
             &set_certificates, [](const S& s) -> FieldValue { return s.certificates; }},
    Field<S>{"names", "\"self\", \"any\", a list \"a.example,b.example\" or a pattern",
             "What the holders of certificates under these may ask for. self: the names that "
             "their own certificates have.",
             [](S& s, const FieldValue& v) { return to_name_rule(s.names, v); },
             [](const S& s) -> FieldValue { return s.names; }},
    Field<S>{
        "rules",
        "a list of \"subject.serialNumber = SN-* -> profiles = meters; names = self\", "
        "\"issuer.CN = Gateway CA; san.dns = **.example -> profiles = gateways,meters\", "
        "\"serial = 0a1b* -> refuse\", \"any -> profiles = guests\" …",
        "Who of them may ask for what, by the certificate that signs: the first rule that fits "
        "it counts, and whom none fits is refused. The first of its profiles is what a request "
        "gets that names none; names takes the place of those above. Empty: all may ask for "
        "the same.",
        &set_rules, &rules_of},
    Field<S>{"ra", kYesNoFits,
             "The certificates themselves are those of registration authorities, which may speak "
             "for others.",
             [](S& s, const FieldValue& v) { return to(s.is_ra, v); },
             [](const S& s) -> FieldValue { return s.is_ra; }},
};

constexpr std::array kOperatorFields = {
    Field<O>{"full_name", "text", "Of the person or program.",
             [](O& o, const FieldValue& v) { return to(o.full_name, v); },
             [](const O& o) -> FieldValue { return o.full_name; }},
    Field<O>{"email", "text", "Where it is reached.",
             [](O& o, const FieldValue& v) { return to(o.email, v); },
             [](const O& o) -> FieldValue { return o.email; }},
    Field<O>{"roles", "a list of \"administrator\", \"ra_officer\", \"auditor\", \"read_only\"",
             "What it may do.", &set_roles, [](const O& o) -> FieldValue { return o.roles; }},
    Field<O>{"token", "64 hexadecimal digits, or empty",
             "SHA-256 of its bearer token. `countersignd operator add` makes one, and shows it "
             "once.",
             [](O& o, const FieldValue& v) { return to_digest(o.token, v); },
             [](const O& o) -> FieldValue { return o.token; }},
    Field<O>{"certificate", "64 hexadecimal digits, or empty",
             "SHA-256 of its TLS client certificate.",
             [](O& o, const FieldValue& v) { return to_digest(o.certificate, v); },
             [](const O& o) -> FieldValue { return o.certificate; }},
};

}  // namespace

std::span<const Field<TrustSet>> trust_set_fields() { return kTrustSetFields; }
std::span<const Field<Operator>> operator_fields() { return kOperatorFields; }

Result<std::vector<TrustRecord>> anchors_of(const TrustSet& set) {
  std::vector<TrustRecord> out;
  std::shared_ptr<const std::vector<SenderRule>> rules;
  if (!set.rules.empty()) rules = std::make_shared<const std::vector<SenderRule>>(set.rules);
  for (std::size_t i = 0; i < set.certificates.size(); ++i) {
    const auto blocks = der::from_pem(set.certificates[i]);
    const bool one = blocks && blocks->size() == 1 && blocks->front().label == "CERTIFICATE";
    if (!one || !x509::parse_certificate(blocks->front().der))
      return fail(Failure::systemFailure, "trust.certificate",
                  "certificates[" + std::to_string(i) +
                      "] is no X.509 certificate in PEM; give one CERTIFICATE block in each entry");
    const Bytes& der = blocks->front().der;
    out.push_back({crypto::sha256(der), der, set.names, set.is_ra, {}, set.name, rules});
  }
  return out;
}

}  // namespace countersign::enrol
