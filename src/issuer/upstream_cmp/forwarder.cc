#include "issuer/upstream_cmp/forwarder.h"

#include <algorithm>

#include "protect/signature.h"

namespace countersign::issuer {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstDelay{250}, kLongestDelay{4000};

// One message on its way. Lives on the loop until it has called `done`.
class Passage : public std::enable_shared_from_this<Passage> {
 public:
  Passage(const Upstream& upstream, UpstreamWorld& world, Endpoints& endpoints,
          const message::PKIHeader& header, Done<Bytes> done)
      : upstream_(upstream),
        world_(world),
        endpoints_(endpoints),
        id_(header.transaction_id),
        deadline_(world.clock.now() + upstream.patience),
        done_(std::move(done)) {}

  void send(Bytes octets) {
    octets_ = std::move(octets);
    try_once();
  }
  void sign(message::PKIMessage outer) {
    Bytes tbs = protect::prepare_signature(outer, upstream_.signer->algorithm());
    upstream_.signer->sign(
        std::move(tbs), on_loop([outer = std::move(outer)](Passage& self, Result<Bytes> s) mutable {
          if (!s) return self.done_(std::unexpected(std::move(s).error()));
          protect::attach_signature(outer, std::move(*s));
          self.send(message::encode(outer));
        }));
  }

 private:
  template <class Then>
  Done<Bytes> on_loop(Then then) {
    return [self = shared_from_this(), then = std::move(then)](Result<Bytes> result) mutable {
      auto& world = self->world_;
      world.after(milliseconds{0},
                  [self = std::move(self), then = std::move(then),
                   result = std::move(result)]() mutable { then(*self, std::move(result)); });
    };
  }
  void try_once() {
    ++tries_;
    const Time now = world_.clock.now();
    const Seconds left = std::max(Seconds{1}, deadline_ - now);
    const ports::Target& target = endpoints_.choose(now, url_);
    url_ = target.url;
    world_.transport.exchange(
        target, octets_, std::min(upstream_.timeout, left),
        on_loop([](Passage& self, Result<Bytes> reply) { self.arrived(std::move(reply)); }));
  }
  void arrived(Result<Bytes> reply) {
    if (reply) {
      endpoints_.answered(url_);
      return judge(std::move(*reply));
    }
    endpoints_.failed(url_, world_.clock.now());
    if (world_.clock.now() < deadline_) {
      const auto delay = std::min(kLongestDelay, kFirstDelay * (1 << std::min(tries_ - 1, 4)));
      return world_.after(delay, [self = shared_from_this()] { self->try_once(); });
    }
    done_(fail(Failure::systemUnavail, "issuer.upstream-unreachable",
               "the CA behind this server cannot be reached; send the same message again later",
               std::string(reply.error().code) + ": " + reply.error().reply_text));
  }
  // Its protection is for the end entity to judge; that it is an answer to this, for us.
  void judge(Bytes reply) {
    const auto answer = message::parse_message(reply);
    if (answer && answer->header.transaction_id == id_) return done_(std::move(reply));
    done_(fail(Failure::systemFailure, "issuer.upstream-answer",
               "the CA behind this server gave an answer that does not fit; tell the "
               "administrator of this server",
               answer ? "another transactionID" : answer.error().reply_text));
  }

  const Upstream& upstream_;
  UpstreamWorld& world_;
  Endpoints& endpoints_;
  std::string url_;  // tried last
  std::optional<TransactionId> id_;
  Time deadline_;
  Done<Bytes> done_;
  Bytes octets_;
  int tries_ = 0;
};

}  // namespace

void Forwarder::forward(message::PKIMessage message, How how, Done<Bytes> done) {
  auto go = [this, message = std::move(message), how, done = std::move(done)]() mutable {
    const auto passage =
        std::make_shared<Passage>(upstream_, world_, endpoints_, message.header, std::move(done));
    if (how == How::untouched) return passage->send(message::encode(message));
    message::PKIMessage outer;
    outer.header.pvno = message.header.pvno;
    // RFC 9483 §5.2.2.1 [MUST] copies of the inner transactionID and senderNonce
    outer.header.transaction_id = message.header.transaction_id;
    outer.header.sender_nonce = message.header.sender_nonce;
    address(upstream_, outer, world_.clock.now());
    message::NestedMessageContent content;
    content.messages.push_back(std::move(message));
    outer.body = {message::BodyType::nested, std::move(content)};
    passage->sign(std::move(outer));
  };
  world_.after(milliseconds{0}, std::move(go));
}

}  // namespace countersign::issuer
