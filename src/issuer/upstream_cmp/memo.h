// What is remembered of an order at an upstream CA: the client machine's state, and the octets that
// were sent or are about to be, so that a retry sends the same. Stored before anything is sent.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "transaction/client_machine.h"

namespace countersign::issuer {

struct Memo {
  enum class Stage : Byte {
    asking,      // for a certificate
    granted,     // it came, and awaits what its end entity says
    confirming,  // certConf under way
    rejecting,   // certConf under way that rejects it, or rr where it counts as confirmed
    revoking,    // rr under way
    accepted,    // pkiconf came
    ended,
  } stage = Stage::asking;
  Bytes order;  // SHA-256 of what was asked for: another order under the same key begins anew
  Bytes spki;   // of the certificate asked for
  std::optional<transaction::RevocationOrder> revocation;
  transaction::ClientTransaction transaction;
  std::string url;  // of the endpoint that knows the transaction; empty: none answered yet
  Bytes pending;    // sent until it is answered; empty: between polls
  std::vector<Bytes> responder_certificates;  // later answers may leave them out
  std::string modifications;                  // the upstream's words on a grantedWithMods
  Bytes signed_by;  // SHA-256 of the certificate that it was begun with; empty: none
  Time until{};     // it is given up then
};

Bytes encode(const Memo& memo);
// Failure::systemFailure "issuer.upstream-memo".
Result<Memo> decode_memo(View octets);

}  // namespace countersign::issuer
