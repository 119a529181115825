// The extensions that we act on, read from their values.
#include <limits>

#include "x509/extension.h"

namespace countersign::x509 {
namespace {

using der::Code;
using der::Parsed;
using der::Reader;
using der::Tag;

// Runs `read` over the value and refuses what follows it.
template <class Read>
auto whole(View value, Read&& read) -> decltype(read(std::declval<Reader&>())) {
  der::Context context(value);
  Reader in(value, context);
  auto out = read(in);
  if (out) TRY(in.finish());
  return out;
}

}  // namespace

// RFC 5280 §4.2.1.9
//   BasicConstraints ::= SEQUENCE { cA BOOLEAN DEFAULT FALSE, pathLenConstraint INTEGER OPTIONAL }
Parsed<BasicConstraints> read_basic_constraints(View value) {
  return whole(value, [](Reader& in) -> Parsed<BasicConstraints> {
    Reader seq = TRY(in.read(Tag::sequence));
    BasicConstraints out;
    if (seq.next_is(Tag::boolean)) out.ca = TRY(seq.boolean());  // departure 1
    if (!seq.at_end()) {
      const Reader here = seq;
      const std::int64_t length = TRY(seq.small_integer());
      if (length < 0 || length > std::numeric_limits<int>::max())
        return here.refuse(Code::integer_range);
      out.path_length = static_cast<int>(length);
    }
    TRY(seq.finish());
    return out;
  });
}

// RFC 5280 §4.2.1.3
//   KeyUsage ::= BIT STRING { digitalSignature (0), … decipherOnly (8) }
Parsed<KeyUsages> read_key_usage(View value) {
  return whole(value, [](Reader& in) -> Parsed<KeyUsages> {
    const Reader here = in;
    const der::BitString bits = TRY(in.bits());  // departure 2
    KeyUsages out;
    for (std::size_t i = 0; i < bits.octets.size() * 8; ++i) {
      if ((bits.octets[i / 8] & 0x80U >> i % 8) == 0) continue;
      if (i >= out.size()) return here.refuse(Code::value);
      out.set(i);
    }
    // RFC 5280 §4.2.1.3 [MUST] at least one of the bits is 1.
    if (out.none()) return here.refuse(Code::empty);
    return out;
  });
}

// RFC 5280 §4.2.1.12
//   ExtKeyUsageSyntax ::= SEQUENCE SIZE (1..MAX) OF KeyPurposeId
Parsed<std::vector<der::Oid>> read_ext_key_usage(View value) {
  return whole(value, [](Reader& in) -> Parsed<std::vector<der::Oid>> {
    Reader list = TRY(in.read(Tag::sequence));
    if (list.at_end()) return list.refuse(Code::empty);
    std::vector<der::Oid> out;
    while (!list.at_end()) {
      TRY(list.count(out.size() + 1));
      out.push_back(TRY(list.oid()));
    }
    return out;
  });
}

// RFC 5280 §4.2.1.6
//   SubjectAltName ::= GeneralNames
Parsed<std::vector<GeneralName>> read_subject_alt_name(View value) {
  return whole(value, [](Reader& in) { return read_general_names(in); });
}

// RFC 5280 §4.2.1.2
//   SubjectKeyIdentifier ::= KeyIdentifier                 KeyIdentifier ::= OCTET STRING
Parsed<Bytes> read_subject_key_identifier(View value) {
  return whole(value, [](Reader& in) -> Parsed<Bytes> { return copy(TRY(in.octets())); });
}

// RFC 5280 §4.2.1.1
//   AuthorityKeyIdentifier ::= SEQUENCE {
//     keyIdentifier [0] KeyIdentifier OPTIONAL, authorityCertIssuer [1] GeneralNames OPTIONAL,
//     authorityCertSerialNumber [2] CertificateSerialNumber OPTIONAL }
Parsed<std::optional<Bytes>> read_authority_key_identifier(View value) {
  constexpr Tag kKeyIdentifier = der::primitive_context(0);
  constexpr Tag kSerialNumber = der::primitive_context(2);
  return whole(value, [](Reader& in) -> Parsed<std::optional<Bytes>> {
    Reader seq = TRY(in.read(Tag::sequence));
    const bool has_key = seq.next_is(kKeyIdentifier);
    View key;
    if (has_key) key = TRY(seq.octets(kKeyIdentifier));
    const bool has_issuer = seq.next_is(der::context(1));
    if (has_issuer) TRY(read_general_names(seq, der::context(1)));
    // RFC 5280 §4.2.1.1 [MUST] issuer and serial number are both present or both absent.
    if (has_issuer != seq.next_is(kSerialNumber)) return seq.refuse(Code::value);
    if (has_issuer) TRY(seq.integer(kSerialNumber));
    TRY(seq.finish());
    if (!has_key) return std::nullopt;
    return copy(key);
  });
}

// RFC 5280 §5.3.1
//   CRLReason ::= ENUMERATED { unspecified (0), … aACompromise (10) }
Parsed<int> read_reason_code(View value) {
  return whole(value, [](Reader& in) -> Parsed<int> {
    const Reader here = in;
    const std::int64_t reason = TRY(in.small_integer(Tag::enumerated));
    if (reason < 0 || reason > CrlReason::aACompromise ||
        reason_name(static_cast<int>(reason)).empty())
      return here.refuse(Code::value);
    return static_cast<int>(reason);
  });
}

// RFC 5280 §5.3.2
//   InvalidityDate ::= GeneralizedTime
Parsed<Time> read_invalidity_date(View value) {
  return whole(value, [](Reader& in) { return in.generalized_time(); });
}

}  // namespace countersign::x509
