// Messages passed on to an upstream CA as they are, or with our protection added. Nothing is kept:
// a message that is sent again is passed on again, and the upstream knows it.
//
// May be called on any thread; works on the loop behind UpstreamWorld::after, which outlives it.
#pragma once

#include "issuer/upstream_cmp/errand.h"
#include "ports/relay.h"

namespace countersign::issuer {

class Forwarder final : public ports::Relay {
 public:
  Forwarder(const Upstream& upstream, UpstreamWorld& world, Endpoints& endpoints)
      : upstream_(upstream), world_(world), endpoints_(endpoints) {}
  void forward(message::PKIMessage message, How how, Done<Bytes> done) override;

 private:
  const Upstream& upstream_;
  UpstreamWorld& world_;
  Endpoints& endpoints_;
};

}  // namespace countersign::issuer
