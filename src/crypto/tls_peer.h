// Who is at the other end of a TLS session.
#pragma once

#include <optional>

#include "base/bytes.h"

struct ssl_st;  // OpenSSL's

namespace countersign::crypto {

// DER of the certificate that the peer has shown and the session has verified (crypto/tls_context.h
// says how); nullopt: it has shown none. After the handshake.
std::optional<Bytes> verified_peer(const ssl_st* session);

}  // namespace countersign::crypto
