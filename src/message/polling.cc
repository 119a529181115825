// pollReq and pollRep. RFC 9810 §5.3.22.
#include "message/codec.h"

namespace countersign::message {

using der::ListSize;
using der::Parsed;
using der::Reader;
using der::Tag;
using der::Writer;

namespace {

Parsed<PollReq> read_poll_req(Reader& in) {
  Reader entry = TRY(in.read(Tag::sequence));
  const std::int64_t id = TRY_AT(entry, "certReqId", entry.small_integer());
  TRY(entry.finish());
  return PollReq{RequestId{id}};
}

Parsed<PollRep> read_poll_rep(Reader& in) {
  Reader entry = TRY(in.read(Tag::sequence));
  PollRep out;
  out.cert_req_id.value = TRY_AT(entry, "certReqId", entry.small_integer());
  out.check_after = TRY_AT(entry, "checkAfter", entry.small_integer());
  if (!entry.at_end()) out.reason = TRY_AT(entry, "reason", read_free_text(entry));
  TRY(entry.finish());
  return out;
}

}  // namespace

// PollReqContent ::= SEQUENCE OF SEQUENCE {
//     certReqId              INTEGER }                                        RFC 9810 §5.3.22
Parsed<PollReqContent> read_poll_request(Reader& in) {
  return read_list(in, ListSize::any, read_poll_req);
}

void write(Writer& w, const PollReqContent& value) {
  write_list(w, value, [](Writer& list, const PollReq& request) {
    list.sequence([&](Writer& s) { s.integer(request.cert_req_id.value); });
  });
}

// PollRepContent ::= SEQUENCE OF SEQUENCE {
//     certReqId              INTEGER,
//     checkAfter             INTEGER,  -- time in seconds
//     reason                 PKIFreeText OPTIONAL }                           RFC 9810 §5.3.22
Parsed<PollRepContent> read_poll_response(Reader& in) {
  return read_list(in, ListSize::any, read_poll_rep);
}

void write(Writer& w, const PollRepContent& value) {
  write_list(w, value, [](Writer& list, const PollRep& reply) {
    list.sequence([&](Writer& s) {
      s.integer(reply.cert_req_id.value);
      s.integer(reply.check_after);
      if (!reply.reason.empty()) write_free_text(s, reply.reason);
    });
  });
}

}  // namespace countersign::message
