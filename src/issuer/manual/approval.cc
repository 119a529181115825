#include "issuer/manual/approval.h"

#include "der/reader.h"
#include "der/writer.h"
#include "x509/extension.h"

namespace countersign::issuer {
namespace {

using der::Parsed;
using der::Reader;
using der::Tag;
using der::Writer;
using transaction::CertificateOrder;
using transaction::RevocationOrder;

// StoredApproval ::= SEQUENCE {
//   version INTEGER (1), stage INTEGER, asked GeneralizedTime, comment UTF8String,
//   decided [0] GeneralizedTime OPTIONAL,
//   order CHOICE { certificate [1] StoredCertificateOrder, revocation [2] StoredRevocation } }
// StoredCertificateOrder ::= SEQUENCE {
//   profile UTF8String, subject Name, spki OCTET STRING, notBefore GeneralizedTime,
//   notAfter GeneralizedTime, modifications UTF8String,
//   replaces [0] OCTET STRING OPTIONAL, original [1] OCTET STRING OPTIONAL,
//   extensions Extensions OPTIONAL }
// StoredRevocation ::= SEQUENCE { serial OCTET STRING, reason INTEGER,
//                                 invalidityDate GeneralizedTime OPTIONAL }
// How a key that was made here reaches its requester is the transaction's to remember.
constexpr std::int64_t kVersion = 1;
constexpr unsigned kCertificate = 1, kRevocation = 2;

void write_order(Writer& w, const CertificateOrder& order) {
  w.tagged(kCertificate, [&](Writer& s) {
    s.utf8(order.profile);
    x509::write(s, order.subject);
    s.octets(order.spki);
    s.generalized_time(order.validity.not_before);
    s.generalized_time(order.validity.not_after);
    s.utf8(order.modifications);
    if (order.replaces) s.octets(*order.replaces, der::primitive_context(0));
    if (!order.original.empty()) s.octets(order.original, der::primitive_context(1));
    if (!order.extensions.empty()) x509::write(s, order.extensions);
  });
}

void write_order(Writer& w, const RevocationOrder& order) {
  w.tagged(kRevocation, [&](Writer& s) {
    s.octets(order.serial);
    s.integer(order.reason);
    if (order.invalidity_date) s.generalized_time(*order.invalidity_date);
  });
}

Parsed<CertificateOrder> read_certificate_order(Reader& in) {
  Reader s = TRY(in.read(der::context(kCertificate)));
  CertificateOrder out;
  out.profile = TRY(s.utf8());
  out.subject = TRY(x509::read_name(s));
  out.spki = copy(TRY(s.octets()));
  out.validity.not_before = TRY(s.generalized_time());
  out.validity.not_after = TRY(s.generalized_time());
  out.modifications = TRY(s.utf8());
  if (s.next_is(der::primitive_context(0)))
    out.replaces = copy(TRY(s.octets(der::primitive_context(0))));
  if (s.next_is(der::primitive_context(1)))
    out.original = copy(TRY(s.octets(der::primitive_context(1))));
  if (!s.at_end()) out.extensions = TRY(x509::read_extensions(s));
  TRY(s.finish());
  return out;
}

Parsed<RevocationOrder> read_revocation_order(Reader& in) {
  Reader s = TRY(in.read(der::context(kRevocation)));
  RevocationOrder out;
  out.serial = copy(TRY(s.octets()));
  out.reason = static_cast<int>(TRY(s.small_integer()));
  if (!s.at_end()) out.invalidity_date = TRY(s.generalized_time());
  TRY(s.finish());
  return out;
}

Parsed<Approval> read_approval(Reader& in) {
  Reader s = TRY(in.read(Tag::sequence));
  if (TRY(s.small_integer()) != kVersion) return s.refuse(der::Code::unsupported);
  Approval out;
  const auto stage = TRY(s.small_integer());
  if (stage < 0 || stage > static_cast<std::int64_t>(Approval::Stage::rejected))
    return s.refuse(der::Code::value);
  out.stage = static_cast<Approval::Stage>(stage);
  out.asked = TRY(s.generalized_time());
  out.comment = TRY(s.utf8());
  if (s.next_is(der::primitive_context(0)))
    out.decided = TRY(s.generalized_time(der::primitive_context(0)));
  if (s.next_is(der::context(kRevocation)))
    out.order = TRY(read_revocation_order(s));
  else
    out.order = TRY(read_certificate_order(s));
  TRY(s.finish());
  TRY(in.finish());
  return out;
}

}  // namespace

Bytes encode(const Approval& approval) {
  Writer w(1024);
  w.sequence([&](Writer& s) {
    s.integer(kVersion);
    s.integer(static_cast<std::int64_t>(approval.stage));
    s.generalized_time(approval.asked);
    s.utf8(approval.comment);
    if (approval.decided) s.generalized_time(*approval.decided, der::primitive_context(0));
    std::visit([&](const auto& order) { write_order(s, order); }, approval.order);
  });
  return std::move(w).take();
}

Result<Approval> decode_approval(View octets) {
  der::Context context(octets);
  Reader in(octets, context);
  auto approval = read_approval(in);
  if (approval) return *std::move(approval);
  return fail(Failure::systemFailure, "issuer.approval-memo",
              "what waits for approval cannot be read; begin a new transaction",
              "stored approval unreadable at " + std::to_string(approval.error().offset));
}

}  // namespace countersign::issuer
