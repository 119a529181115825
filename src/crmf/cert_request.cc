// CertReqMessages, CertReqMsg, CertRequest and their attributes. RFC 4211 §3, §5.
#include <algorithm>

#include "crmf/codec.h"

namespace countersign::crmf {

using der::ListSize;
using der::Parsed;
using der::Reader;
using der::Writer;

namespace {

// SingleAttribute ::= SEQUENCE { type OBJECT IDENTIFIER, value ANY }            RFC 5912 §2
Parsed<Attribute> read_attribute(Reader& in) {
  Reader seq = TRY(in.read(der::Tag::sequence));
  Attribute out;
  out.type = TRY_AT(seq, "type", seq.oid());
  out.value = copy(TRY_AT(seq, "value", seq.well_formed()));
  TRY(seq.finish());
  return out;
}

}  // namespace

// CertRequest ::= SEQUENCE {
//     certReqId     INTEGER,
//     certTemplate  CertTemplate,
//     controls      Controls OPTIONAL }                                           RFC 4211 §5
Parsed<CertRequest> read_cert_request(Reader& in) {
  Reader seq = TRY(in.read(der::Tag::sequence));
  CertRequest out;
  out.cert_req_id.value = TRY_AT(seq, "certReqId", seq.small_integer());
  out.cert_template = TRY_AT(seq, "certTemplate", read_cert_template(seq));
  if (!seq.at_end()) out.controls = TRY_AT(seq, "controls", read_controls(seq));
  TRY(seq.finish());
  return out;
}

namespace {

// CertReqMsg ::= SEQUENCE {
//     certReq   CertRequest,
//     popo      ProofOfPossession  OPTIONAL,
//     regInfo   SEQUENCE SIZE(1..MAX) OF SingleAttribute OPTIONAL }               RFC 4211 §3
Parsed<CertReqMsg> read_cert_req_msg(Reader& in) {
  Reader seq = TRY(in.read(der::Tag::sequence));
  CertReqMsg out;
  const View all = seq.rest();
  out.cert_req = TRY_AT(seq, "certReq", read_cert_request(seq));
  out.cert_req_der = copy(all.first(all.size() - seq.rest().size()));
  if (is_proof_of_possession(seq)) out.popo = TRY_AT(seq, "popo", read_proof_of_possession(seq));
  if (!seq.at_end()) out.reg_info = TRY_AT(seq, "regInfo", read_controls(seq));
  TRY(seq.finish());
  return out;
}

}  // namespace

// CertReqMessages ::= SEQUENCE SIZE (1..MAX) OF CertReqMsg                         RFC 4211 §3
Parsed<CertReqMessages> read_cert_req_messages(Reader& in) {
  return read_list(in, ListSize::one_or_more, read_cert_req_msg);
}

// Controls ::= SEQUENCE SIZE (1..MAX) OF SingleAttribute                           RFC 4211 §6
Parsed<std::vector<Attribute>> read_controls(Reader& in) {
  return read_list(in, ListSize::one_or_more, read_attribute);
}

void write(Writer& w, const std::vector<Attribute>& value) {
  write_list(w, value, [](Writer& s, const Attribute& attribute) {
    s.sequence([&](Writer& a) {
      a.oid(attribute.type);
      a.raw(attribute.value);
    });
  });
}

void write(Writer& w, const CertRequest& value) {
  w.sequence([&](Writer& s) {
    s.integer(value.cert_req_id.value);
    write(s, value.cert_template);
    if (!value.controls.empty()) write(s, value.controls);
  });
}

void write(Writer& w, const CertReqMsg& value) {
  w.sequence([&](Writer& s) {
    if (value.cert_req_der.empty())
      write(s, value.cert_req);
    else
      s.raw(value.cert_req_der);
    if (value.popo) write(s, *value.popo);
    if (!value.reg_info.empty()) write(s, value.reg_info);
  });
}

void write(Writer& w, const CertReqMessages& value) {
  write_list(w, value, [](Writer& s, const CertReqMsg& msg) { write(s, msg); });
}

Bytes encode(const CertRequest& value) {
  Writer w(1024);
  write(w, value);
  return std::move(w).take();
}

View encode_cert_req(CertReqMsg& msg) {
  msg.cert_req_der = encode(msg.cert_req);
  return msg.cert_req_der;
}

const Attribute* find(const std::vector<Attribute>& attributes, const der::Oid& type) noexcept {
  const auto at = std::ranges::find(attributes, type, &Attribute::type);
  return at == attributes.end() ? nullptr : &*at;
}

}  // namespace countersign::crmf
