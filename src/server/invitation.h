// A new shared secret on its way to whom it is for: as one line of text, which `countersign enroll
// --invite` takes, and as the question to the program that delivers it.
#pragma once

#include <string>

#include "enrol/records.h"

namespace countersign::server {

// countersign:enroll?url=…&reference=…&secret=…[&subject=…], percent-encoded (RFC 3986). The URL is
// that of the CMP profile that the secret is bound to, if it is; the subject is there where the
// secret is for one name alone.
std::string invitation(const enrol::CredentialRecord& record, const std::string& secret,
                       const std::string& public_url);

// One JSON object: address, reference, secret, names, url, expires ("": never), note, invitation.
std::string delivery_question(const enrol::CredentialRecord& record, const std::string& secret,
                              const std::string& public_url, const std::string& address);

}  // namespace countersign::server
