// CertTemplate: the fields of the certificate that is asked for. RFC 4211 §5.
#include "crmf/codec.h"

namespace countersign::crmf {

using der::context;
using der::Parsed;
using der::primitive_context;
using der::Reader;
using der::Tag;
using der::Writer;

// Time ::= CHOICE { utcTime UTCTime, generalTime GeneralizedTime }               RFC 5280 §4.1
Parsed<TimeChoice> read_time_choice(Reader& in) {
  if (in.next_is(Tag::utc_time)) return TimeChoice{TRY(in.utc_time()), false};
  return TimeChoice{TRY(in.generalized_time()), true};
}

void write(Writer& w, const TimeChoice& value) {
  if (value.generalized) return w.generalized_time(value.value);
  w.x509_time(value.value);
}

namespace {

// OptionalValidity ::= SEQUENCE {
//     notBefore  [0] Time OPTIONAL,
//     notAfter   [1] Time OPTIONAL } -- at least one MUST be present            RFC 4211 §5
Parsed<OptionalValidity> read_validity(Reader& in, Tag tag) {
  Reader seq = TRY(in.read(tag));
  // RFC 4211 §5 [MUST] at least one of notBefore and notAfter is present
  if (seq.at_end()) return seq.refuse(der::Code::empty);
  OptionalValidity out;
  if (seq.next_is(context(0)))
    out.not_before = TRY_AT(seq, "notBefore", read_tagged(seq, 0, read_time_choice));
  if (seq.next_is(context(1)))
    out.not_after = TRY_AT(seq, "notAfter", read_tagged(seq, 1, read_time_choice));
  TRY(seq.finish());
  return out;
}

void write(Writer& w, const OptionalValidity& value, Tag tag) {
  w.element(tag, [&](Writer& s) {
    if (value.not_before) s.tagged(0, [&](Writer& t) { crmf::write(t, *value.not_before); });
    if (value.not_after) s.tagged(1, [&](Writer& t) { crmf::write(t, *value.not_after); });
  });
}

Parsed<x509::Name> read_tagged_name(Reader& in, unsigned n) {
  return read_tagged(in, n, [](Reader& inside) { return x509::read_name(inside); });
}

Parsed<> read_identity(Reader& seq, CertTemplate& out) {
  if (seq.next_is(primitive_context(0)))
    out.version = TRY_AT(seq, "version", seq.small_integer(primitive_context(0)));
  if (seq.next_is(primitive_context(1)))
    out.serial_number = copy(TRY_AT(seq, "serialNumber", seq.integer(primitive_context(1))));
  if (seq.next_is(context(2)))
    out.signing_alg = TRY_AT(seq, "signingAlg", der::read_algorithm(seq, context(2)));
  // A Name is a CHOICE, so these two tags are explicit.
  if (seq.next_is(context(3))) out.issuer = TRY_AT(seq, "issuer", read_tagged_name(seq, 3));
  if (seq.next_is(context(4)))
    out.validity = TRY_AT(seq, "validity", read_validity(seq, context(4)));
  if (seq.next_is(context(5))) out.subject = TRY_AT(seq, "subject", read_tagged_name(seq, 5));
  return {};
}

Parsed<> read_key_and_extensions(Reader& seq, CertTemplate& out) {
  if (seq.next_is(context(6)))
    out.public_key = TRY_AT(seq, "publicKey", read_public_key(seq, context(6)));
  if (seq.next_is(primitive_context(7)))
    out.issuer_uid = TRY_AT(seq, "issuerUID", seq.bits(primitive_context(7)));
  if (seq.next_is(primitive_context(8)))
    out.subject_uid = TRY_AT(seq, "subjectUID", seq.bits(primitive_context(8)));
  if (seq.next_is(context(9)))
    out.extensions = TRY_AT(seq, "extensions", x509::read_extensions(seq, context(9)));
  return {};
}

}  // namespace

// CertTemplate ::= SEQUENCE {
//     version      [0] Version               OPTIONAL,
//     serialNumber [1] INTEGER               OPTIONAL,
//     signingAlg   [2] AlgorithmIdentifier   OPTIONAL,
//     issuer       [3] Name                  OPTIONAL,
//     validity     [4] OptionalValidity      OPTIONAL,
//     subject      [5] Name                  OPTIONAL,
//     publicKey    [6] SubjectPublicKeyInfo  OPTIONAL,
//     issuerUID    [7] UniqueIdentifier      OPTIONAL,
//     subjectUID   [8] UniqueIdentifier      OPTIONAL,
//     extensions   [9] Extensions            OPTIONAL }                           RFC 4211 §5
Parsed<CertTemplate> read_cert_template(Reader& in, Tag tag) {
  Reader seq = TRY(in.read(tag));
  CertTemplate out;
  TRY(read_identity(seq, out));
  TRY(read_key_and_extensions(seq, out));
  TRY(seq.finish());
  return out;
}

void write(Writer& w, const CertTemplate& value, Tag tag) {
  w.element(tag, [&](Writer& s) {
    if (value.version) s.integer(*value.version, primitive_context(0));
    if (value.serial_number) s.integer_octets(*value.serial_number, primitive_context(1));
    if (value.signing_alg) der::write(s, *value.signing_alg, context(2));
    if (value.issuer) s.tagged(3, [&](Writer& t) { x509::write(t, *value.issuer); });
    if (value.validity) write(s, *value.validity, context(4));
    if (value.subject) s.tagged(5, [&](Writer& t) { x509::write(t, *value.subject); });
    if (value.public_key) write_public_key(s, *value.public_key, context(6));
    if (value.issuer_uid) s.bits(*value.issuer_uid, primitive_context(7));
    if (value.subject_uid) s.bits(*value.subject_uid, primitive_context(8));
    if (!value.extensions.empty()) x509::write(s, value.extensions, context(9));
  });
}

namespace {

// As der::read_algorithm checks it, and nothing kept.
Parsed<> check_algorithm(Reader& in) {
  Reader seq = TRY(in.read(Tag::sequence));
  TRY_AT(seq, "algorithm", seq.oid());
  if (!seq.at_end()) TRY_AT(seq, "parameters", seq.well_formed());
  return seq.finish();
}

}  // namespace

// SubjectPublicKeyInfo ::= SEQUENCE {
//     algorithm         AlgorithmIdentifier,
//     subjectPublicKey  BIT STRING }                                            RFC 5280 §4.1
Parsed<Bytes> read_public_key(Reader& in, Tag tag) {
  const der::Tlv tlv = TRY(in.any(tag));
  Reader seq = TRY(in.open(tlv.content));
  TRY_AT(seq, "algorithm", check_algorithm(seq));
  TRY_AT(seq, "subjectPublicKey", seq.bit_content());
  TRY(seq.finish());
  return as_sequence(tlv.whole);
}

void write_public_key(Writer& w, const Bytes& public_key, Tag tag) {
  write_retagged(w, public_key, tag);
}

}  // namespace countersign::crmf
