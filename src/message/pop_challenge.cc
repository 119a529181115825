// popdecc and popdecr: the direct proof of possession. RFC 9810 §5.2.8.3.3.
#include "message/codec.h"

namespace countersign::message {

using der::context;
using der::ListSize;
using der::Parsed;
using der::Reader;
using der::Writer;

namespace {

// Challenge ::= SEQUENCE {
//     owf                 AlgorithmIdentifier OPTIONAL,
//     witness             OCTET STRING,
//     challenge           OCTET STRING,
//     encryptedRand   [0] EnvelopedData OPTIONAL }                         RFC 9810 §5.2.8.3.3
Parsed<Challenge> read_challenge(Reader& in) {
  Reader seq = TRY(in.read(der::Tag::sequence));
  Challenge out;
  if (seq.next_is(der::Tag::sequence)) out.owf = TRY_AT(seq, "owf", der::read_algorithm(seq));
  out.witness = copy(TRY_AT(seq, "witness", seq.octets()));
  out.challenge = copy(TRY_AT(seq, "challenge", seq.octets()));
  if (seq.next_is(context(0)))
    out.encrypted_rand = TRY_AT(seq, "encryptedRand", read_tagged(seq, 0, [](Reader& inside) {
                                  return crmf::read_enveloped_data(inside);
                                }));
  TRY(seq.finish());
  return out;
}

void write(Writer& w, const Challenge& value) {
  w.sequence([&](Writer& s) {
    if (value.owf) der::write(s, *value.owf);
    s.octets(value.witness);
    s.octets(value.challenge);
    if (value.encrypted_rand)
      s.tagged(0, [&](Writer& t) { crmf::write(t, *value.encrypted_rand); });
  });
}

}  // namespace

// POPODecKeyChallContent ::= SEQUENCE OF Challenge                         RFC 9810 §5.2.8.3.3
Parsed<POPODecKeyChallContent> read_challenges(Reader& in) {
  return read_list(in, ListSize::any, read_challenge);
}

void write(Writer& w, const POPODecKeyChallContent& value) {
  write_list(w, value, [](Writer& list, const Challenge& challenge) { write(list, challenge); });
}

// POPODecKeyRespContent ::= SEQUENCE OF INTEGER                            RFC 9810 §5.2.8.3.3
Parsed<POPODecKeyRespContent> read_challenge_answers(Reader& in) {
  return POPODecKeyRespContent{TRY(read_list(
      in, ListSize::any, [](Reader& list) -> Parsed<Bytes> { return copy(TRY(list.integer())); }))};
}

void write(Writer& w, const POPODecKeyRespContent& value) {
  write_list(w, value.integers,
             [](Writer& list, const Bytes& integer) { list.integer_octets(integer); });
}

}  // namespace countersign::message
