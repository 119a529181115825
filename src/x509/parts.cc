#include "x509/parts.h"

namespace countersign::x509 {

using der::Tag;

der::Parsed<Time> read_time(der::Reader& in) {
  // RFC 5280 §4.1.2.5 [MUST] processing of dates in either form.
  if (in.next_is(Tag::utc_time)) return in.utc_time();
  return in.generalized_time();
}

der::Parsed<View> read_spki(der::Reader& in) {
  const der::Tlv whole = TRY(in.any(Tag::sequence));
  der::Reader seq = TRY(in.open(whole.content));
  der::Reader algorithm = TRY_AT(in, "algorithm", seq.read(Tag::sequence));
  TRY_AT(in, "algorithm.algorithm", algorithm.oid());
  if (!algorithm.at_end()) TRY_AT(in, "algorithm.parameters", algorithm.well_formed());
  TRY_AT(in, "algorithm", algorithm.finish());
  TRY_AT(in, "subjectPublicKey", seq.bit_octets());
  TRY(seq.finish());
  return whole.whole;
}

der::Parsed<Name> read_issuer(der::Reader& tbs) {
  const der::Reader here = tbs;
  Name issuer = TRY_AT(tbs, "issuer", read_name(tbs));
  if (!issuer.is_null()) return issuer;
  tbs.context().unwind("issuer");
  return here.refuse(der::Code::empty);
}

}  // namespace countersign::x509
