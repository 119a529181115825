// ProofOfPossession and what it is made of. RFC 4211 §4.
#include "crmf/codec.h"

namespace countersign::crmf {

using der::context;
using der::Parsed;
using der::primitive_context;
using der::Reader;
using der::Tag;
using der::Writer;

// PKMACValue ::= SEQUENCE { algId AlgorithmIdentifier, value BIT STRING }       RFC 4211 §4.1
Parsed<PKMACValue> read_pk_mac_value(Reader& in, Tag tag) {
  Reader seq = TRY(in.read(tag));
  PKMACValue out;
  out.alg_id = TRY_AT(seq, "algId", der::read_algorithm(seq));
  out.value = TRY_AT(seq, "value", seq.bits());
  TRY(seq.finish());
  return out;
}

void write(Writer& w, const PKMACValue& value, Tag tag) {
  w.element(tag, [&](Writer& s) {
    der::write(s, value.alg_id);
    s.bits(value.value);
  });
}

namespace {

// POPOSigningKeyInput ::= SEQUENCE {
//     authInfo            CHOICE {
//         sender              [0] GeneralName,
//         publicKeyMAC        PKMACValue },
//     publicKey           SubjectPublicKeyInfo }                                RFC 4211 §4.1
Parsed<POPOSigningKeyInput> read_signing_key_input(Reader& in, Tag tag) {
  Reader seq = TRY(in.read(tag));
  POPOSigningKeyInput out;
  if (seq.next_is(context(0)))  // explicit: a GeneralName is a CHOICE
    out.auth_info =
        TRY_AT(seq, "authInfo.sender",
               read_tagged(seq, 0, [](Reader& inside) { return x509::read_general_name(inside); }));
  else
    out.auth_info = TRY_AT(seq, "authInfo.publicKeyMAC", read_pk_mac_value(seq));
  out.public_key = TRY_AT(seq, "publicKey", read_public_key(seq));
  TRY(seq.finish());
  return out;
}

void write(Writer& w, const POPOSigningKeyInput& value, Tag tag) {
  w.element(tag, [&](Writer& s) {
    if (const auto* sender = std::get_if<x509::GeneralName>(&value.auth_info))
      s.tagged(0, [&](Writer& t) { x509::write(t, *sender); });
    else
      crmf::write(s, std::get<PKMACValue>(value.auth_info));
    write_public_key(s, value.public_key);
  });
}

// POPOSigningKey ::= SEQUENCE {
//     poposkInput           [0] POPOSigningKeyInput OPTIONAL,
//     algorithmIdentifier   AlgorithmIdentifier,
//     signature             BIT STRING }                                        RFC 4211 §4.1
Parsed<POPOSigningKey> read_signing_key(Reader& in, Tag tag) {
  Reader seq = TRY(in.read(tag));
  POPOSigningKey out;
  if (seq.next_is(context(0)))
    out.popo_sk_input = TRY_AT(seq, "poposkInput", read_signing_key_input(seq, context(0)));
  out.algorithm_identifier = TRY_AT(seq, "algorithmIdentifier", der::read_algorithm(seq));
  out.signature = TRY_AT(seq, "signature", seq.bits());
  TRY(seq.finish());
  return out;
}

void write(Writer& w, const POPOSigningKey& value, Tag tag) {
  w.element(tag, [&](Writer& s) {
    if (value.popo_sk_input) write(s, *value.popo_sk_input, context(0));
    der::write(s, value.algorithm_identifier);
    s.bits(value.signature);
  });
}

// SubsequentMessage ::= INTEGER { encrCert (0), challengeResp (1) }             RFC 4211 §4.2
Parsed<SubsequentMessage> read_subsequent_message(Reader& in, Tag tag) {
  const der::Fault out_of_range = in.fault(der::Code::value);
  const std::int64_t value = TRY(in.small_integer(tag));
  if (value != 0 && value != 1) return std::unexpected(out_of_range);
  return static_cast<SubsequentMessage>(value);
}

// POPOPrivKey ::= CHOICE {
//     thisMessage       [0] BIT STRING,         -- Deprecated
//     subsequentMessage [1] SubsequentMessage,
//     dhMAC             [2] BIT STRING,         -- Deprecated
//     agreeMAC          [3] PKMACValue,
//     encryptedKey      [4] EnvelopedData }                                     RFC 4211 §4.2
Parsed<POPOPrivKey> read_priv_key(Reader& in) {
  if (in.next_is(primitive_context(0)))
    return ThisMessage{TRY_AT(in, "thisMessage", in.bits(primitive_context(0)))};
  if (in.next_is(primitive_context(1)))
    return TRY_AT(in, "subsequentMessage", read_subsequent_message(in, primitive_context(1)));
  if (in.next_is(primitive_context(2)))
    return DhMac{TRY_AT(in, "dhMAC", in.bits(primitive_context(2)))};
  if (in.next_is(context(3)))
    return AgreeMac{TRY_AT(in, "agreeMAC", read_pk_mac_value(in, context(3)))};
  return TRY_AT(in, "encryptedKey", read_enveloped_data(in, context(4)));
}

struct PrivKeyWriter {
  Writer& w;
  void operator()(const ThisMessage& v) const { w.bits(v.value, primitive_context(0)); }
  void operator()(SubsequentMessage v) const {
    w.integer(static_cast<std::int64_t>(v), primitive_context(1));
  }
  void operator()(const DhMac& v) const { w.bits(v.value, primitive_context(2)); }
  void operator()(const AgreeMac& v) const { crmf::write(w, v.value, context(3)); }
  void operator()(const EnvelopedData& v) const { crmf::write(w, v, context(4)); }
};

void write_tagged_priv_key(Writer& w, unsigned n, const POPOPrivKey& value) {
  w.tagged(n, [&](Writer& t) { std::visit(PrivKeyWriter{t}, value); });
}

struct PopWriter {
  Writer& w;
  void operator()(const RaVerified&) const { w.null(primitive_context(0)); }
  void operator()(const POPOSigningKey& v) const { write(w, v, context(1)); }
  void operator()(const KeyEncipherment& v) const { write_tagged_priv_key(w, 2, v.value); }
  void operator()(const KeyAgreement& v) const { write_tagged_priv_key(w, 3, v.value); }
};

}  // namespace

// ProofOfPossession ::= CHOICE {
//     raVerified        [0] NULL,
//     signature         [1] POPOSigningKey,
//     keyEncipherment   [2] POPOPrivKey,
//     keyAgreement      [3] POPOPrivKey }    -- a CHOICE: the last two are explicit  RFC 4211 §4
Parsed<ProofOfPossession> read_proof_of_possession(Reader& in) {
  if (in.next_is(primitive_context(0))) {
    TRY_AT(in, "raVerified", in.null(primitive_context(0)));
    return RaVerified{};
  }
  if (in.next_is(context(1))) return TRY_AT(in, "signature", read_signing_key(in, context(1)));
  if (in.next_is(context(2)))
    return KeyEncipherment{TRY_AT(in, "keyEncipherment", read_tagged(in, 2, read_priv_key))};
  return KeyAgreement{TRY_AT(in, "keyAgreement", read_tagged(in, 3, read_priv_key))};
}

bool is_proof_of_possession(const Reader& in) noexcept {
  return in.next_is(primitive_context(0)) || in.next_is(context(1)) || in.next_is(context(2)) ||
         in.next_is(context(3));
}

void write(Writer& w, const ProofOfPossession& value) { std::visit(PopWriter{w}, value); }

Bytes encode(const POPOSigningKeyInput& value) {
  Writer w(512);
  write(w, value, Tag::sequence);
  return std::move(w).take();
}

}  // namespace countersign::crmf
