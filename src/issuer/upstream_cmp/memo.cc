#include "issuer/upstream_cmp/memo.h"

#include "der/reader.h"
#include "der/writer.h"

namespace countersign::issuer {
namespace {

using der::Parsed;
using der::Reader;
using der::Tag;
using der::Writer;
using transaction::ClientTransaction;

// StoredMemo ::= SEQUENCE {
//   version INTEGER (2), stage INTEGER, order OCTET STRING, spki OCTET STRING,
//   pending OCTET STRING, modifications UTF8String, url UTF8String, until GeneralizedTime,
//   revocation [0] SEQUENCE { serial OCTET STRING, reason INTEGER,
//                             invalidityDate GeneralizedTime OPTIONAL } OPTIONAL,
//   signedBy [1] OCTET STRING OPTIONAL,
//   certificates SEQUENCE OF OCTET STRING, client StoredClient }
// StoredClient ::= SEQUENCE {
//   phase INTEGER, initial INTEGER, pvno INTEGER, request INTEGER, flags INTEGER,
//   id OCTET STRING, delayedNonce OCTET STRING, lastNonce OCTET STRING, serverNonce OCTET STRING,
//   certificate OCTET STRING, giveUpAt GeneralizedTime, pollAt [0] GeneralizedTime OPTIONAL,
//   responder [1] OCTET STRING OPTIONAL }
// In version 1 the nonce of the first message stood in the place of delayedNonce.
constexpr std::int64_t kVersion = 2, kFirstVersion = 1;
constexpr unsigned kImplicit = 1, kWholeWaits = 2, kConfirming = 4;

template <class Enum>
Parsed<Enum> read_enum(Reader& in, Enum last) {
  const auto value = TRY(in.small_integer());
  if (value < 0 || value > static_cast<std::int64_t>(last)) return in.refuse(der::Code::value);
  return static_cast<Enum>(value);
}

void write_client(Writer& w, const ClientTransaction& t) {
  w.sequence([&](Writer& s) {
    s.integer(static_cast<std::int64_t>(t.phase));
    s.integer(static_cast<std::int64_t>(t.initial));
    s.integer(t.pvno);
    s.integer(t.request.value);
    s.integer((t.implicit_granted ? kImplicit : 0U) | (t.whole_message_waits ? kWholeWaits : 0U) |
              (t.confirming ? kConfirming : 0U));
    s.octets(t.id.octets);
    s.octets(t.delayed_nonce.octets);
    s.octets(t.last_nonce.octets);
    s.octets(t.server_nonce.octets);
    s.octets(t.certificate);
    s.generalized_time(t.give_up_at);
    if (t.poll_at) s.generalized_time(*t.poll_at, der::primitive_context(0));
    if (t.responder) s.octets(t.responder->der, der::primitive_context(1));
  });
}

Parsed<ClientTransaction> read_client(Reader& in, std::int64_t version) {
  Reader s = TRY(in.read(Tag::sequence));
  ClientTransaction t;
  t.phase = TRY(read_enum(s, transaction::ClientPhase::ended));
  t.initial = TRY(read_enum(s, message::BodyType::pollRep));
  t.pvno = TRY(s.small_integer());
  t.request = RequestId{TRY(s.small_integer())};
  const auto flags = static_cast<unsigned>(TRY(s.small_integer()));
  t.implicit_granted = (flags & kImplicit) != 0;
  t.whole_message_waits = (flags & kWholeWaits) != 0;
  t.confirming = (flags & kConfirming) != 0;
  t.id.octets = copy(TRY(s.octets()));
  t.delayed_nonce.octets = copy(TRY(s.octets()));
  if (version == kFirstVersion && t.confirming) t.delayed_nonce = {};
  t.last_nonce.octets = copy(TRY(s.octets()));
  t.server_nonce.octets = copy(TRY(s.octets()));
  t.certificate = copy(TRY(s.octets()));
  t.give_up_at = TRY(s.generalized_time());
  if (s.next_is(der::primitive_context(0)))
    t.poll_at = TRY(s.generalized_time(der::primitive_context(0)));
  if (s.next_is(der::primitive_context(1)))
    t.responder = x509::GeneralName{copy(TRY(s.octets(der::primitive_context(1))))};
  TRY(s.finish());
  return t;
}

void write_revocation(Writer& w, const transaction::RevocationOrder& r) {
  w.tagged(0, [&](Writer& s) {
    s.octets(r.serial);
    s.integer(r.reason);
    if (r.invalidity_date) s.generalized_time(*r.invalidity_date);
  });
}

Parsed<transaction::RevocationOrder> read_revocation(Reader& in) {
  Reader s = TRY(in.read(der::context(0)));
  transaction::RevocationOrder out;
  out.serial = copy(TRY(s.octets()));
  out.reason = static_cast<int>(TRY(s.small_integer()));
  if (!s.at_end()) out.invalidity_date = TRY(s.generalized_time());
  TRY(s.finish());
  return out;
}

Parsed<Memo> read_memo(Reader& in) {
  Reader s = TRY(in.read(Tag::sequence));
  const auto version = TRY(s.small_integer());
  if (version < kFirstVersion || version > kVersion) return s.refuse(der::Code::unsupported);
  Memo memo;
  memo.stage = TRY(read_enum(s, Memo::Stage::ended));
  memo.order = copy(TRY(s.octets()));
  memo.spki = copy(TRY(s.octets()));
  memo.pending = copy(TRY(s.octets()));
  memo.modifications = TRY(s.utf8());
  memo.url = TRY(s.utf8());
  memo.until = TRY(s.generalized_time());
  if (s.next_is(der::context(0))) memo.revocation = TRY(read_revocation(s));
  if (s.next_is(der::primitive_context(1)))
    memo.signed_by = copy(TRY(s.octets(der::primitive_context(1))));
  Reader list = TRY(s.read(Tag::sequence));
  while (!list.at_end()) memo.responder_certificates.push_back(copy(TRY(list.octets())));
  memo.transaction = TRY(read_client(s, version));
  TRY(s.finish());
  return memo;
}

}  // namespace

Bytes encode(const Memo& memo) {
  Writer w(1024);
  w.sequence([&](Writer& s) {
    s.integer(kVersion);
    s.integer(static_cast<std::int64_t>(memo.stage));
    s.octets(memo.order);
    s.octets(memo.spki);
    s.octets(memo.pending);
    s.utf8(memo.modifications);
    s.utf8(memo.url);
    s.generalized_time(memo.until);
    if (memo.revocation) write_revocation(s, *memo.revocation);
    if (!memo.signed_by.empty()) s.octets(memo.signed_by, der::primitive_context(1));
    s.sequence([&](Writer& list) {
      for (const Bytes& c : memo.responder_certificates) list.octets(c);
    });
    write_client(s, memo.transaction);
  });
  return std::move(w).take();
}

Result<Memo> decode_memo(View octets) {
  der::Context context(octets);
  Reader in(octets, context);
  auto memo = read_memo(in);
  if (memo)
    if (auto end = in.finish(); !end) memo = std::unexpected(end.error());
  if (memo) return *std::move(memo);
  return fail(Failure::systemFailure, "issuer.upstream-memo",
              "what was begun at the CA behind this server cannot go on; begin a new transaction",
              "stored memo unreadable at " + std::to_string(memo.error().offset));
}

}  // namespace countersign::issuer
