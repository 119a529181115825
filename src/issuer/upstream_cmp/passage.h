// One message on its way to an upstream CA: sent until an answer comes or patience is over, the
// same octets each time. Lives on the loop, by shared_ptr, until it has called `done`, there.
//
// Errors: those of wire_failure.h, systemFailure "issuer.upstream-answer".
#pragma once

#include "issuer/upstream_cmp/errand.h"

namespace countersign::issuer {

class Passage : public std::enable_shared_from_this<Passage> {
 public:
  // `id` is the transactionID of the message; nullopt: the upstream will choose one.
  Passage(const Upstream& upstream, UpstreamWorld& world, Endpoints& endpoints,
          std::optional<TransactionId> id, Done<Bytes> done)
      : upstream_(upstream),
        world_(world),
        endpoints_(endpoints),
        id_(std::move(id)),
        deadline_(world.clock.now() + upstream.patience),
        done_(std::move(done)) {}

  void send(Bytes octets);
  // Ours: signed first.
  void sign_and_send(message::PKIMessage message);

 private:
  Done<Bytes> on_loop(std::move_only_function<void(Result<Bytes>)> then);
  void try_once();
  void arrived(Result<Bytes> reply);
  Result<> check_signature(const message::PKIMessage& answer, View octets) const;

  const Upstream& upstream_;
  UpstreamWorld& world_;
  Endpoints& endpoints_;
  std::optional<TransactionId> id_;
  Time deadline_;
  Done<Bytes> done_;
  Bytes octets_;
  std::string url_;  // tried last
  int tries_ = 0;
};

}  // namespace countersign::issuer
