// The client's side: who signed or MAC'd an answer must be entitled to. RFC 9810 §5.1.3, §8.9,
// RFC 9483 §3.5.
#pragma once

#include <optional>
#include <vector>

#include "base/secret.h"
#include "crypto/path_cache.h"
#include "crypto/public_key_cache.h"
#include "crypto/trust_set.h"
#include "message/authenticated.h"
#include "message/message.h"
#include "protect/mac_key.h"
#include "protect/policy.h"
#include "x509/certificate.h"

namespace countersign::protect {

struct ResponderTrust {
  const crypto::TrustSet* anchors = nullptr;  // --trust, --roots
  std::optional<Bytes> pinned_certificate;    // --server-cert
  std::optional<x509::Name> expected_sender;  // --expect-sender
  bool accept_signed_for_mac = false;         // a signed answer to a MAC'd request: --trust only
  std::vector<Bytes> known_certificates;      // of earlier answers of this transaction
  const MacKey* request_key = nullptr;        // an answer under the same parameters is by it
  // Of who gets many answers from the same few; null: each is looked at anew.
  crypto::PathCache* paths = nullptr;
  crypto::PublicKeyCache* keys = nullptr;
};
struct ResponderIdentity {
  message::ProofKind proof{};
  std::optional<x509::Certificate> certificate;
};

// `secret` is null when the request was signed. The MAC'd case derives from it with the answer's
// own parameters. The signed case: path to an anchor, digitalSignature, and the signer is the CA
// itself, has cmcCA or cmcRA, or is pinned: then nobody else is accepted, and its own validity is
// all that is asked of its path. Codes: those of check_protection, check_message_time and
// derive_mac_key, check_response_header, crypto.…, and
//   badMessageCheck   protect.mac-mismatch, protect.signature-mismatch,
//   protect.certificate-missing,
//                     protect.sender-mismatch, protect.responder-unexpected
//   wrongIntegrity    protect.wrong-kind
//   badAlg            protect.algorithm-not-supported
//   signerNotTrusted  protect.signer-untrusted, protect.signer-key-usage,
//   protect.responder-expired,
//                     protect.responder-not-entitled
Result<ResponderIdentity> authenticate_response(const message::PKIMessage& response,
                                                const Secret* secret, const ResponderTrust& trust,
                                                const Policy& policy, Time now);

}  // namespace countersign::protect
