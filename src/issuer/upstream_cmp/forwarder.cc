#include "issuer/upstream_cmp/forwarder.h"

namespace countersign::issuer {
namespace {

using std::chrono::milliseconds;

}  // namespace

void Forwarder::forward(message::PKIMessage message, How how, Done<Bytes> done) {
  auto go = [this, message = std::move(message), how, done = std::move(done)]() mutable {
    const auto& h = message.header;
    if (how == How::batched && h.transaction_id && h.sender_nonce)
      return batcher_.add(std::move(message), std::move(done));
    const auto passage =
        std::make_shared<Passage>(upstream_, world_, endpoints_, h.transaction_id, std::move(done));
    if (how == How::vouched_for) return passage->sign_and_send(vouch(message));
    passage->send(message::encode(message));
  };
  world_.after(milliseconds{0}, std::move(go));
}

message::PKIMessage Forwarder::vouch(const message::PKIMessage& message) const {
  message::PKIMessage outer;
  outer.header.pvno = message.header.pvno;
  // RFC 9483 §5.2.2.1 [MUST] copies of the inner transactionID and senderNonce
  outer.header.transaction_id = message.header.transaction_id;
  outer.header.sender_nonce = message.header.sender_nonce;
  outer.header.recip_nonce = message.header.recip_nonce;
  address(upstream_, outer, world_.clock.now());
  message::NestedMessageContent content;
  content.messages.push_back(message);
  outer.body = {message::BodyType::nested, std::move(content)};
  return outer;
}

}  // namespace countersign::issuer
