// Signers whose keys stay in the tokens of one PKCS #11 module. Nothing of the module runs on a
// caller's thread (token_queue.h); it is loaded when the first key is opened.
//
// Where a key does not sign any more, it is opened anew once, through the module loaded anew, for
// each signature that is wanted: so it recovers when its token is back. The PIN is shown to the
// token again only if it was never refused, and another key under the same name is not used.
// Errors of a signature: those of TokenQueue::ask and of TokenModule, "issuer.token-other-key".
#pragma once

#include <memory>

#include "crypto/token.h"
#include "issuer/token_queue.h"
#include "ports/signer.h"

namespace countersign::issuer {

class Tokens {
 public:
  explicit Tokens(crypto::TokenModule::Files files, TokenQueue::Limits limits);
  ~Tokens() { stop(); }
  Tokens(const Tokens&) = delete;
  Tokens& operator=(const Tokens&) = delete;

  // Waits for the module, within the queue's patience: for threads that may. Its errors are those
  // of a signature.
  Result<std::shared_ptr<const ports::Signer>> open(const crypto::TokenUri& uri, const Secret& pin);
  // As TokenQueue::stop(). Signers that are left refuse.
  void stop() { queue_->stop(); }

  struct Modules;  // the queue's thread's

 private:
  std::shared_ptr<Modules> modules_;
  std::shared_ptr<TokenQueue> queue_;
};

}  // namespace countersign::issuer
