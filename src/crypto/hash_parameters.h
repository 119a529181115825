// Hash and mask generation function in the parameters of RSASSA-PSS and RSAES-OAEP. RFC 4055 §2.
// Private to this folder.
#pragma once

#include "crypto/digest.h"
#include "der/reader.h"

namespace countersign::crypto {

// HashAlgorithm ::= AlgorithmIdentifier, whose parameters are NULL or absent (RFC 4055 §2.1)
der::Parsed<Digest> read_hash(der::Reader& in);
// The hash of an MGF1 (RFC 4055 §2.2).
der::Parsed<Digest> read_mgf1(der::Reader& in);

inline constexpr auto kMgf1 = der::Oid::of("1.2.840.113549.1.1.8");

}  // namespace countersign::crypto
