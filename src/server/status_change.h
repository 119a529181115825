// What a revocation does to a certificate, by its reason. RFC 5280 §5.3.1: certificateHold suspends
// it, removeFromCRL releases it, any other ends it.
#pragma once

#include "ports/store.h"
#include "transaction/values.h"

namespace countersign::server {

ports::StatusChange change_for(const transaction::RevocationOrder& order, Time now);
std::string_view event_for(int reason) noexcept;  // in the audit: "revoked", "held", "released"

}  // namespace countersign::server
