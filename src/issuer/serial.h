// Serial numbers of certificates.
// Private to this folder. Entropy is an argument; its errors are passed on.
#pragma once

#include "base/ports.h"
#include "base/result.h"

namespace countersign::issuer {

// RFC 5280 §4.1.2.2 [MUST] a positive integer of at most 20 octets: 159 random bits, never 0.
// As INTEGER content octets, shortest form.
Result<Bytes> new_serial(Entropy& entropy);

}  // namespace countersign::issuer
