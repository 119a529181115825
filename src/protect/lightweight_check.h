// What RFC 9483 asks of a message beyond RFC 9810, as far as it can be seen in the message alone:
// for endpoints of the lightweight variant. Asked after check_header(), first fault counts.
//
//   badDataFormat    lightweight.transaction-id   (absent, or not 16 octets in a first message)
//   badMessageCheck  lightweight.sender           (no directoryName; by MAC: not CN=<senderKID>)
//                    lightweight.sender-kid       (by MAC: absent)
//                    lightweight.extra-certs      (by signature: none in a first message)
//   badRequest       lightweight.body             (a type that no end entity or RA sends)
//                    lightweight.one              (not exactly one element)
#pragma once

#include "message/authenticated.h"
#include "message/message.h"

namespace countersign::protect {

Result<> check_lightweight(const message::PKIMessage& message);

// After authentication. badMessageCheck lightweight.sender-kid: the protection certificate has a
// subjectKeyIdentifier and senderKID is not it; lightweight.extra-certs: the first of extraCerts is
// another certificate.
Result<> check_lightweight_sender(const message::AuthenticatedMessage& message);

}  // namespace countersign::protect
