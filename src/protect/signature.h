// Signature protection of a message being built. The signing itself is done elsewhere (the key may
// live in an HSM). RFC 9810 §5.1.3.3.
#pragma once

#include "der/algorithm.h"
#include "message/message.h"

namespace countersign::protect {

// Sets protectionAlg; returns the DER of ProtectedPart to sign; fills header_and_body.
Bytes prepare_signature(message::PKIMessage& message, const der::AlgorithmIdentifier& algorithm);
void attach_signature(message::PKIMessage& message, Bytes signature);

}  // namespace countersign::protect
