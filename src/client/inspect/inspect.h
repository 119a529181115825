// Any PKIMessage aloud: field by field, with the standard's names, its section numbers and plain
// words. Verifies protection and proof of possession when it is given what that needs. Pure; never
// prints a secret, and nothing that would help to guess one.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "crypto/trust_set.h"

namespace countersign::client {

struct InspectOptions {
  const Secret* secret = nullptr;             // verify a MAC
  const crypto::TrustSet* anchors = nullptr;  // verify a signature's path
  Time now{};                                 // for paths
};

// `input` is DER, PEM or base64 text. Not a PKIMessage: the Error says where it stops being one.
Result<std::string> inspect(View input, const InspectOptions& options);

}  // namespace countersign::client
