// Signers whose keys stay in the tokens of one PKCS #11 module. Nothing of the module runs on a
// caller's thread (token_queue.h); it is loaded when the first key is opened.
//
// Where a key does not sign any more, it is opened anew when a signature is wanted, so it recovers
// when its token is back; between two tries signatures are refused. Where the token is not found
// either, the module is loaded anew now and then, ever more seldom: what it had open is not closed
// by that. A PIN that a token refused is never shown to it again by this process, whoever wants a
// key in it. Another key under the same name is not used. Errors of a signature: those of
// TokenQueue::ask and of TokenModule, "issuer.token-other-key".
#pragma once

#include <memory>

#include "crypto/token.h"
#include "issuer/token_queue.h"
#include "ports/signer.h"

namespace countersign::issuer {

class Tokens {
 public:
  struct Pauses {
    Seconds tries{2};   // of a key that does not sign
    Seconds loads{60};  // of the module, at first; twice as long each time, up to
    Seconds seldom{3600};
  };
  Tokens(crypto::TokenModule::Files files, TokenQueue::Limits limits)
      : Tokens(std::move(files), limits, Pauses()) {}
  Tokens(crypto::TokenModule::Files files, TokenQueue::Limits limits, Pauses pauses);
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
