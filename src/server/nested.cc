// Messages in a message, from registration authorities: one request with an RA's protection added
// to its sender's (RFC 9483 §5.2.2.1), answered as if it had come alone; or several that travel
// together (§5.2.2.2), each answered by itself, the answers nested again. RFC 9810 §5.1.3.5.
//
// Nothing is kept of the outer message: sent again, its inner ones get the replies they had.
#include <algorithm>

#include "enrol/subscriber_use.h"
#include "server/admission.h"
#include "server/await.h"
#include "server/evidence.h"
#include "server/request.h"
#include "server/settle.h"

namespace countersign::server {
namespace {

using message::BodyType;

constexpr int kDeepest = 3;  // an RA behind an RA behind an RA
constexpr std::string_view kLabel = "nested";

enum class Wrapping : Byte { one, batch };

const std::vector<message::PKIMessage>& inner_of(const message::PKIMessage& outer) {
  return std::get<message::NestedMessageContent>(outer.body.content).messages;
}

// RFC 9483 §5.2.2: the transactionID tells one from the other. It is a copy of the inner message's
// when protection is added to one request, and a fresh one for a batch.
Result<Wrapping> wrapping_of(const message::PKIMessage& outer) {
  const auto& inner = inner_of(outer);
  if (!outer.header.transaction_id)
    return fail(Failure::badDataFormat, "server.nested-id-missing",
                "transactionID of the nested message is missing; copy that of the one message "
                "inside, or put 16 random octets there for a batch");
  const bool same_id = std::ranges::any_of(inner, [&](const message::PKIMessage& m) {
    return m.header.transaction_id == outer.header.transaction_id;
  });
  if (!same_id && inner.size() == 1 &&
      inner.front().header.sender_nonce == outer.header.sender_nonce)
    return fail(Failure::badRequest, "server.nested-id",
                "senderNonce of the nested message is that of the one inside, and their "
                "transactionIDs differ; copy both, or neither");
  if (!same_id) return Wrapping::batch;
  if (inner.size() > 1)
    return fail(Failure::badRequest, "server.nested-id",
                "a nested message with several inside needs a transactionID of its own; take 16 "
                "random octets");
  return Wrapping::one;
}

Result<> check_nonces(const message::PKIMessage& outer, Wrapping wrapping) {
  // RFC 9483 §5.2.2.1 [MUST] senderNonce is that of the inner message
  if (wrapping == Wrapping::one &&
      outer.header.sender_nonce != inner_of(outer).front().header.sender_nonce)
    return fail(Failure::badSenderNonce, "server.nested-nonce",
                "senderNonce of the nested message differs from that of the message inside, and "
                "their transactionID is the same; copy both, or neither");
  // §5.2.2.1, §3.1 recipNonce is that of the inner message, too, or left out
  const auto& recip_nonce = outer.header.recip_nonce;
  if (wrapping == Wrapping::one && recip_nonce &&
      recip_nonce != inner_of(outer).front().header.recip_nonce)
    return fail(Failure::badRecipientNonce, "server.nested-recip-nonce",
                "recipNonce of the nested message is not that of the message inside; copy it, or "
                "leave it out");
  // §5.2.2.2 [MUST] a batch has a fresh one of its own
  const auto copied = [&](const message::PKIMessage& m) {
    return m.header.sender_nonce && m.header.sender_nonce == outer.header.sender_nonce;
  };
  if (wrapping == Wrapping::batch && std::ranges::any_of(inner_of(outer), copied))
    return fail(Failure::badSenderNonce, "server.nested-nonce",
                "senderNonce of a batch is that of a message inside; take 16 fresh random octets");
  // §5.2.2.2, §3.1 [MUST NOT] a batch is a first message
  if (wrapping == Wrapping::batch && outer.header.recip_nonce)
    return fail(Failure::badRecipientNonce, "server.nested-recip-nonce",
                "leave recipNonce out of a nested message that holds a batch");
  return {};
}

Result<> check_bounds(const message::PKIMessage& outer, int depth, std::size_t most) {
  if (depth >= kDeepest)
    return fail(Failure::badRequest, "server.nested-depth",
                "messages are nested more than " + std::to_string(kDeepest) + " deep");
  const std::size_t count = inner_of(outer).size();
  if (count <= most) return {};
  return fail(Failure::badRequest, "server.nested-count",
              "the nested message holds " + std::to_string(count) + " messages; send at most " +
                  std::to_string(most) + " at once");
}

// RFC 9483 §5.2.2.1 [MUST] signature-based protection
Result<> check_kind(const message::PKIHeader& header) {
  if (protect::proof_kind(*header.protection_alg) != message::ProofKind::mac) return {};
  return fail(Failure::wrongIntegrity, "server.nested-mac",
              "a nested message is protected by a signature of the registration authority");
}

Result<> check_entitled(const message::Sender& sender) {
  if (sender.may_act_as_ra) return {};
  return fail(Failure::notAuthorized, "server.nested-sender",
              "nested messages are for registration authorities: sign with a certificate of this "
              "CA that has the key purpose cmcRA, or have the certificate named as one");
}

// A batch has the label `nested`; a request to which protection was added that of its own operation
// (RFC 9483 §6.1), or none.
Result<> check_nested_label(const ports::Endpoint& endpoint, Wrapping wrapping,
                            const message::PKIBody& body) {
  if (wrapping == Wrapping::one) return {};
  return check_label(endpoint, body);
}

// What is inside is judged by its own sender; who vouches for it must be in use itself.
Result<> check_subscriber(const enrol::Catalogue& catalogue, const message::Sender& sender,
                          const ports::Snapshot& found) {
  for (const auto& c : found.certificates)
    if (sender.certificate && equal(c.der, sender.certificate->der))
      return enrol::check_in_use(catalogue, c.subscriber);
  return {};
}

}  // namespace

boost::asio::awaitable<Result<Bytes>> Responder::answer_nested(Request& request,
                                                               message::PKIMessage outer) {
  const ports::Endpoint& endpoint = request.in.endpoint;
  CO_TRY_VOID(check_bounds(outer, request.depth, request.profile().most_nested));
  CO_TRY(const auto wrapping, wrapping_of(outer));
  CO_TRY_VOID(check_nested_label(endpoint, wrapping, outer.body));
  CO_TRY_VOID(check_nonces(outer, wrapping));
  CO_TRY_VOID(check_kind(outer.header));
  auto lookup = first_lookup(endpoint, outer, {});
  lookup.digest.reset();
  lookup.transaction.reset();
  CO_TRY(const auto found, co_await load(engine_, std::move(lookup)));
  CO_TRY_VOID(check_load(engine_.store.pressure(), inner_of(outer).front().body.type));
  const auto trust = engine_.trust.get();
  const auto known_of_sender = evidence(*trust, request.endpoint(), found, {}, request.now);
  CO_TRY(const auto message, co_await authenticate(request, std::move(outer), known_of_sender));
  CO_TRY_VOID(check_sender(request.profile(), message, found.certificates));
  CO_TRY_VOID(check_entitled(message.sender()));
  CO_TRY_VOID(check_subscriber(*request.catalogue, message.sender(), found));
  const auto& inner = inner_of(message.value());
  if (wrapping == Wrapping::batch) co_return co_await answer_batch(request, inner);
  std::string approved_by = message.sender().identity;
  co_return co_await answer_inner(request, inner.front(), std::move(approved_by));
}

// As if it had come directly: its own digest, sender, rules, commit and reply.
boost::asio::awaitable<Result<Bytes>> Responder::answer_inner(const Request& outer,
                                                              const message::PKIMessage& message,
                                                              std::string approved_by) {
  const bool alone = !approved_by.empty();
  Request inner;
  inner.in.endpoint = outer.in.endpoint;
  inner.catalogue = outer.catalogue;
  if (inner.in.endpoint.operation == kLabel) inner.in.endpoint.operation.clear();
  inner.in.body = message::encode(message);
  inner.in.peer = outer.in.peer;
  inner.in.transport = enrol::Transport::clear;  // nobody knows how it came to the outer's sender
  inner.now = outer.now;
  inner.nonce = fresh_nonce();
  inner.depth = outer.depth + 1;
  inner.approved_by = std::move(approved_by);
  auto reply = co_await answer(inner);
  if (reply || (alone && reply.error().code == "server.busy")) co_return reply;
  co_return co_await refuse(inner, reply.error());
}

// RFC 9483 §5.2.2.2 [MUST] the transactionID of the request, its senderNonce as recipNonce, and a
// response for each message. The protection of the outer one approves of nothing.
boost::asio::awaitable<Result<Bytes>> Responder::answer_batch(
    const Request& outer, const std::vector<message::PKIMessage>& messages) {
  message::NestedMessageContent replies;
  for (const auto& m : messages) {
    CO_TRY(const auto octets, co_await answer_inner(outer, m, {}));
    CO_TRY(auto reply, message::parse_message(octets));
    replies.messages.push_back(std::move(reply));
  }
  const ReplyContext context = outer.context();
  auto reply = answer_to(engine_, context, outer.nonce, outer.now);
  reply.body = {BodyType::nested, std::move(replies)};
  co_return co_await seal_reply(engine_, context, std::move(reply));
}

}  // namespace countersign::server
