// TLS as both our sides speak it. The one place that configures it: which versions, whom to trust,
// who we are.
//
// TLS 1.2 and 1.3 at 112 bits of strength, without static RSA, renegotiation and resumption (each
// session is verified anew, under the trust of its day); HTTP/1.1 by ALPN. A peer's certificate is
// checked for its path (the rules of crypto/path.h), its time, its purpose and, by a client, the
// host's name in subjectAltName; revocation is not looked at.
//
// An immutable handle: cheap to copy, safe for several threads. Sessions outlive it.
// Errors, all systemFailure: "crypto.tls-certificate", "crypto.tls-key", "crypto.tls-anchors".
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/keys.h"

struct ssl_ctx_st;  // OpenSSL's
struct ssl_st;

namespace countersign::crypto {

struct TlsIdentity {
  std::vector<Bytes> chain;  // DER, our own certificate first
  PrivateKey key;
};

// Whether clients are asked for certificates. optional: one that is sent must be good.
enum class TlsClients : std::uint8_t { off, optional, required };

struct TlsServerSpec {
  TlsIdentity identity;
  TlsClients clients = TlsClients::off;
  std::vector<Bytes> client_anchors = {};  // DER
};

// Those that the machine's administrator trusts for all programs: /etc/ssl/certs, or what
// SSL_CERT_FILE and SSL_CERT_DIR name.
enum class SystemAnchors : std::uint8_t { left_out, included };

struct TlsClientSpec {
  std::vector<Bytes> anchors = {};  // DER
  SystemAnchors system = SystemAnchors::included;
  std::optional<TlsIdentity> identity = {};
};

struct FreeTlsSession {
  void operator()(ssl_st* session) const noexcept;
};
using TlsSession = std::unique_ptr<ssl_st, FreeTlsSession>;

class TlsContext {
 public:
  static Result<TlsContext> for_server(const TlsServerSpec& spec);
  static Result<TlsContext> for_client(const TlsClientSpec& spec);

  TlsSession accept() const;
  // `host`: a name, or an address without brackets; what the server's certificate must name.
  TlsSession connect(std::string host) const;

 private:
  explicit TlsContext(std::shared_ptr<ssl_ctx_st> context) noexcept
      : context_(std::move(context)) {}
  std::shared_ptr<ssl_ctx_st> context_;
};

}  // namespace countersign::crypto
