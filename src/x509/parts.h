// What certificates, requests and CRLs have in common.
#pragma once

#include "der/algorithm.h"
#include "der/error.h"
#include "der/reader.h"
#include "der/writer.h"
#include "x509/name.h"

namespace countersign::x509 {

// Time ::= CHOICE { utcTime UTCTime, generalTime GeneralizedTime }          RFC 5280 §4.1.2.5
der::Parsed<Time> read_time(der::Reader& in);

// SubjectPublicKeyInfo ::= SEQUENCE { algorithm AlgorithmIdentifier,
//                                     subjectPublicKey BIT STRING }         RFC 5280 §4.1.2.7
// The whole TLV, checked for form.
der::Parsed<View> read_spki(der::Reader& in);

// The non-empty name that RFC 5280 §4.1.2.4 and §5.1.2.3 [MUST] ask of an issuer.
der::Parsed<Name> read_issuer(der::Reader& tbs);

// What certificates and CRLs are: SEQUENCE { tbs, signatureAlgorithm, signatureValue }.
struct SignedParts {
  View whole, tbs;  // TLVs
  der::AlgorithmIdentifier algorithm;
  View signature;
};
// `read_tbs` reads what is in the tbs, named `part` in errors, and gives the octets of its own
// AlgorithmIdentifier. RFC 5280 §4.1.1.2, §5.1.1.2 [MUST] both are the same.
template <class ReadTbs>
der::Parsed<SignedParts> read_signed(der::Reader& in, std::string_view part, ReadTbs&& read_tbs) {
  SignedParts out;
  const der::Tlv whole = TRY(in.any(der::Tag::sequence));
  der::Reader parts = TRY(in.open(whole.content));
  const der::Tlv tbs = TRY_AT(in, part, parts.any(der::Tag::sequence));
  der::Reader inside = TRY_AT(in, part, parts.open(tbs.content));
  const View inner_algorithm = TRY_AT(in, part, read_tbs(inside));
  const der::Reader at_algorithm = parts;
  out.algorithm = TRY_AT(in, "signatureAlgorithm", der::read_algorithm(parts));
  const View outer_algorithm =
      at_algorithm.rest().first(at_algorithm.rest().size() - parts.rest().size());
  if (!equal(inner_algorithm, outer_algorithm)) {
    in.context().unwind("signatureAlgorithm");
    return at_algorithm.refuse(der::Code::value);
  }
  out.signature = TRY_AT(in, "signatureValue", parts.bit_octets());
  TRY(parts.finish());
  out.whole = whole.whole;
  out.tbs = tbs.whole;
  return out;
}

// The whole encoding within the limits, read by `read`, with nothing behind it.
template <class Read>
auto read_whole(View der, std::string_view what, const der::Limits& limits, Read&& read)
    -> Result<typename decltype(read(std::declval<der::Reader&>()))::value_type> {
  der::Context context(der, limits);
  der::Reader in(der, context);
  if (der.size() > limits.bytes)
    return std::unexpected(to_error(in.fault(der::Code::too_large), context, what));
  auto value = read(in);
  if (!value) return std::unexpected(to_error(value.error(), context, what));
  if (const auto end = in.finish(); !end)
    return std::unexpected(to_error(end.error(), context, what));
  return std::move(*value);
}

}  // namespace countersign::x509
