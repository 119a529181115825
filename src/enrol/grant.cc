// A certificate order from what was asked. The issuer field, the sender's right to the names and
// the reuse of keys are looked at elsewhere.
#include <algorithm>

#include "crypto/keys.h"
#include "enrol/grant_extensions.h"
#include "enrol/requested_key.h"
#include "enrol/template.h"

namespace countersign::enrol {
namespace {

constexpr std::int64_t kVersion3 = 2;
constexpr std::size_t kLongestCommonName = 64;  // characters
constexpr std::size_t kLongestSubject = 4096;   // octets

std::unexpected<Error> refuse(std::string_view code, std::string sentence) {
  return fail(Failure::badCertTemplate, code, std::move(sentence));
}

// RFC 4211 §5 [MUST] serialNumber, signingAlg, issuerUID and subjectUID are omitted.
// RFC 4211 §5 [MUST] version is 2 if it is there.
Result<> check_fields(const crmf::CertTemplate& asked) {
  if (asked.version.value_or(kVersion3) != kVersion3)
    return refuse("template.version", "certTemplate.version is " + std::to_string(*asked.version) +
                                          "; leave it out or send 2 (v3)");
  if (asked.serial_number)
    return refuse("template.serial-number",
                  "certTemplate.serialNumber is present; leave it out, the CA chooses it");
  if (asked.signing_alg)
    return refuse("template.signing-alg",
                  "certTemplate.signingAlg is present; leave it out, the CA chooses it");
  if (asked.issuer_uid)
    return refuse("template.issuer-uid", "certTemplate.issuerUID is present; leave it out");
  if (asked.subject_uid)
    return refuse("template.subject-uid", "certTemplate.subjectUID is present; leave it out");
  return {};
}

std::string allowed_keys(const Template& t) {
  std::string out;
  for (const std::string& kind : t.key_kinds) {
    (out += out.empty() ? "" : ", ") += kind;
    if (kind == "rsa") out += " of at least " + std::to_string(t.min_rsa_bits) + " bits";
  }
  return out;
}

Result<crypto::PublicKey> check_key(const Template& t, const crmf::CertTemplate& asked,
                                    const crypto::WeakKeyPolicy& keys) {
  auto key = TRY(crypto::PublicKey::from_spki(TRY(requested_key(asked))));
  const std::string_view kind = crypto::is_rsa(key.kind()) ? "rsa" : crypto::name(key.kind());
  if (std::ranges::find(t.key_kinds, kind) == t.key_kinds.end())
    return refuse("template.key-kind", "certTemplate.publicKey is of the kind " +
                                           std::string(kind) + "; the profile " + t.name +
                                           " allows: " + allowed_keys(t));
  if (crypto::is_rsa(key.kind()) && key.bits() < static_cast<unsigned>(t.min_rsa_bits))
    return refuse("template.key-too-short", "certTemplate.publicKey has " +
                                                std::to_string(key.bits()) + " bits; the profile " +
                                                t.name + " allows: " + allowed_keys(t));
  TRY(crypto::check_strength(key, keys));
  return key;
}

std::size_t characters(std::string_view utf8) {
  return static_cast<std::size_t>(
      std::ranges::count_if(utf8, [](char c) { return (static_cast<Byte>(c) & 0xc0) != 0x80; }));
}

// RFC 5280 appendix A.1: ub-common-name INTEGER ::= 64.
Result<x509::Name> check_subject(const crmf::CertTemplate& asked) {
  x509::Name subject = asked.subject.value_or(x509::Name{});
  if (subject.der.size() > kLongestSubject)
    return refuse("template.subject", "certTemplate.subject is longer than " +
                                          std::to_string(kLongestSubject) + " octets; shorten it");
  for (const std::string& cn : x509::attributes(subject, der::Oid::of("2.5.4.3")))
    if (characters(cn) > kLongestCommonName)
      return refuse("template.subject", "a CN of certTemplate.subject is longer than " +
                                            std::to_string(kLongestCommonName) +
                                            " characters; put long names into subjectAltName");
  return subject;
}

Result<> check_named(const Template& t, const x509::Name& subject,
                     const x509::Extensions& granted) {
  if (!subject.is_null()) return {};
  if (t.subject_required)
    return refuse("template.subject-required",
                  "certTemplate.subject is empty; the profile " + t.name + " wants a name");
  // RFC 5280 §4.1.2.6 [MUST] with an empty subject, subjectAltName is there.
  if (x509::find(granted, x509::oids::subject_alt_name) == nullptr)
    return refuse("template.subject-required",
                  "certTemplate.subject is empty and no subjectAltName is granted; name the holder "
                  "in one of them");
  return {};
}

struct Span {
  Time earliest, latest;
};

// A requested time is kept inside the span.
Time inside(const Span& span, const std::optional<crmf::TimeChoice>& asked, Time otherwise,
            std::string_view field, Modifications& changed) {
  if (!asked) return std::clamp(otherwise, span.earliest, span.latest);
  const Time granted = std::clamp(asked->value, span.earliest, span.latest);
  if (granted != asked->value)
    changed.add("validity." + std::string(field) + " " + to_iso(asked->value) + " moved to " +
                to_iso(granted));
  return granted;
}

Result<x509::Validity> grant_validity(const Template& t, const crmf::CertTemplate& asked, Time now,
                                      Seconds backdate, Modifications& changed) {
  const auto wish = asked.validity.value_or(crmf::OptionalValidity{});
  if (wish.not_after && wish.not_after->value <= now)
    return refuse("template.validity", "certTemplate.validity.notAfter " +
                                           to_iso(wish.not_after->value) +
                                           " has passed; our time is " + to_iso(now));
  if (wish.not_after && wish.not_before && wish.not_after->value <= wish.not_before->value)
    return refuse("template.validity",
                  "certTemplate.validity.notAfter is not later than notBefore; swap them");
  const Span span{now - backdate, now + t.longest_validity};
  if (wish.not_before && wish.not_before->value >= span.latest)
    return refuse("template.validity", "certTemplate.validity.notBefore " +
                                           to_iso(wish.not_before->value) +
                                           " is too late; the profile " + t.name +
                                           " certifies up to " + to_iso(span.latest));
  x509::Validity out;
  out.not_before = inside(span, wish.not_before, span.earliest, "notBefore", changed);
  const Time start = std::max(now, out.not_before);
  out.not_after = inside(span, wish.not_after, start + t.validity, "notAfter", changed);
  return out;
}

}  // namespace

Result<transaction::CertificateOrder> grant(const Template& t, const crmf::CertTemplate& asked,
                                            Time now, Seconds backdate,
                                            const x509::Extensions& kept,
                                            const crypto::WeakKeyPolicy& keys) {
  TRY(check_fields(asked));
  const crypto::PublicKey key = TRY(check_key(t, asked, keys));
  auto order = TRY(grant_without_key(t, asked, key.kind(), now, backdate, kept));
  order.spki = *asked.public_key;
  return order;
}

Result<transaction::CertificateOrder> grant_without_key(const Template& t,
                                                        const crmf::CertTemplate& asked,
                                                        crypto::KeyKind kind, Time now,
                                                        Seconds backdate,
                                                        const x509::Extensions& kept) {
  TRY(check_fields(asked));
  Modifications changed;
  transaction::CertificateOrder order;
  order.profile = t.name;
  order.subject = TRY(check_subject(asked));
  order.extensions =
      TRY(grant_extensions({t, asked.extensions, kept, kind, order.subject.is_null()}, changed));
  TRY(check_named(t, order.subject, order.extensions));
  order.validity = TRY(grant_validity(t, asked, now, backdate, changed));
  order.modifications = changed.text();
  return order;
}

}  // namespace countersign::enrol
