// Why a TLS session failed, as far as this side can tell.
#pragma once

#include <string>

#include "base/bytes.h"

struct ssl_st;  // OpenSSL's

namespace countersign::crypto {

enum class TlsFault : std::uint8_t {
  other,
  no_tls,     // what came is no TLS
  http,       // it is a request in plain HTTP
  untrusted,  // the peer's certificate, as are the next three
  expired,
  not_yet_valid,
  wrong_name,
  none_sent,  // a certificate was required of the peer
  alert,      // the peer has ended it, by an alert
};

struct TlsFailure {
  TlsFault fault = TlsFault::other;
  std::string reason;       // in the library's words: "unknown ca", "certificate required"
  bool peer_spoke = false;  // anything at all came
  std::string subject;      // of the certificate that is objected to, where there is one
  Bytes peer;               // DER: the peer's own certificate, where there is one
};

// `error` is what an operation on the session ended with, as the library numbers it.
TlsFailure explain_tls(const ssl_st* session, unsigned long error);

}  // namespace countersign::crypto
