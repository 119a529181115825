// HMAC (RFC 2104) and its object identifiers. SHAKE has no HMAC: asking for it throws, as does a
// broken library; no input makes it fail.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "crypto/digest.h"
#include "der/oid.h"

namespace countersign::crypto {

Bytes hmac(Digest algorithm, View key, View data);
// The same over two pieces, one after the other, without joining them.
Bytes hmac(Digest algorithm, View key, View first, View second);

// In constant time for a MAC of the right length; a MAC of another length never matches.
bool hmac_matches(Digest algorithm, View key, View data, View mac);
bool hmac_matches(Digest algorithm, View key, View first, View second, View mac);

// RFC 8018 §B.1.2, RFC 8702; for SHA-1 also hmac-SHA1 of RFC 4210, 1.3.6.1.5.5.8.1.2.
std::optional<Digest> hmac_from_oid(const der::Oid& oid) noexcept;
// What we write. nullopt for SHAKE.
std::optional<der::Oid> hmac_oid(Digest algorithm) noexcept;

}  // namespace countersign::crypto
