// EncryptedKey: a private key or certificate that is encrypted for its owner. RFC 4211 §6.4.
#include "crmf/codec.h"

namespace countersign::crmf {

using der::context;
using der::Parsed;
using der::primitive_context;
using der::Reader;
using der::Tag;
using der::Writer;

// EnvelopedData ::= SEQUENCE { version, … }   opened by who decrypts it          RFC 5652 §6.1
Parsed<EnvelopedData> read_enveloped_data(Reader& in, Tag tag) {
  return EnvelopedData{as_sequence(TRY(in.well_formed(tag)))};
}

void write(Writer& w, const EnvelopedData& value, Tag tag) { write_retagged(w, value.der, tag); }

namespace {

// EncryptedValue ::= SEQUENCE {
//     intendedAlg   [0] AlgorithmIdentifier  OPTIONAL,
//     symmAlg       [1] AlgorithmIdentifier  OPTIONAL,
//     encSymmKey    [2] BIT STRING           OPTIONAL,
//     keyAlg        [3] AlgorithmIdentifier  OPTIONAL,
//     valueHint     [4] OCTET STRING         OPTIONAL,
//     encValue       BIT STRING }            -- Deprecated                       RFC 4211 §6.4
Parsed<EncryptedValue> read_encrypted_value(Reader& in) {
  Reader seq = TRY(in.read(Tag::sequence));
  EncryptedValue out;
  if (seq.next_is(context(0)))
    out.intended_alg = TRY_AT(seq, "intendedAlg", der::read_algorithm(seq, context(0)));
  if (seq.next_is(context(1)))
    out.symm_alg = TRY_AT(seq, "symmAlg", der::read_algorithm(seq, context(1)));
  if (seq.next_is(primitive_context(2)))
    out.enc_symm_key = TRY_AT(seq, "encSymmKey", seq.bits(primitive_context(2)));
  if (seq.next_is(context(3)))
    out.key_alg = TRY_AT(seq, "keyAlg", der::read_algorithm(seq, context(3)));
  if (seq.next_is(primitive_context(4)))
    out.value_hint = copy(TRY_AT(seq, "valueHint", seq.octets(primitive_context(4))));
  out.enc_value = TRY_AT(seq, "encValue", seq.bits());
  TRY(seq.finish());
  return out;
}

void write(Writer& w, const EncryptedValue& value) {
  w.sequence([&](Writer& s) {
    if (value.intended_alg) der::write(s, *value.intended_alg, context(0));
    if (value.symm_alg) der::write(s, *value.symm_alg, context(1));
    if (value.enc_symm_key) s.bits(*value.enc_symm_key, primitive_context(2));
    if (value.key_alg) der::write(s, *value.key_alg, context(3));
    if (value.value_hint) s.octets(*value.value_hint, primitive_context(4));
    s.bits(value.enc_value);
  });
}

}  // namespace

// EncryptedKey ::= CHOICE {
//     encryptedValue        EncryptedValue,   -- Deprecated
//     envelopedData     [0] EnvelopedData }                                      RFC 4211 §6.4
Parsed<EncryptedKey> read_encrypted_key(Reader& in) {
  if (in.next_is(context(0)))
    return TRY_AT(in, "envelopedData", read_enveloped_data(in, context(0)));
  return TRY_AT(in, "encryptedValue", read_encrypted_value(in));
}

void write(Writer& w, const EncryptedKey& value) {
  if (const auto* enveloped = std::get_if<EnvelopedData>(&value))
    write(w, *enveloped, context(0));
  else
    write(w, std::get<EncryptedValue>(value));
}

}  // namespace countersign::crmf
