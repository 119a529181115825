// Messages of different transactions gathered for a moment and sent up as one nested message, whose
// answer is taken apart again. RFC 9483 §5.2.2.2: our protection of it approves of nothing.
//
// On one loop, which outlives it. Each message gets the answer that has its transactionID and its
// senderNonce as recipNonce; answers to none of them are dropped; one that is missing is
// systemUnavail "issuer.upstream-missing", and what goes wrong with the whole is told to each.
#pragma once

#include <vector>

#include "issuer/upstream_cmp/passage.h"

namespace countersign::issuer {

class Batcher {
 public:
  static constexpr std::size_t kMost = 50;
  static constexpr std::chrono::milliseconds kGather{200};

  Batcher(const Upstream& upstream, UpstreamWorld& world, Endpoints& endpoints)
      : upstream_(upstream), world_(world), endpoints_(endpoints) {}

  // Of a message with a transactionID and a senderNonce.
  void add(message::PKIMessage message, Done<Bytes> done);

 private:
  struct Waiting {
    message::PKIMessage message;
    Done<Bytes> done;
  };
  using Batch = std::vector<Waiting>;

  void flush();
  void take_apart(Batch batch, const Nonce& nonce, const Result<Bytes>& reply);
  Result<std::vector<message::PKIMessage>> open(const Result<Bytes>& reply,
                                                const Nonce& nonce) const;

  const Upstream& upstream_;
  UpstreamWorld& world_;
  Endpoints& endpoints_;
  Batch waiting_;
};

}  // namespace countersign::issuer
