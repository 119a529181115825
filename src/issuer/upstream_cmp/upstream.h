// A CA that is reached by CMP, and what we are to it: a registration authority that signs with its
// own certificate. Values; what crosses the wire is made and judged here, nothing is sent.
//
// RFC 9483 §5.2.3.2, §5.3: requests carry our protection and raVerified, since the proof of
// possession was checked before. Never key updates (§5.2.3 [MUST NOT]).
//
// Errors: systemFailure "issuer.upstream-key", "issuer.upstream-chain" (configuration),
// "issuer.upstream-answer" (an answer that proves nothing or does not fit),
// "issuer.upstream-certificate" (a certificate that was not asked for); badRequest
// "issuer.upstream-update".
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "crypto/trust_set.h"
#include "ports/issuer.h"
#include "ports/signer.h"
#include "transaction/client_machine.h"
#include "x509/certificate.h"

namespace countersign::issuer {

// RFC 9483 §6.1 [SHOULD] the operation's label behind the URLs, which then end in /.well-known/cmp
// or /.well-known/cmp/p/<name>.
enum class Labels { none, appended };

struct Upstream {
  std::vector<std::string> urls;  // of its endpoints, the preferred one first
  x509::Certificate ra;           // what we sign with
  std::vector<Bytes> ra_chain;    // ra first, then its chain
  std::shared_ptr<const ports::Signer> signer;
  x509::Certificate issuing;  // whose certificates we pass on
  std::vector<Bytes> chain;   // from issuing up, without the root
  Bytes root;
  crypto::TrustSet anchors;  // that the root is
  Seconds timeout{10};       // of one message
  Seconds patience{15};      // of one who waits for an answer here
  Seconds retry{30};         // between tries when nobody waits any more
  Seconds rest{30};          // of an endpoint that fails
  Seconds give_up{86400};    // then an order is refused
  Labels labels = Labels::none;
};

// `ra_chain` and `ca` are lists of certificates: the RA's own first; the issuing CA first, root
// last.
Result<Upstream> make_upstream(std::vector<std::string> urls, std::vector<Bytes> ra_chain,
                               std::shared_ptr<const ports::Signer> signer,
                               const std::vector<Bytes>& ca);

// The body of an ir for that order, or why there is none.
Result<message::PKIBody> request_for(const transaction::CertificateOrder& order);
// What the header says of the message that the order came from; nothing where it is not to be
// shown.
std::vector<message::InfoTypeAndValue> original_of(const transaction::CertificateOrder& order);
message::PKIBody revocation_for(const Upstream& upstream,
                                const transaction::RevocationOrder& order);

// Header of ours around what the machine wants sent; then sign the result of prepare_signature.
void address(const Upstream& upstream, message::PKIMessage& m, Time now);

// An answer whose protection holds. `known` are certificates of earlier answers.
Result<message::PKIMessage> open_answer(const Upstream& upstream, View octets,
                                        const std::vector<Bytes>& known, Time now);

// For our key, by that CA, and it leads to the root.
Result<> check_granted(const Upstream& upstream, const transaction::Examine& granted, View spki,
                       Time now);

// What the end entity is told of an upstream's refusal: its bit and its words.
Error refusal_of(const transaction::GaveUp& end);

}  // namespace countersign::issuer
