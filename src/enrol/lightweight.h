// What RFC 9483 §4 asks of the requests in a message beyond RFC 9810: for endpoints of the
// lightweight variant. Each fault is reported in the response of its operation (§3.6.2).
//
//   badRequest       lightweight.one, lightweight.request-id, lightweight.version,
//                    lightweight.revocation-details
//   badCertTemplate  lightweight.subject
//   wrongIntegrity   lightweight.protection (key update and revocation by a shared secret)
//   notAuthorized    lightweight.first-certificate (cr under the certificate of another PKI),
//                    lightweight.update (kur under another certificate than the updated one),
//                    lightweight.revoker (the same of an rr)
#pragma once

#include "enrol/records.h"
#include "message/authenticated.h"

namespace countersign::enrol {

// One of the requests that m holds.
Result<> check_lightweight(const message::AuthenticatedMessage& m, const crmf::CertReqMsg& request);
Result<> check_lightweight(const message::AuthenticatedMessage& m,
                           const message::RevDetails& details);
// By signature, not by a shared secret.
Result<> check_signed(const message::AuthenticatedMessage& m);
Result<> check_lightweight_update(const message::Sender& sender, const CertificateRecord& updated);

// `serial` is that of the certificate to be revoked. notAuthorized "lightweight.revoker".
Result<> check_lightweight_revoker(const message::Sender& sender, View serial);

}  // namespace countersign::enrol
