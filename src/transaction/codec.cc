#include "transaction/codec.h"

#include "der/reader.h"
#include "der/writer.h"

namespace countersign::transaction {
namespace {

using der::Parsed;
using der::Reader;
using der::Tag;
using der::Writer;

// StoredTransaction ::= SEQUENCE {
//   version INTEGER (1), initial INTEGER, pvno INTEGER, lastNonce OCTET STRING,
//   originalNonce OCTET STRING, origin OCTET STRING, flags INTEGER, confirmBy [0] GeneralizedTime
//   OPTIONAL, giveUpAt [1] GeneralizedTime OPTIONAL, signer [2] OCTET STRING OPTIONAL,
//   keyReply [3] OCTET STRING OPTIONAL, decided [4] SEQUENCE OF SEQUENCE { serial OCTET STRING,
//   outcome INTEGER } OPTIONAL, requests SEQUENCE OF StoredRequest }
// StoredRequest ::= SEQUENCE {
//   id INTEGER, replaces [0] OCTET STRING OPTIONAL, modifications [1] UTF8String OPTIONAL,
//   profile [9] UTF8String OPTIONAL, privateKey [10] OCTET STRING (EnvelopedData) OPTIONAL,
//   updatedBefore [11] NULL OPTIONAL, tokens [12] SEQUENCE OF OCTET STRING OPTIONAL,
//   authority [13] UTF8String OPTIONAL, device [14] UTF8String OPTIONAL,
//   subscriber [15] UTF8String OPTIONAL,
//   state CHOICE { asked [2] SEQUENCE, issued [3] OCTET STRING (serial), refused [4] SEQUENCE,
//                  revoked [5] OCTET STRING (serial), informed [6] SEQUENCE,
//                  delivered [7] OCTET STRING (serial), settled [8] INTEGER } }
constexpr std::int64_t kVersion = 1;
constexpr unsigned kImplicitWanted = 1, kMacProtected = 2, kUsesCredential = 4;

void write_answer(Writer& w, const Answer& answer) {
  if (const auto* issued = std::get_if<Issued>(&answer))
    w.tagged(3, [&](Writer& s) { s.octets(issued->serial); });
  else if (const auto* refused = std::get_if<Refused>(&answer))
    w.tagged(4, [&](Writer& s) {
      s.integer(static_cast<std::int64_t>(refused->error.failure));
      s.utf8(refused->error.reply_text);
    });
  else if (const auto* revoked = std::get_if<Revoked>(&answer))
    w.tagged(5, [&](Writer& s) { s.octets(revoked->serial); });
  else if (const auto* informed = std::get_if<Informed>(&answer))
    w.tagged(6, [&](Writer& s) {
      for (const auto& item : informed->items) {
        s.sequence([&](Writer& i) {
          i.oid(item.type);
          i.raw(item.value);
        });
      }
    });
}

void write_state(Writer& w, const RequestState& state) {
  if (const auto* asked = std::get_if<Asked>(&state))
    w.tagged(2, [&](Writer& s) {
      s.boolean(asked->pending);
      s.integer(asked->check_after.count());
    });
  else if (const auto* answered = std::get_if<Answered>(&state))
    write_answer(w, answered->answer);
  else if (const auto* delivered = std::get_if<Delivered>(&state))
    w.tagged(7, [&](Writer& s) { s.octets(delivered->serial); });
  else
    w.tagged(8, [&](Writer& s) {
      s.integer(static_cast<std::int64_t>(std::get<Settled>(state).outcome));
    });
}

void write_request(Writer& w, const Request& r) {
  w.sequence([&](Writer& s) {
    s.integer(r.id.value);
    if (r.replaces) s.octets(*r.replaces, der::primitive_context(0));
    if (!r.modifications.empty()) s.utf8(r.modifications, der::primitive_context(1));
    if (!r.profile.empty()) s.utf8(r.profile, der::primitive_context(9));
    if (!r.private_key.empty()) s.octets(r.private_key, der::primitive_context(10));
    if (r.updated_before) s.null(der::primitive_context(11));
    if (!r.tokens.empty())
      s.tagged(12, [&](Writer& list) {
        for (const Bytes& token : r.tokens) list.octets(token);
      });
    if (!r.authority.empty()) s.utf8(r.authority, der::primitive_context(13));
    if (!r.device.empty()) s.utf8(r.device, der::primitive_context(14));
    if (!r.subscriber.empty()) s.utf8(r.subscriber, der::primitive_context(15));
    write_state(s, r.state);
  });
}

Parsed<RequestState> read_informed(Reader& inside) {
  Informed informed;
  while (!inside.at_end()) {
    Reader item = TRY(inside.read(Tag::sequence));
    message::InfoTypeAndValue value;
    value.type = TRY(item.oid());
    value.value = copy(item.rest());
    informed.items.push_back(std::move(value));
  }
  return RequestState{Answered{std::move(informed)}};
}

Parsed<Outcome> read_outcome(Reader& in) {
  const auto outcome = TRY(in.small_integer());
  if (outcome < 0 || outcome > static_cast<std::int64_t>(Outcome::done))
    return in.refuse(der::Code::value);
  return static_cast<Outcome>(outcome);
}

Parsed<RequestState> read_state_content(der::Tag tag, Reader& inside) {
  if (tag == der::context(2)) {
    const bool pending = TRY(inside.boolean());
    return RequestState{Asked{Seconds{TRY(inside.small_integer())}, pending}};
  }
  if (tag == der::context(3)) {
    Issued issued;
    issued.serial = copy(TRY(inside.octets()));
    return RequestState{Answered{std::move(issued)}};
  }
  if (tag == der::context(4)) {
    const auto failure = TRY(inside.small_integer());
    if (failure < 0 || failure >= kFailureBits) return inside.refuse(der::Code::value);
    return RequestState{Answered{
        Refused{{static_cast<Failure>(failure), "transaction.refused", TRY(inside.utf8()), {}}}}};
  }
  if (tag == der::context(5)) return RequestState{Answered{Revoked{copy(TRY(inside.octets()))}}};
  if (tag == der::context(6)) return read_informed(inside);
  if (tag == der::context(7)) return RequestState{Delivered{copy(TRY(inside.octets())), {}}};
  if (tag != der::context(8)) return inside.refuse(der::Code::tag);
  return RequestState{Settled{TRY(read_outcome(inside))}};
}

Parsed<RequestState> read_state(Reader& in) {
  const auto tag = TRY(in.any());
  Reader inside = TRY(in.open(tag.content));
  auto state = TRY(read_state_content(tag.tag, inside));
  TRY(inside.finish());
  return state;
}

Parsed<Request> read_request(Reader& in) {
  Reader s = TRY(in.read(Tag::sequence));
  Request r{RequestId{TRY(s.small_integer())}, Settled{}, {}, {}, {}};
  if (s.next_is(der::primitive_context(0)))
    r.replaces = copy(TRY(s.octets(der::primitive_context(0))));
  if (s.next_is(der::primitive_context(1)))
    r.modifications = TRY(s.utf8(der::primitive_context(1)));
  if (s.next_is(der::primitive_context(9))) r.profile = TRY(s.utf8(der::primitive_context(9)));
  if (s.next_is(der::primitive_context(10)))
    r.private_key = copy(TRY(s.octets(der::primitive_context(10))));
  if (s.next_is(der::primitive_context(11))) {
    TRY(s.null(der::primitive_context(11)));
    r.updated_before = true;
  }
  if (s.next_is(der::context(12))) {
    Reader list = TRY(s.read(der::context(12)));
    while (!list.at_end()) r.tokens.push_back(copy(TRY(list.octets())));
  }
  if (s.next_is(der::primitive_context(13))) r.authority = TRY(s.utf8(der::primitive_context(13)));
  if (s.next_is(der::primitive_context(14))) r.device = TRY(s.utf8(der::primitive_context(14)));
  if (s.next_is(der::primitive_context(15))) r.subscriber = TRY(s.utf8(der::primitive_context(15)));
  r.state = TRY(read_state(s));
  TRY(s.finish());
  return r;
}

void write_decided(Writer& w, const std::vector<Decided>& decided) {
  w.tagged(4, [&](Writer& list) {
    for (const Decided& d : decided)
      list.sequence([&](Writer& s) {
        s.octets(d.serial);
        s.integer(static_cast<std::int64_t>(d.outcome));
      });
  });
}

Parsed<std::vector<Decided>> read_decided(Reader& in) {
  Reader list = TRY(in.read(der::context(4)));
  std::vector<Decided> out;
  while (!list.at_end()) {
    Reader s = TRY(list.read(Tag::sequence));
    Bytes serial = copy(TRY(s.octets()));
    out.push_back({std::move(serial), TRY(read_outcome(s))});
    TRY(s.finish());
  }
  return out;
}

Parsed<Transaction> read_transaction(Reader& in) {
  Reader s = TRY(in.read(Tag::sequence));
  if (TRY(s.small_integer()) != kVersion) return s.refuse(der::Code::unsupported);
  Transaction t;
  const auto initial = TRY(s.small_integer());
  if (initial < 0 || initial >= message::kBodyTypes) return s.refuse(der::Code::value);
  t.initial = static_cast<message::BodyType>(initial);
  t.pvno = TRY(s.small_integer());
  t.last_nonce.octets = copy(TRY(s.octets()));
  t.original_nonce.octets = copy(TRY(s.octets()));
  t.origin.octets = copy(TRY(s.octets()));
  const auto flags = static_cast<unsigned>(TRY(s.small_integer()));
  t.implicit_wanted = (flags & kImplicitWanted) != 0;
  t.mac_protected = (flags & kMacProtected) != 0;
  t.uses_credential = (flags & kUsesCredential) != 0;
  if (s.next_is(der::primitive_context(0)))
    t.confirm_by = TRY(s.generalized_time(der::primitive_context(0)));
  if (s.next_is(der::primitive_context(1)))
    t.give_up_at = TRY(s.generalized_time(der::primitive_context(1)));
  if (s.next_is(der::primitive_context(2)))
    t.signer_certificate = copy(TRY(s.octets(der::primitive_context(2))));
  if (s.next_is(der::primitive_context(3)))
    t.key_reply = RequestDigest{copy(TRY(s.octets(der::primitive_context(3))))};
  if (s.next_is(der::context(4))) t.decided = TRY(read_decided(s));
  Reader requests = TRY(s.read(Tag::sequence));
  while (!requests.at_end()) t.requests.push_back(TRY(read_request(requests)));
  TRY(s.finish());
  return t;
}

}  // namespace

Bytes encode(const Transaction& t) {
  Writer w(256);
  w.sequence([&](Writer& s) {
    s.integer(kVersion);
    s.integer(static_cast<std::int64_t>(t.initial));
    s.integer(t.pvno);
    s.octets(t.last_nonce.octets);
    s.octets(t.original_nonce.octets);
    s.octets(t.origin.octets);
    s.integer((t.implicit_wanted ? kImplicitWanted : 0U) | (t.mac_protected ? kMacProtected : 0U) |
              (t.uses_credential ? kUsesCredential : 0U));
    if (t.confirm_by) s.generalized_time(*t.confirm_by, der::primitive_context(0));
    if (t.give_up_at) s.generalized_time(*t.give_up_at, der::primitive_context(1));
    if (t.signer_certificate) s.octets(*t.signer_certificate, der::primitive_context(2));
    if (t.key_reply) s.octets(t.key_reply->octets, der::primitive_context(3));
    if (!t.decided.empty()) write_decided(s, t.decided);
    s.sequence([&](Writer& list) {
      for (const Request& r : t.requests) write_request(list, r);
    });
  });
  return std::move(w).take();
}

Result<Transaction> decode(View state) {
  der::Context context(state);
  Reader in(state, context);
  auto t = read_transaction(in);
  if (t)
    if (auto end = in.finish(); !end) t = std::unexpected(end.error());
  if (!t)
    return fail(Failure::systemFailure, "transaction.state",
                "this transaction cannot be continued; begin a new one",
                "stored state unreadable at " + std::to_string(t.error().offset));
  return std::move(*t);
}

Result<> restore(Transaction& t,
                 const std::function<std::optional<StoredCertificate>(View serial)>& find) {
  const auto missing = [](View serial) {
    return fail(Failure::systemFailure, "transaction.state",
                "this transaction cannot be continued; begin a new one",
                "no certificate row for serial " + to_hex(serial));
  };
  for (Request& r : t.requests) {
    if (auto* delivered = std::get_if<Delivered>(&r.state)) {
      auto found = find(delivered->serial);
      if (!found) return missing(delivered->serial);
      delivered->certificate = std::move(found->certificate);
    }
    auto* answered = std::get_if<Answered>(&r.state);
    auto* issued = answered != nullptr ? std::get_if<Issued>(&answered->answer) : nullptr;
    if (issued == nullptr) continue;
    auto found = find(issued->serial);
    if (!found) return missing(issued->serial);
    issued->certificate = std::move(found->certificate);
    issued->chain = std::move(found->chain);
    issued->root = std::move(found->root);
  }
  return {};
}

}  // namespace countersign::transaction
