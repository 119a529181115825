// Messages passed on to an upstream CA as they are, with our protection added, or in batches.
// Nothing is kept but the labels of operations, while this lives: a message that is sent again is
// passed on again, and the upstream knows it.
//
// May be called on any thread; works on the loop behind UpstreamWorld::after, which outlives it.
#pragma once

#include "crypto/bounded_map.h"
#include "issuer/upstream_cmp/batcher.h"
#include "ports/relay.h"

namespace countersign::issuer {

class Forwarder final : public ports::Relay {
 public:
  Forwarder(const Upstream& upstream, UpstreamWorld& world, Endpoints& endpoints)
      : upstream_(upstream),
        world_(world),
        endpoints_(endpoints),
        batcher_(upstream, world, endpoints) {}
  void forward(Item item, Done<Bytes> done) override;

 private:
  static constexpr std::size_t kMostLabels = 10'000;

  std::string label_of(const Item& item);
  message::PKIMessage vouch(const message::PKIMessage& message) const;

  const Upstream& upstream_;
  UpstreamWorld& world_;
  Endpoints& endpoints_;
  Batcher batcher_;
  // Of the operations under way, by transactionID and sender.
  crypto::BoundedMap<Bytes, std::string> labels_{kMostLabels};
};

}  // namespace countersign::issuer
