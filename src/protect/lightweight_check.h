// What RFC 9483 asks of a message beyond RFC 9810, as far as it can be seen in the message alone:
// for endpoints of the lightweight variant. Asked after check_header(), first fault counts.
//
//   badDataFormat    lightweight.transaction-id   (absent, or not 16 octets in a first message)
//                    lightweight.general-info     (a malformed value of a known type)
//   badMessageCheck  lightweight.sender           (no directoryName; by MAC: not CN=<senderKID>)
//                    lightweight.sender-kid       (by MAC: absent)
//                    lightweight.extra-certs      (by signature: none in a first message)
//   badRequest       lightweight.body             (a type that no end entity or RA sends)
//                    lightweight.one              (not exactly one element)
//                    lightweight.confirmation     (neither accepted nor rejection)
//                    lightweight.implicit-confirm (beside confirmWaitTime)
#pragma once

#include "message/authenticated.h"
#include "message/message.h"

namespace countersign::protect {

Result<> check_lightweight(const message::PKIMessage& message);

// After authentication. badMessageCheck lightweight.sender-kid: the protection certificate has a
// subjectKeyIdentifier and senderKID is not it; lightweight.sender: sender is not its subject;
// lightweight.extra-certs: the first of extraCerts is another certificate, or a first message lacks
// some of the chain.
Result<> check_lightweight_sender(const message::AuthenticatedMessage& message);

}  // namespace countersign::protect
