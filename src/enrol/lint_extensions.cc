// The rules about validity, keyUsage, extKeyUsage and basicConstraints.
#include <algorithm>
#include <array>

#include "enrol/lint_rule.h"

namespace countersign::enrol::linting {
namespace {

using crypto::KeyKind;
using x509::KeyUsage;
using x509::KeyUsages;
namespace oid = x509::oids;

constexpr KeyUsages kSigning = x509::usages({KeyUsage::digitalSignature, KeyUsage::nonRepudiation,
                                             KeyUsage::keyCertSign, KeyUsage::cRLSign});
constexpr KeyUsages kAgreeing =
    x509::usages({KeyUsage::keyAgreement, KeyUsage::encipherOnly, KeyUsage::decipherOnly});

bool is_kem(KeyKind kind) {
  return kind == KeyKind::ml_kem_512 || kind == KeyKind::ml_kem_768 || kind == KeyKind::ml_kem_1024;
}

KeyUsages usages_of(KeyKind kind) {
  // RFC 4055 §1.2: rsaEncryption signs and enciphers, id-RSASSA-PSS signs.
  if (kind == KeyKind::rsa)
    return kSigning | x509::usages({KeyUsage::keyEncipherment, KeyUsage::dataEncipherment});
  // RFC 8813 §3 [MUST NOT] keyEncipherment and dataEncipherment with id-ecPublicKey.
  if (crypto::is_ec(kind)) return kSigning | kAgreeing;
  // RFC 8410 §5 [MUST] keyAgreement with X25519 and X448.
  if (kind == KeyKind::x25519 || kind == KeyKind::x448) return kAgreeing;
  // RFC 9935 §5 [MUST] keyEncipherment is the only bit with ML-KEM.
  if (is_kem(kind)) return x509::usages({KeyUsage::keyEncipherment});
  // RFC 9295 §3 (EdDSA), RFC 9881 §5 (ML-DSA), RFC 9909 §6 (SLH-DSA) [MUST NOT] encipherment or
  // agreement.
  return kSigning;
}

std::string text(KeyUsages usages) {
  std::string out;
  for (std::size_t i = 0; i < usages.size(); ++i)
    if (usages.test(i)) (out += out.empty() ? "" : ", ") += x509::name(static_cast<KeyUsage>(i));
  return out;
}

constexpr std::array kKnown = {
    oid::subject_key_identifier,
    oid::key_usage,
    oid::subject_alt_name,
    oid::issuer_alt_name,
    oid::basic_constraints,
    oid::name_constraints,
    oid::crl_distribution_points,
    oid::certificate_policies,
    oid::authority_key_identifier,
    oid::ext_key_usage,
    oid::authority_info_access,
    der::Oid::of("2.5.29.33"),           // policyMappings
    der::Oid::of("2.5.29.36"),           // policyConstraints
    der::Oid::of("2.5.29.54"),           // inhibitAnyPolicy
    der::Oid::of("2.5.29.9"),            // subjectDirectoryAttributes
    der::Oid::of("2.5.29.46"),           // freshestCRL
    der::Oid::of("1.3.6.1.5.5.7.1.11"),  // subjectInfoAccess
};

// RFC 5280 §4.2.1.12: the bits of keyUsage that may be consistent with a purpose.
struct Purpose {
  der::Oid id;
  KeyUsages usages;
};
constexpr KeyUsages kSignature =
    x509::usages({KeyUsage::digitalSignature, KeyUsage::nonRepudiation});
constexpr std::array kPurposes = {
    Purpose{oid::kp_server_auth, x509::usages({KeyUsage::digitalSignature,
                                               KeyUsage::keyEncipherment, KeyUsage::keyAgreement})},
    Purpose{oid::kp_client_auth,
            x509::usages({KeyUsage::digitalSignature, KeyUsage::keyAgreement})},
    Purpose{der::Oid::of("1.3.6.1.5.5.7.3.3"),  // codeSigning
            x509::usages({KeyUsage::digitalSignature})},
    Purpose{oid::kp_email_protection,
            x509::usages({KeyUsage::digitalSignature, KeyUsage::nonRepudiation,
                          KeyUsage::keyEncipherment, KeyUsage::keyAgreement})},
    Purpose{der::Oid::of("1.3.6.1.5.5.7.3.8"), kSignature},  // timeStamping
    Purpose{der::Oid::of("1.3.6.1.5.5.7.3.9"), kSignature},  // OCSPSigning
};

}  // namespace

void validity_order(const Seen& seen, Report& report) {
  const x509::Validity& span = seen.order.validity;
  if (span.not_after < span.not_before)
    report.add(to_iso(span.not_before) + " to " + to_iso(span.not_after));
}

// RFC 5280 §4.1.2.5 [MUST] UTCTime through 2049, which begins in 1950; GeneralizedTime has four
// digits for the year.
void validity_range(const Seen& seen, Report& report) {
  for (const Time t : {seen.order.validity.not_before, seen.order.validity.not_after})
    if (const int year = to_civil(t).year; year < 1950 || year > 9999) report.add(to_iso(t));
}

// RFC 5280 §4.2 [MUST NOT] more than one instance of an extension.
void extension_twice(const Seen& seen, Report& report) {
  const x509::Extensions& all = seen.order.extensions;
  for (auto at = all.begin(); at != all.end(); ++at)
    if (std::find_if(all.begin(), at, [&](const auto& e) { return e.id == at->id; }) != at)
      report.add(at->id.dotted());
}

// RFC 5280 §4.2.1.3 [MUST] at least one bit of keyUsage; §4.2.1.6 [MUST] four or sixteen octets of
// iPAddress: the readers ask for both. A subjectAltName without a name has a rule of its own.
void extension_malformed(const Seen& seen, Report& report) {
  const auto check = [&](const der::Oid& id, std::string_view name, auto read) {
    const auto* found = seen.extension(id);
    const bool own_rule =
        id == oid::subject_alt_name && found != nullptr && equal(found->value, kEmptySequence);
    if (found != nullptr && !own_rule && !read(found->value)) report.add(name);
  };
  check(oid::key_usage, "keyUsage", x509::read_key_usage);
  check(oid::ext_key_usage, "extKeyUsage", x509::read_ext_key_usage);
  check(oid::basic_constraints, "basicConstraints", x509::read_basic_constraints);
  check(oid::subject_alt_name, "subjectAltName", x509::read_subject_alt_name);
}

void extension_unknown(const Seen& seen, Report& report) {
  for (const x509::Extension& extension : seen.order.extensions)
    if (extension.critical && std::ranges::find(kKnown, extension.id) == kKnown.end())
      report.add(extension.id.dotted());
}

// RFC 5280 §4.2.1.3 [SHOULD] keyUsage is critical.
void usage_critical(const Seen& seen, Report& report) {
  const auto* found = seen.extension(oid::key_usage);
  if (found != nullptr && !found->critical) report.add();
}

void usage_of_key(const Seen& seen, Report& report) {
  if (!seen.usage || !seen.key) return;
  const KeyUsages allowed = usages_of(*seen.key);
  if (const KeyUsages beyond = *seen.usage & ~allowed; beyond.any())
    report.add(text(beyond) + " for " + std::string(crypto::name(*seen.key)) + "; it may have " +
               text(allowed));
  const bool agrees_only = *seen.key == KeyKind::x25519 || *seen.key == KeyKind::x448;
  if (agrees_only && !seen.has(KeyUsage::keyAgreement)) report.add("keyAgreement is missing");
}

void encipher_only(const Seen& seen, Report& report) {
  const bool encipher = seen.has(KeyUsage::encipherOnly);
  const bool decipher = seen.has(KeyUsage::decipherOnly);
  if ((encipher && decipher) || ((encipher || decipher) && !seen.has(KeyUsage::keyAgreement)))
    report.add();
}

// RFC 5280 §4.2.1.9 [MUST NOT] keyCertSign without cA.
void key_cert_sign(const Seen& seen, Report& report) {
  const bool ca = seen.basic && seen.basic->ca;
  if (seen.has(KeyUsage::keyCertSign) && !ca) report.add();
}

// RFC 5280 §4.2.1.9 [MUST] basicConstraints of a CA is critical; [MUST NOT] pathLenConstraint
// without cA and keyCertSign.
void basic_constraints(const Seen& seen, Report& report) {
  if (!seen.basic) return;
  if (seen.basic->ca && !seen.extension(oid::basic_constraints)->critical)
    report.add("it is not critical");
  if (seen.basic->path_length && !(seen.basic->ca && seen.has(KeyUsage::keyCertSign)))
    report.add("pathLenConstraint");
}

// RFC 5280 §4.2.1.12 [MUST NOT] be used for any purpose if none is consistent with both.
void purpose_usage(const Seen& seen, Report& report) {
  if (!seen.usage || seen.purposes.empty()) return;
  const bool useful = std::ranges::any_of(seen.purposes, [&](const der::Oid& id) {
    const auto known = std::ranges::find(kPurposes, id, &Purpose::id);
    return known == kPurposes.end() || (known->usages & *seen.usage).any();
  });
  if (!useful) report.add("keyUsage " + text(*seen.usage));
}

}  // namespace countersign::enrol::linting
