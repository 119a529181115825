// One message on its way to an upstream CA: sent until an answer comes or patience is over, the
// same octets each time. Lives on the loop, by shared_ptr, until it has called `done`, there.
//
// Errors: those of wire_failure.h, systemFailure "issuer.upstream-answer".
#pragma once

#include "issuer/upstream_cmp/errand.h"

namespace countersign::issuer {

// What is known of it, for the way up and for its answer.
struct Parcel {
  std::optional<TransactionId> id;  // nullopt: the upstream will choose one
  std::string label = {};           // of its operation
  // passed_on: but for errors without protection (RFC 9483 §3.6.4). if_known: what is signed by
  // someone who is known; whatever else is for its requester to verify.
  enum class Verified { all, passed_on, if_known } answer = Verified::all;
  std::optional<Secret> secret = {};  // of its sender
};

class Passage : public std::enable_shared_from_this<Passage> {
 public:
  Passage(const Upstream& upstream, UpstreamWorld& world, Endpoints& endpoints, Parcel parcel,
          Done<Bytes> done)
      : upstream_(upstream),
        world_(world),
        endpoints_(endpoints),
        parcel_(std::move(parcel)),
        deadline_(world.clock.now() + upstream.patience),
        done_(std::move(done)) {}

  void send(Bytes octets);
  // Ours: signed first.
  void sign_and_send(message::PKIMessage message);

 private:
  Done<Bytes> on_loop(std::move_only_function<void(Result<Bytes>)> then);
  void try_once();
  void arrived(Result<Bytes> reply);
  Result<> verify(const message::PKIMessage& answer);
  std::vector<Bytes> new_issuers(const message::PKIMessage& answer) const;

  const Upstream& upstream_;
  UpstreamWorld& world_;
  Endpoints& endpoints_;
  Parcel parcel_;
  Time deadline_;
  Done<Bytes> done_;
  Bytes octets_;
  std::string url_;  // tried last
  int tries_ = 0;
};

}  // namespace countersign::issuer
