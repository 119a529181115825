// ErrorMsgContent. RFC 9810 §5.3.21.
#include "message/codec.h"

namespace countersign::message {

using der::Parsed;
using der::Reader;
using der::Tag;
using der::Writer;

// ErrorMsgContent ::= SEQUENCE {
//     pKIStatusInfo          PKIStatusInfo,
//     errorCode              INTEGER           OPTIONAL,
//     errorDetails           PKIFreeText       OPTIONAL }                     RFC 9810 §5.3.21
Parsed<ErrorMsgContent> read_error(Reader& in) {
  Reader seq = TRY(in.read(Tag::sequence));
  ErrorMsgContent out;
  out.status = TRY_AT(seq, "pKIStatusInfo", read_status_info(seq));
  if (seq.next_is(Tag::integer)) out.error_code = copy(TRY_AT(seq, "errorCode", seq.integer()));
  if (!seq.at_end()) out.error_details = TRY_AT(seq, "errorDetails", read_free_text(seq));
  TRY(seq.finish());
  return out;
}

void write(Writer& w, const ErrorMsgContent& value) {
  w.sequence([&](Writer& s) {
    write(s, value.status);
    if (value.error_code) s.integer_octets(*value.error_code);
    if (!value.error_details.empty()) write_free_text(s, value.error_details);
  });
}

}  // namespace countersign::message
