#include "enrol/approval.h"

#include <algorithm>

#include "crypto/digest.h"
#include "der/reader.h"
#include "der/writer.h"
#include "x509/extension.h"
#include "x509/serial_text.h"

namespace countersign::enrol {
namespace {

using der::Parsed;
using der::Reader;
using der::Tag;
using der::Writer;
using transaction::CertificateOrder;
using transaction::RevocationOrder;

// StoredApproval ::= SEQUENCE {
//   version INTEGER (3), stage INTEGER, asked GeneralizedTime, comment UTF8String,
//   needed INTEGER, asker UTF8String, votes SEQUENCE OF StoredVote,
//   escalation [3] SEQUENCE { at GeneralizedTime, to SEQUENCE OF UTF8String } OPTIONAL,
//   expires [4] GeneralizedTime OPTIONAL,
//   decided [0] GeneralizedTime OPTIONAL,
//   order CHOICE { certificate [1] StoredCertificateOrder, revocation [2] StoredRevocation } }
// StoredCertificateOrder ::= SEQUENCE {
//   profile UTF8String, subject Name, spki OCTET STRING, notBefore GeneralizedTime,
//   notAfter GeneralizedTime, modifications UTF8String,
//   replaces [0] OCTET STRING OPTIONAL, original [1] OCTET STRING OPTIONAL,
//   authority [2] UTF8String OPTIONAL, subscriber [3] UTF8String OPTIONAL,
//   extensions Extensions OPTIONAL }
// StoredRevocation ::= SEQUENCE { serial OCTET STRING, reason INTEGER,
//                                 invalidityDate GeneralizedTime OPTIONAL,
//                                 authority [0] UTF8String OPTIONAL }
// StoredVote ::= SEQUENCE { officer UTF8String, voice INTEGER, at GeneralizedTime,
//                           comment UTF8String }
// Version 1 has neither needed, asker nor votes; version 2 neither escalation nor expires.
// How a key that was made here reaches its requester is the transaction's to remember.
constexpr std::int64_t kVersion = 3;
constexpr unsigned kCertificate = 1, kRevocation = 2, kEscalation = 3, kExpires = 4;

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
    if (!order.authority.empty()) s.utf8(order.authority, der::primitive_context(2));
    if (!order.subscriber.empty()) s.utf8(order.subscriber, der::primitive_context(3));
    if (!order.extensions.empty()) x509::write(s, order.extensions);
  });
}

void write_order(Writer& w, const RevocationOrder& order) {
  w.tagged(kRevocation, [&](Writer& s) {
    s.octets(order.serial);
    s.integer(order.reason);
    if (order.invalidity_date) s.generalized_time(*order.invalidity_date);
    if (!order.authority.empty()) s.utf8(order.authority, der::primitive_context(0));
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
  if (s.next_is(der::primitive_context(2))) out.authority = TRY(s.utf8(der::primitive_context(2)));
  if (s.next_is(der::primitive_context(3))) out.subscriber = TRY(s.utf8(der::primitive_context(3)));
  if (!s.at_end()) out.extensions = TRY(x509::read_extensions(s));
  TRY(s.finish());
  return out;
}

Parsed<RevocationOrder> read_revocation_order(Reader& in) {
  Reader s = TRY(in.read(der::context(kRevocation)));
  RevocationOrder out;
  out.serial = copy(TRY(s.octets()));
  out.reason = static_cast<int>(TRY(s.small_integer()));
  if (s.next_is(Tag::generalized_time)) out.invalidity_date = TRY(s.generalized_time());
  if (!s.at_end()) out.authority = TRY(s.utf8(der::primitive_context(0)));
  TRY(s.finish());
  return out;
}

Parsed<Vote> read_vote(Reader& in) {
  Reader s = TRY(in.read(Tag::sequence));
  Vote out;
  out.officer = TRY(s.utf8());
  const auto voice = TRY(s.small_integer());
  if (voice < 0 || voice > static_cast<std::int64_t>(Voice::rejects))
    return s.refuse(der::Code::value);
  out.voice = static_cast<Voice>(voice);
  out.at = TRY(s.generalized_time());
  out.comment = TRY(s.utf8());
  TRY(s.finish());
  return out;
}

Parsed<> read_votes(Reader& s, Approval& out) {
  const auto needed = TRY(s.small_integer());
  if (needed < 1) return s.refuse(der::Code::value);
  out.needed = static_cast<std::size_t>(needed);
  out.asker = TRY(s.utf8());
  Reader votes = TRY(s.read(Tag::sequence));
  while (!votes.at_end()) out.votes.push_back(TRY(read_vote(votes)));
  return {};
}

Parsed<Approval::Escalation> read_escalation(Reader& in) {
  Reader s = TRY(in.read(der::context(kEscalation)));
  Approval::Escalation out;
  out.at = TRY(s.generalized_time());
  Reader to = TRY(s.read(Tag::sequence));
  while (!to.at_end()) out.to.push_back(TRY(to.utf8()));
  TRY(s.finish());
  return out;
}

Parsed<Approval> read_approval(Reader& in) {
  Reader s = TRY(in.read(Tag::sequence));
  const auto version = TRY(s.small_integer());
  if (version < 1 || version > kVersion) return s.refuse(der::Code::unsupported);
  Approval out;
  const auto stage = TRY(s.small_integer());
  if (stage < 0 || stage > static_cast<std::int64_t>(Approval::Stage::rejected))
    return s.refuse(der::Code::value);
  out.stage = static_cast<Approval::Stage>(stage);
  out.asked = TRY(s.generalized_time());
  out.comment = TRY(s.utf8());
  if (version > 1) TRY(read_votes(s, out));
  if (s.next_is(der::context(kEscalation))) out.escalation = TRY(read_escalation(s));
  if (s.next_is(der::primitive_context(kExpires)))
    out.expires = TRY(s.generalized_time(der::primitive_context(kExpires)));
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

void write_vote(Writer& w, const Vote& vote) {
  w.sequence([&](Writer& s) {
    s.utf8(vote.officer);
    s.integer(static_cast<std::int64_t>(vote.voice));
    s.generalized_time(vote.at);
    s.utf8(vote.comment);
  });
}

void write_escalation(Writer& w, const Approval::Escalation& escalation) {
  w.tagged(kEscalation, [&](Writer& s) {
    s.generalized_time(escalation.at);
    s.sequence([&](Writer& to) {
      for (const std::string& one : escalation.to) to.utf8(one);
    });
  });
}

// Is the approval of this officer enough by itself?
bool has_last_word(const Approval& approval, const Vote& vote, const Voter& voter) {
  if (!approval.escalation || vote.at < approval.escalation->at) return false;
  return std::ranges::any_of(approval.escalation->to, [&](const std::string& name) {
    return name == vote.officer || std::ranges::find(voter.roles, name) != voter.roles.end();
  });
}

Result<> check_is_not_own(const Approval& approval, const Vote& vote, const Voter& voter,
                          const std::string& sender) {
  const bool by_certificate =
      !voter.certificate.empty() && sender == "certificate:" + voter.certificate;
  if (!by_certificate && (approval.asker.empty() || approval.asker != vote.officer)) return {};
  return fail(Failure::systemFailure, "approval.own",
              vote.officer +
                  " asked for this, or made the secret that it was asked with; "
                  "somebody else must decide it");
}

}  // namespace

Result<> cast(Approval& approval, Vote vote, const Voter& voter, const std::string& sender) {
  if (approval.stage != Approval::Stage::awaited)
    return fail(
        Failure::systemFailure, "approval.decided",
        "this request was decided on " + to_iso(approval.decided.value_or(vote.at)) + " already");
  TRY(check_is_not_own(approval, vote, voter, sender));
  const bool alone = has_last_word(approval, vote, voter);
  const auto before = std::ranges::find(approval.votes, vote.officer, &Vote::officer);
  // What it said when it was one of several counts for no more than that.
  if (before != approval.votes.end() && alone && before->at < approval.escalation->at)
    approval.votes.erase(before);
  else if (before != approval.votes.end())
    return fail(Failure::systemFailure, "approval.again",
                vote.officer + " has approved this already; " + std::to_string(approval.needed) +
                    " different officers are needed");
  approval.votes.push_back(vote);
  const bool rejected = vote.voice == Voice::rejects;
  if (!rejected && !alone && approval.votes.size() < approval.needed) return {};
  approval.stage = rejected ? Approval::Stage::rejected : Approval::Stage::approved;
  approval.decided = vote.at;
  approval.comment = std::move(vote.comment);
  return {};
}

std::string asks_for(const Approval& approval) {
  if (const auto* order = std::get_if<CertificateOrder>(&approval.order))
    return x509::to_text(order->subject);
  const auto& order = std::get<RevocationOrder>(approval.order);
  return "revocation of " + x509::serial_text(order.serial) + " (" +
         std::string(x509::reason_name(order.reason)) + ")";
}

std::string profile_of(const Approval& approval) {
  const auto* order = std::get_if<CertificateOrder>(&approval.order);
  return order != nullptr ? order->profile : std::string();
}

std::string_view stage_name(const Approval& approval) {
  if (approval.stage == Approval::Stage::awaited) return "waits";
  return approval.stage == Approval::Stage::approved ? "approved" : "rejected";
}

std::string request_id(std::string_view order_id) { return to_hex(crypto::sha256(view(order_id))); }

Bytes encode(const Approval& approval) {
  Writer w(1024);
  w.sequence([&](Writer& s) {
    s.integer(kVersion);
    s.integer(static_cast<std::int64_t>(approval.stage));
    s.generalized_time(approval.asked);
    s.utf8(approval.comment);
    s.integer(static_cast<std::int64_t>(approval.needed));
    s.utf8(approval.asker);
    s.sequence([&](Writer& votes) {
      for (const Vote& vote : approval.votes) write_vote(votes, vote);
    });
    if (approval.escalation) write_escalation(s, *approval.escalation);
    if (approval.expires) s.generalized_time(*approval.expires, der::primitive_context(kExpires));
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

}  // namespace countersign::enrol
