// What RFC 9483 §4 asks of the requests in a message beyond RFC 9810: for endpoints of the
// lightweight variant. Each fault is reported in the response of its operation (§3.6.2).
//
//   badRequest       lightweight.one, lightweight.request-id, lightweight.version,
//                    lightweight.revocation-details
//   badCertTemplate  lightweight.subject
//   wrongIntegrity   lightweight.protection (key update and revocation by a shared secret)
#pragma once

#include "message/authenticated.h"

namespace countersign::enrol {

// One of the requests that m holds.
Result<> check_lightweight(const message::AuthenticatedMessage& m, const crmf::CertReqMsg& request);
Result<> check_lightweight(const message::AuthenticatedMessage& m,
                           const message::RevDetails& details);

}  // namespace countersign::enrol
