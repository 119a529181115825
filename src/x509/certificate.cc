#include "x509/certificate.h"

#include <algorithm>

#include "base/ascii.h"
#include "der/pem.h"
#include "x509/parts.h"

namespace countersign::x509 {
namespace {

using der::Code;
using der::Parsed;
using der::Reader;
using der::Tag;
using der::Writer;

constexpr std::int64_t kV1 = 0, kV3 = 2;

//   Version ::= INTEGER { v1(0), v2(1), v3(2) }                              RFC 5280 §4.1.2.1
Parsed<std::int64_t> read_version(Reader& tbs) {
  if (!tbs.next_is(der::context(0))) return kV1;
  Reader tagged = TRY(tbs.read(der::context(0)));
  const Reader here = tagged;
  const std::int64_t version = TRY(tagged.small_integer());
  // X.690 §11.5: the DEFAULT v1 is not encoded.
  if (version <= kV1 || version > kV3) return here.refuse(Code::value);
  TRY(tagged.finish());
  return version;
}

//   Validity ::= SEQUENCE { notBefore Time, notAfter Time }                  RFC 5280 §4.1.2.5
Parsed<Validity> read_validity(Reader& tbs) {
  Reader seq = TRY(tbs.read(Tag::sequence));
  Validity out;
  out.not_before = TRY_AT(seq, "notBefore", read_time(seq));
  out.not_after = TRY_AT(seq, "notAfter", read_time(seq));
  TRY(seq.finish());
  return out;
}

// What stands behind the public key: unique identifiers are checked and not kept.
Parsed<Extensions> read_optional_parts(Reader& tbs, std::int64_t version) {
  constexpr Tag kIssuerUniqueId = der::primitive_context(1);
  constexpr Tag kSubjectUniqueId = der::primitive_context(2);
  // RFC 5280 §4.1.2.8 [MUST] unique identifiers in version 2 or 3 only.
  if (version > kV1 && tbs.next_is(kIssuerUniqueId))
    TRY_AT(tbs, "issuerUniqueID", tbs.bits(kIssuerUniqueId));
  if (version > kV1 && tbs.next_is(kSubjectUniqueId))
    TRY_AT(tbs, "subjectUniqueID", tbs.bits(kSubjectUniqueId));
  // RFC 5280 §4.1.2.9 [MUST] extensions in version 3 only.
  if (version != kV3 || !tbs.next_is(der::context(3))) return Extensions{};
  Reader tagged = TRY_AT(tbs, "extensions", tbs.read(der::context(3)));
  Extensions out = TRY_AT(tbs, "extensions", read_extensions(tagged));
  TRY_AT(tbs, "extensions", tagged.finish());
  return out;
}

// RFC 5280 §4.1
//   TBSCertificate ::= SEQUENCE {
//     version [0] EXPLICIT Version DEFAULT v1, serialNumber CertificateSerialNumber,
//     signature AlgorithmIdentifier, issuer Name, validity Validity, subject Name,
//     subjectPublicKeyInfo SubjectPublicKeyInfo,
//     issuerUniqueID [1] IMPLICIT UniqueIdentifier OPTIONAL,
//     subjectUniqueID [2] IMPLICIT UniqueIdentifier OPTIONAL,
//     extensions [3] EXPLICIT Extensions OPTIONAL }
// Gives the octets of `signature`; the caller compares them.
Parsed<View> read_tbs(Reader& tbs, Certificate& out) {
  const std::int64_t version = TRY_AT(tbs, "version", read_version(tbs));
  out.serial = copy(TRY_AT(tbs, "serialNumber", tbs.integer()));  // departure 1
  const View signature = TRY_AT(tbs, "signature", tbs.any(Tag::sequence)).whole;
  out.issuer = TRY(read_issuer(tbs));
  out.validity = TRY_AT(tbs, "validity", read_validity(tbs));
  out.subject = TRY_AT(tbs, "subject", read_name(tbs));
  out.spki = copy(TRY_AT(tbs, "subjectPublicKeyInfo", read_spki(tbs)));
  out.extensions = TRY(read_optional_parts(tbs, version));
  TRY(tbs.finish());
  return signature;
}

// RFC 5280 §4.1
//   Certificate ::= SEQUENCE { tbsCertificate TBSCertificate,
//                              signatureAlgorithm AlgorithmIdentifier, signatureValue BIT STRING }
Parsed<Certificate> read_certificate(Reader& in) {
  Certificate out;
  auto parts =
      TRY(read_signed(in, "tbsCertificate", [&](Reader& tbs) { return read_tbs(tbs, out); }));
  out.signature_algorithm = std::move(parts.algorithm);
  out.signature = copy(parts.signature);
  out.der = copy(parts.whole);
  out.tbs = copy(parts.tbs);
  return out;
}

std::unexpected<Error> no_certificate() {
  return fail(Failure::badDataFormat, "x509.no-certificate",
              "the file holds no certificate; give one in PEM (BEGIN CERTIFICATE) or DER");
}

// One or more certificates in DER, one behind the other.
Result<std::vector<Bytes>> certificates_in_der(View content) {
  std::vector<Bytes> out;
  der::Context context(content);
  Reader in(content, context);
  while (!in.at_end()) {
    const auto next = in.any(Tag::sequence);
    if (!next) return std::unexpected(to_error(next.error(), context, "file"));
    TRY(parse_certificate(next->whole));
    out.push_back(copy(next->whole));
  }
  if (out.empty()) return no_certificate();
  return out;
}

}  // namespace

std::optional<Bytes> serial_of(View certificate) {
  const auto read = [&]() -> Parsed<View> {
    der::Context context(certificate);
    Reader in(certificate, context);
    Reader outer = TRY(in.read(Tag::sequence));
    Reader tbs = TRY(outer.read(Tag::sequence));
    TRY(read_version(tbs));
    return tbs.integer();
  };
  const auto serial = read();
  if (!serial) return std::nullopt;
  return copy(*serial);
}

Result<Certificate> parse_certificate(View der) {
  return read_whole(der, "certificate", {}, read_certificate);
}

Result<std::vector<Bytes>> certificates_from_file(View content) {
  if (!text(content).contains("-----BEGIN ")) return certificates_in_der(content);
  auto blocks = der::from_pem(text(content));
  if (!blocks) return no_certificate();
  std::vector<Bytes> out;
  for (der::PemBlock& block : *blocks) {
    if (block.label != "CERTIFICATE" && block.label != "X509 CERTIFICATE") continue;
    TRY(parse_certificate(block.der));
    out.push_back(std::move(block.der));
  }
  if (out.empty()) return no_certificate();
  return out;
}

std::optional<KeyUsages> Certificate::key_usage() const {
  const Extension* found = find(extensions, oids::key_usage);
  if (found == nullptr) return std::nullopt;
  return read_key_usage(found->value).value_or(KeyUsages{});
}

std::vector<der::Oid> Certificate::ext_key_usage() const {
  const Extension* found = find(extensions, oids::ext_key_usage);
  if (found == nullptr) return {};
  return read_ext_key_usage(found->value).value_or(std::vector<der::Oid>{});
}

bool Certificate::has_purpose(const der::Oid& purpose) const {
  const auto purposes = ext_key_usage();
  return std::ranges::find(purposes, purpose) != purposes.end();
}

std::vector<GeneralName> Certificate::subject_alt_names() const {
  const Extension* found = find(extensions, oids::subject_alt_name);
  if (found == nullptr) return {};
  return read_subject_alt_name(found->value).value_or(std::vector<GeneralName>{});
}

Bytes Certificate::subject_key_identifier() const {
  const Extension* found = find(extensions, oids::subject_key_identifier);
  if (found == nullptr) return {};
  return read_subject_key_identifier(found->value).value_or(Bytes{});
}

bool Certificate::is_ca() const {
  const Extension* found = find(extensions, oids::basic_constraints);
  return found != nullptr && read_basic_constraints(found->value).value_or(BasicConstraints{}).ca;
}

Bytes encode_tbs(const CertificateFields& fields) {
  Writer w(512 + fields.spki.size());
  w.sequence([&](Writer& tbs) {
    tbs.tagged(0, [](Writer& version) { version.integer(kV3); });
    tbs.unsigned_integer(fields.serial);
    write(tbs, fields.signature_algorithm);
    write(tbs, fields.issuer);
    tbs.sequence([&](Writer& validity) {
      validity.x509_time(fields.validity.not_before);
      validity.x509_time(fields.validity.not_after);
    });
    write(tbs, fields.subject);
    tbs.raw(fields.spki);
    if (!fields.extensions.empty())
      tbs.tagged(3, [&](Writer& tagged) { write(tagged, fields.extensions); });
  });
  return std::move(w).take();
}

Bytes join_signed(View tbs, const der::AlgorithmIdentifier& algorithm, View signature) {
  Writer w(tbs.size() + signature.size() + 64);
  w.sequence([&](Writer& s) {
    s.raw(tbs);
    write(s, algorithm);
    s.bit_octets(signature);
  });
  return std::move(w).take();
}

std::string serial_text(View serial) {
  Bytes magnitude = copy(serial);
  const bool negative = !serial.empty() && serial[0] >= 0x80;
  for (std::size_t i = magnitude.size(), carry = 1; negative && i > 0; --i) {
    const std::size_t sum = static_cast<Byte>(~magnitude[i - 1]) + carry;
    magnitude[i - 1] = static_cast<Byte>(sum);
    carry = sum >> 8;
  }
  View digits = magnitude;
  if (digits.size() > 1 && digits[0] == 0) digits = digits.subspan(1);  // the sign octet
  return (negative ? "-" : "") + ascii::upper_case(to_hex(digits));
}

}  // namespace countersign::x509
