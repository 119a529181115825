// A certificate that an upstream CA gave somebody without this registration authority, and that its
// holder wants to update or revoke here: it becomes known here, if an anchor that operators named
// lets its holder in. What there is to say against it, its CA says.
//
// Not adopted: certificates of CAs and of registration authorities (id-kp-cmcRA would let them
// speak for others), those whose names the anchor's rule does not allow, and those of a trust set
// with rules.
#pragma once

#include <optional>

#include "server/engine.h"

namespace countersign::server {

// `anchor`: that its signer's path ends in; null: none.
std::optional<enrol::CertificateRecord> to_be_adopted(const Engine& engine,
                                                      const message::AuthenticatedMessage& message,
                                                      const enrol::TrustRecord* anchor,
                                                      const ports::Snapshot& found, Time now);

// The record, and its row in the audit.
ports::Commit adoption_of(enrol::CertificateRecord record, const message::Sender& sender,
                          const TransactionId& id, Time now);

}  // namespace countersign::server
