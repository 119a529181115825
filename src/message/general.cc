// genm, genp and the header's generalInfo: lists of InfoTypeAndValue. RFC 9810 §5.3.19, §5.3.20.
#include "message/codec.h"

namespace countersign::message {

using der::ListSize;
using der::Parsed;
using der::Reader;
using der::Writer;

namespace {

// InfoTypeAndValue ::= SEQUENCE {
//     infoType    OBJECT IDENTIFIER,
//     infoValue   ANY DEFINED BY infoType OPTIONAL }                          RFC 9810 §5.3.19
Parsed<InfoTypeAndValue> read_info(Reader& in) {
  Reader seq = TRY(in.read(der::Tag::sequence));
  InfoTypeAndValue out;
  out.type = TRY_AT(seq, "infoType", seq.oid());
  if (!seq.at_end()) out.value = copy(TRY_AT(seq, "infoValue", seq.well_formed()));
  TRY(seq.finish());
  return out;
}

}  // namespace

Parsed<std::vector<InfoTypeAndValue>> read_info_list(Reader& in, ListSize size) {
  return read_list(in, size, read_info);
}

void write_info_list(Writer& w, const std::vector<InfoTypeAndValue>& value) {
  write_list(w, value, [](Writer& list, const InfoTypeAndValue& item) {
    list.sequence([&](Writer& s) {
      s.oid(item.type);
      s.raw(item.value);
    });
  });
}

// GenMsgContent ::= SEQUENCE OF InfoTypeAndValue                              RFC 9810 §5.3.19
// GenRepContent ::= SEQUENCE OF InfoTypeAndValue                              RFC 9810 §5.3.20
Parsed<InfoMsgContent> read_general_message(Reader& in) {
  return InfoMsgContent{TRY(read_info_list(in, ListSize::any))};
}

void write(Writer& w, const InfoMsgContent& value) { write_info_list(w, value.items); }

}  // namespace countersign::message
