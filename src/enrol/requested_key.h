// The public key of a request. Private to this folder.
#pragma once

#include "base/result.h"
#include "crmf/crmf.h"

namespace countersign::enrol {

// The SubjectPublicKeyInfo, borrowed from the template. badCertTemplate "template.key-missing" when
// there is none, or one without key octets, which asks for central key generation (RFC 9483
// §4.1.6).
Result<View> requested_key(const crmf::CertTemplate& asked);

}  // namespace countersign::enrol
