// What certificates, requests and CRLs have in common.
#pragma once

#include "der/algorithm.h"
#include "der/error.h"
#include "der/reader.h"
#include "der/writer.h"

namespace countersign::x509 {

// Time ::= CHOICE { utcTime UTCTime, generalTime GeneralizedTime }          RFC 5280 §4.1.2.5
der::Parsed<Time> read_time(der::Reader& in);

// SubjectPublicKeyInfo ::= SEQUENCE { algorithm AlgorithmIdentifier,
//                                     subjectPublicKey BIT STRING }         RFC 5280 §4.1.2.7
// The whole TLV, checked for form.
der::Parsed<View> read_spki(der::Reader& in);

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
