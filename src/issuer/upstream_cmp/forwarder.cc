#include "issuer/upstream_cmp/forwarder.h"

#include "message/operation_label.h"

namespace countersign::issuer {
namespace {

using std::chrono::milliseconds;

}  // namespace

void Forwarder::forward(Item item, Done<Bytes> done) {
  auto go = [this, item = std::move(item), done = std::move(done)]() mutable {
    const auto& h = item.message.header;
    if (item.how == How::batched && h.transaction_id && h.sender_nonce)
      return batcher_.add(std::move(item.message), std::move(done));
    const bool vouches = item.how == How::vouched_for;
    Parcel parcel{h.transaction_id, label_of(item),
                  vouches ? Parcel::Verified::passed_on : Parcel::Verified::if_known,
                  std::move(item.secret)};
    const auto passage = std::make_shared<Passage>(upstream_, world_, endpoints_, std::move(parcel),
                                                   std::move(done));
    if (vouches) return passage->sign_and_send(vouch(item.message));
    passage->send(message::encode(item.message));
  };
  world_.after(milliseconds{0}, std::move(go));
}

// RFC 9483 §6.1 [MUST] certConf and pollReq have the label of the operation that they belong to. It
// is that of the path that they came by, if it had one, or what is remembered; after a restart, in
// the middle of an operation, none.
std::string Forwarder::label_of(const Item& item) {
  const auto& h = item.message.header;
  Bytes key = h.transaction_id ? h.transaction_id->octets : Bytes();
  append(key, h.sender.der);
  std::string own(message::operation_label(item.message));
  if (!own.empty()) {
    labels_.put(key, own);
    return own;
  }
  if (message::labelled_operation(item.label)) return item.label;
  const std::string* known = labels_.find(key);
  return known != nullptr ? *known : std::string();
}

message::PKIMessage Forwarder::vouch(const message::PKIMessage& message) const {
  message::PKIMessage outer;
  outer.header.pvno = message.header.pvno;
  // RFC 9483 §5.2.2.1 [MUST] copies of the inner transactionID and senderNonce
  outer.header.transaction_id = message.header.transaction_id;
  outer.header.sender_nonce = message.header.sender_nonce;
  outer.header.recip_nonce = message.header.recip_nonce;
  message::NestedMessageContent content;
  content.messages.push_back(message);
  outer.body = {message::BodyType::nested, std::move(content)};
  address(upstream_, upstream_.ra, outer, world_.clock.now());
  return outer;
}

}  // namespace countersign::issuer
