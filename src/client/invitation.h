// The line of text that an operator hands over with a new secret: where to enrol, and how to prove
// who asks. `countersignd secret add --json`, --qr and --deliver write it.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace countersign::client {

struct Invitation {
  std::string url;
  std::string reference;
  std::string secret;
  std::string subject;  // "CN=unit-1"; empty: whatever the secret may ask for
};

// countersign:enroll?url=…&reference=…&secret=…[&subject=…]; members that are not known are left
// out, so that a later server may add some. "client.invitation"; no Error holds any of the text.
Result<Invitation> read_invitation(std::string_view text);

}  // namespace countersign::client
