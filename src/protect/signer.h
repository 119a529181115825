// The certificate behind a signature-protected message: found among what was sent and what is
// known, and used. Borrows; verifies no path and knows no status. Private to this folder.
#pragma once

#include <optional>
#include <vector>

#include "crypto/keys.h"
#include "message/message.h"
#include "x509/certificate.h"

namespace countersign::protect {

struct Candidates {
  std::vector<View> sent;   // extraCerts, in their order
  std::vector<View> known;  // what the receiver holds already
};
std::vector<View> views(const std::vector<Bytes>& list);

struct Signer {
  x509::Certificate certificate;
  bool sent = false;  // with the message
};

// RFC 9483 §3.2, §3.3: the first whose subject is sender and whose subjectKeyIdentifier is
// senderKID, extraCerts first; else the first that senderKID fits, so that a wrong sender can be
// told from a wrong key.
std::optional<Signer> find_signer(const message::PKIHeader& header, const Candidates& candidates);

// sender is the subject, or NULL-DN beside a senderKID that is the certificate's.
bool fits_sender(const x509::Certificate& certificate, const message::PKIHeader& header);
Result<> check_sender(const x509::Certificate& certificate, const message::PKIHeader& header);

// RFC 9483 §3.2 [MUST] keyUsage, if present, includes digitalSignature.
// Failure::signerNotTrusted protect.signer-key-usage
Result<> check_key_usage(const x509::Certificate& certificate);

// Strength of the key, then the signature over header and body as they arrived. Failure::badAlg
// with a code of crypto, Failure::badMessageCheck protect.signature-mismatch.
Result<> verify_signature(const message::PKIMessage& message, const crypto::PublicKey& key);

}  // namespace countersign::protect
