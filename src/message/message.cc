// PKIMessage, PKIBody and `nested`. RFC 9810 §5.1, §5.1.2, §5.1.3.5.
#include "message/codec.h"

#include "der/error.h"
#include "message/body_table.h"

namespace countersign::message {

using der::context;
using der::ListSize;
using der::Parsed;
using der::Reader;
using der::Tag;
using der::Writer;

namespace {

const BodyRow* row_of(Tag tag) noexcept {
  const auto n = static_cast<std::size_t>(static_cast<Byte>(tag)) -
                 static_cast<std::size_t>(static_cast<Byte>(context(0)));
  return n < kBodyTable.size() ? &kBodyTable[n] : nullptr;
}

Parsed<BodyContent> read_content(Reader& in, Tag tag, const BodyRow& row) {
  Reader inside = TRY(in.read(tag));
  auto content = row.read(inside);
  if (content) TRY(inside.finish());
  return content;
}

void write_header_and_body(Writer& w, const PKIMessage& message) {
  if (!message.header_and_body.empty()) return w.raw(message.header_and_body);
  write(w, message.header);
  write(w, message.body);
}

}  // namespace

// PKIBody ::= CHOICE { ir [0] CertReqMessages, … }                              RFC 9810 §5.1.2
Parsed<PKIBody> read_body(Reader& in) {
  if (in.at_end()) return in.refuse(der::Code::truncated);
  const auto tag = static_cast<Tag>(in.rest().front());
  const BodyRow* const row = row_of(tag);
  // RFC 9483 §3.5 a body type that is not supported is a badRequest
  if (row == nullptr)
    return std::unexpected(der::Fault{der::Code::unsupported, Failure::badRequest,
                                      in.fault(der::Code::unsupported).offset});
  return PKIBody{row->type, TRY_AT(in, row->name, read_content(in, tag, *row))};
}

void write(Writer& w, const PKIBody& value) {
  const auto type = static_cast<unsigned>(value.type);
  w.tagged(type, [&](Writer& t) { kBodyTable[type].write(t, value.content); });
}

// PKIMessage ::= SEQUENCE {
//     header           PKIHeader,
//     body             PKIBody,
//     protection   [0] PKIProtection OPTIONAL,   -- a BIT STRING
//     extraCerts   [1] SEQUENCE SIZE (1..MAX) OF CMPCertificate OPTIONAL }        RFC 9810 §5.1
Parsed<PKIMessage> read_message(Reader& in) {
  Reader seq = TRY(in.read(Tag::sequence));
  const View all = seq.rest();
  PKIMessage out;
  out.header = TRY_AT(seq, "header", read_header(seq));
  out.body = TRY_AT(seq, "body", read_body(seq));
  // RFC 9810 §5.1.3 protection is over these octets, not over what they decode to
  out.header_and_body = copy(all.first(all.size() - seq.rest().size()));
  if (seq.next_is(context(0)))
    out.protection = TRY_AT(seq, "protection",
                            read_tagged(seq, 0, [](Reader& inside) { return inside.bits(); }));
  if (seq.next_is(context(1)))
    out.extra_certs = TRY_AT(seq, "extraCerts", read_tagged(seq, 1, read_certificates));
  TRY(seq.finish());
  return out;
}

void write(Writer& w, const PKIMessage& value) {
  w.sequence([&](Writer& s) {
    write_header_and_body(s, value);
    if (value.protection) s.tagged(0, [&](Writer& t) { t.bits(*value.protection); });
    if (!value.extra_certs.empty())
      s.tagged(1, [&](Writer& t) { write_certificates(t, value.extra_certs); });
  });
}

// PKIMessages ::= SEQUENCE SIZE (1..MAX) OF PKIMessage                          RFC 9810 §5.1.3.5
Parsed<std::vector<PKIMessage>> read_messages(Reader& in) {
  return read_list(in, ListSize::one_or_more, read_message);
}

void write_messages(Writer& w, const std::vector<PKIMessage>& value) {
  write_list(w, value, [](Writer& list, const PKIMessage& message) { write(list, message); });
}

// NestedMessageContent ::= PKIMessages                                        RFC 9810 §5.1.3.5
Parsed<NestedMessageContent> read_nested(Reader& in) {
  return NestedMessageContent{TRY(read_messages(in))};
}

void write(Writer& w, const NestedMessageContent& value) { write_messages(w, value.messages); }

namespace {

Parsed<PKIMessage> read_whole(View der, der::Context& context) {
  Reader in(der, context);
  if (der.size() > context.limits().bytes) return in.refuse(der::Code::too_large);
  auto message = read_message(in);
  if (message) TRY(in.finish());
  return message;
}

// Room for the message without growing: what is kept as octets, and a guess at the rest.
std::size_t expected_size(const PKIMessage& message) {
  std::size_t size = message.header_and_body.empty() ? 2048 : message.header_and_body.size();
  if (message.protection) size += message.protection->octets.size();
  for (const CMPCertificate& certificate : message.extra_certs) size += certificate.size();
  return size + 64;
}

// The inside of the outermost SEQUENCE, even of one that was cut off.
View inside_of_sequence(View der) {
  if (der.size() < 2 || der[0] != static_cast<Byte>(Tag::sequence)) return der.first(0);
  const std::size_t skip = 2 + (der[1] < 0x80 ? 0U : der[1] & 0x7fU);
  return der.subspan(std::min(skip, der.size()));
}

}  // namespace

Result<PKIMessage> parse_message(View der, const der::Limits& limits) {
  der::Context context(der, limits);
  auto message = read_whole(der, context);
  if (!message) [[unlikely]]
    return std::unexpected(
        der::to_error(message.error(), context, context.path().empty() ? "message" : ""));
  return *std::move(message);
}

Bytes encode(const PKIMessage& message) {
  Writer w(expected_size(message));
  write(w, message);
  return std::move(w).take();
}

Bytes encode_header_and_body(const PKIMessage& message) {
  Writer w(2048);
  write(w, message.header);
  write(w, message.body);
  return std::move(w).take();
}

// ProtectedPart ::= SEQUENCE { header PKIHeader, body PKIBody }                 RFC 9810 §5.1.3
Bytes protected_part(View header_and_body) {
  Writer w(header_and_body.size() + 8);
  w.sequence([&](Writer& s) { s.raw(header_and_body); });
  return std::move(w).take();
}

Bytes protected_part(const PKIMessage& message) {
  Writer w(expected_size(message));
  w.sequence([&](Writer& s) { write_header_and_body(s, message); });
  return std::move(w).take();
}

std::optional<PKIHeader> salvage_header(View der) {
  der::Context context(der);
  Reader in(inside_of_sequence(der), context);
  auto seq = in.read(Tag::sequence);
  PKIHeader out;
  if (!seq || !read_parties(*seq, out)) return std::nullopt;
  // Whatever follows is kept up to the first fault.
  static_cast<void>(read_options(*seq, out));
  return out;
}

}  // namespace countersign::message
