#include "issuer/upstream_cmp/batcher.h"

#include <algorithm>

#include "message/operation_label.h"

namespace countersign::issuer {
namespace {

constexpr std::size_t kIdOctets = 16;

std::unexpected<Error> misfit(std::string why) {
  return fail(Failure::systemFailure, "issuer.upstream-answer",
              "the CA behind this server gave an answer that does not fit; tell the administrator "
              "of this server",
              std::move(why));
}

// The upstream's own words where it refuses the whole.
std::unexpected<Error> refused(const message::ErrorMsgContent& content) {
  Failure failure = Failure::systemFailure;
  if (content.status.fail_info)
    for (const Failure bit : message::failures(*content.status.fail_info)) {
      failure = bit;
      break;
    }
  std::string why;
  for (const auto& line : content.status.status_string) why += (why.empty() ? "" : "; ") + line;
  return fail(failure, "issuer.upstream-refused",
              why.empty() ? "the CA behind this server refused" : why);
}

// RFC 9483 §4.4: what was waited for may name the nonce of the message that began the wait, which
// is not at hand here; its requester checks that.
bool answers_it(const message::PKIMessage& request, const message::PKIMessage& answer) {
  return answer.header.transaction_id == request.header.transaction_id &&
         (answer.header.recip_nonce == request.header.sender_nonce ||
          request.body.type == message::BodyType::pollReq);
}

}  // namespace

void Batcher::add(message::PKIMessage message, Done<Bytes> done) {
  // Answers are told apart by their transactionID.
  const bool same = std::ranges::any_of(waiting_, [&](const Waiting& w) {
    return w.message.header.transaction_id == message.header.transaction_id;
  });
  if (same) flush();
  waiting_.push_back({std::move(message), std::move(done)});
  if (waiting_.size() == kMost) return flush();
  if (waiting_.size() == 1) world_.after(kGather, [this] { flush(); });
}

void Batcher::flush() {
  if (waiting_.empty()) return;
  auto batch = std::make_shared<Batch>(std::exchange(waiting_, {}));
  // RFC 9483 §5.2.2.2 [MUST] a fresh transactionID and a fresh senderNonce
  TransactionId id{Bytes(kIdOctets)};
  Nonce nonce{Bytes(kIdOctets)};
  auto filled = world_.entropy.fill(id.octets);
  if (filled) filled = world_.entropy.fill(nonce.octets);
  if (!filled) return take_apart(std::move(*batch), nonce, std::unexpected(filled.error()));
  message::PKIMessage outer;
  outer.header.transaction_id = id;
  outer.header.sender_nonce = nonce;
  message::NestedMessageContent content;
  for (const Waiting& w : *batch) content.messages.push_back(w.message);
  outer.body = {message::BodyType::nested, std::move(content)};
  address(upstream_, upstream_.ra, outer, world_.clock.now());
  const auto passage = std::make_shared<Passage>(
      upstream_, world_, endpoints_,
      Parcel{id, std::string(message::operation_label(message::BodyType::nested))},
      [this, batch, nonce](Result<Bytes> reply) { take_apart(std::move(*batch), nonce, reply); });
  passage->sign_and_send(std::move(outer));
}

Result<std::vector<message::PKIMessage>> Batcher::open(const Result<Bytes>& reply,
                                                       const Nonce& nonce) const {
  if (!reply) return std::unexpected(reply.error());
  auto answer = TRY(message::parse_message(*reply));
  // RFC 9483 §5.2.2.2 [MUST] the senderNonce of the nested request
  if (answer.header.recip_nonce != nonce) return misfit("recipNonce is not ours");
  if (const auto* error = std::get_if<message::ErrorMsgContent>(&answer.body.content))
    return refused(*error);
  auto* nested = std::get_if<message::NestedMessageContent>(&answer.body.content);
  if (nested != nullptr) return std::move(nested->messages);
  return misfit("nested was answered by " + std::string(message::name(answer.body.type)));
}

void Batcher::take_apart(Batch batch, const Nonce& nonce, const Result<Bytes>& reply) {
  const auto answers = open(reply, nonce);
  if (!answers) world_.complain({}, "a batch was not answered", answers.error());
  for (Waiting& w : batch) {
    if (!answers) {
      w.done(std::unexpected(answers.error()));
      continue;
    }
    const auto mine = std::ranges::find_if(
        *answers, [&](const message::PKIMessage& m) { return answers_it(w.message, m); });
    if (mine != answers->end())
      w.done(message::encode(*mine));
    else
      // RFC 9483 §5.2.2.2 [MUST] a missing response is an error for its requester
      w.done(fail(Failure::systemUnavail, "issuer.upstream-missing",
                  "the CA behind this server did not answer this message; send it again later"));
  }
}

}  // namespace countersign::issuer
