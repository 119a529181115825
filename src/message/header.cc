// PKIHeader: who, to whom, when, in which transaction. RFC 9810 §5.1.1.
#include "message/codec.h"

namespace countersign::message {

using der::context;
using der::ListSize;
using der::Parsed;
using der::Reader;
using der::Writer;

namespace {

Parsed<Bytes> read_tagged_octets(Reader& in, unsigned n) {
  return read_tagged(in, n,
                     [](Reader& inside) -> Parsed<Bytes> { return copy(TRY(inside.octets())); });
}

void write_tagged_octets(Writer& w, unsigned n, View octets) {
  w.tagged(n, [&](Writer& t) { t.octets(octets); });
}

Parsed<> read_keys(Reader& seq, PKIHeader& out) {
  if (seq.next_is(context(0))) {
    auto time = TRY_AT(seq, "messageTime",
                       read_tagged(seq, 0, [](Reader& inside) { return inside.timestamp(); }));
    out.message_time = time.time;
    out.message_time_fraction = std::move(time.fraction);
  }
  if (seq.next_is(context(1)))
    out.protection_alg =
        TRY_AT(seq, "protectionAlg",
               read_tagged(seq, 1, [](Reader& inside) { return der::read_algorithm(inside); }));
  if (seq.next_is(context(2)))
    out.sender_kid = TRY_AT(seq, "senderKID", read_tagged_octets(seq, 2));
  if (seq.next_is(context(3))) out.recip_kid = TRY_AT(seq, "recipKID", read_tagged_octets(seq, 3));
  return {};
}

Parsed<> read_transaction(Reader& seq, PKIHeader& out) {
  if (seq.next_is(context(4)))
    out.transaction_id = TransactionId{TRY_AT(seq, "transactionID", read_tagged_octets(seq, 4))};
  if (seq.next_is(context(5)))
    out.sender_nonce = Nonce{TRY_AT(seq, "senderNonce", read_tagged_octets(seq, 5))};
  if (seq.next_is(context(6)))
    out.recip_nonce = Nonce{TRY_AT(seq, "recipNonce", read_tagged_octets(seq, 6))};
  return {};
}

}  // namespace

// PKIHeader ::= SEQUENCE {
//     pvno                INTEGER     { cmp1999(1), cmp2000(2), cmp2021(3) },
//     sender              GeneralName,
//     recipient           GeneralName,
//     messageTime     [0] GeneralizedTime         OPTIONAL,
//     protectionAlg   [1] AlgorithmIdentifier     OPTIONAL,
//     senderKID       [2] KeyIdentifier           OPTIONAL,
//     recipKID        [3] KeyIdentifier           OPTIONAL,
//     transactionID   [4] OCTET STRING            OPTIONAL,
//     senderNonce     [5] OCTET STRING            OPTIONAL,
//     recipNonce      [6] OCTET STRING            OPTIONAL,
//     freeText        [7] PKIFreeText             OPTIONAL,
//     generalInfo     [8] SEQUENCE SIZE (1..MAX) OF
//                         InfoTypeAndValue        OPTIONAL }                   RFC 9810 §5.1.1
Parsed<> read_parties(Reader& seq, PKIHeader& out) {
  out.pvno = TRY_AT(seq, "pvno", seq.small_integer());
  out.sender = TRY_AT(seq, "sender", x509::read_general_name(seq));
  out.recipient = TRY_AT(seq, "recipient", x509::read_general_name(seq));
  return {};
}

Parsed<> read_options(Reader& seq, PKIHeader& out) {
  TRY(read_keys(seq, out));
  TRY(read_transaction(seq, out));
  if (seq.next_is(context(7)))
    out.free_text = TRY_AT(seq, "freeText", read_tagged(seq, 7, read_free_text));
  if (seq.next_is(context(8)))
    out.general_info = TRY_AT(seq, "generalInfo", read_tagged(seq, 8, [](Reader& inside) {
                                return read_info_list(inside, ListSize::one_or_more);
                              }));
  return seq.finish();
}

Parsed<PKIHeader> read_header(Reader& in) {
  Reader seq = TRY(in.read(der::Tag::sequence));
  PKIHeader out;
  TRY(read_parties(seq, out));
  TRY(read_options(seq, out));
  return out;
}

void write(Writer& w, const PKIHeader& value) {
  w.sequence([&](Writer& s) {
    s.integer(value.pvno);
    x509::write(s, value.sender);
    x509::write(s, value.recipient);
    if (value.message_time)
      s.tagged(0,
               [&](Writer& t) { t.timestamp(*value.message_time, value.message_time_fraction); });
    if (value.protection_alg) s.tagged(1, [&](Writer& t) { der::write(t, *value.protection_alg); });
    if (value.sender_kid) write_tagged_octets(s, 2, *value.sender_kid);
    if (value.recip_kid) write_tagged_octets(s, 3, *value.recip_kid);
    if (value.transaction_id) write_tagged_octets(s, 4, value.transaction_id->octets);
    if (value.sender_nonce) write_tagged_octets(s, 5, value.sender_nonce->octets);
    if (value.recip_nonce) write_tagged_octets(s, 6, value.recip_nonce->octets);
    if (!value.free_text.empty())
      s.tagged(7, [&](Writer& t) { write_free_text(t, value.free_text); });
    if (!value.general_info.empty())
      s.tagged(8, [&](Writer& t) { write_info_list(t, value.general_info); });
  });
}

}  // namespace countersign::message
