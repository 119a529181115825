#include "crypto/tls_context.h"

#include <algorithm>
#include <cstdlib>

#include "crypto/key_data.h"
#include "crypto/path.h"
#include "crypto/tls_objection.h"
#include "crypto/trust_set_data.h"

namespace countersign::crypto {
namespace {

using Context = std::shared_ptr<SSL_CTX>;

constexpr int kSecurityLevel = 2;  // 112 bits
constexpr const char* kDebianAnchors = "/etc/ssl/certs";
constexpr unsigned char kHttp11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

std::unexpected<Error> refuse(std::string_view code, std::string sentence) {
  return fail(Failure::systemFailure, code, std::move(sentence), library_error());
}

// RFC 7301 §3.2 [SHALL] no_application_protocol where nothing that is offered is spoken
int choose_protocol(SSL* /*session*/, const unsigned char** chosen, unsigned char* size,
                    const unsigned char* offered, unsigned int offered_size, void* /*argument*/) {
  unsigned char* found = nullptr;
  if (SSL_select_next_proto(&found, size, kHttp11, sizeof kHttp11, offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

Context make(const SSL_METHOD* method) {
  const Context context(SSL_CTX_new(method), SSL_CTX_free);
  require(context != nullptr, "TLS context");
  SSL_CTX* const c = context.get();
  require(SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION) == 1, "TLS version");
  SSL_CTX_set_security_level(c, kSecurityLevel);
  require(SSL_CTX_set_cipher_list(c, "DEFAULT:!kRSA") == 1, "cipher suites");
  SSL_CTX_set_options(c, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
  SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
  require(SSL_CTX_set_num_tickets(c, 0) == 1, "session tickets");
  X509_VERIFY_PARAM* const rules = SSL_CTX_get0_param(c);
  X509_VERIFY_PARAM_set_depth(rules, kDeepest);
  X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST);
  return context;
}

Result<> use(SSL_CTX* context, const TlsIdentity& identity) {
  for (std::size_t i = 0; i < identity.chain.size(); ++i) {
    const Certificate certificate = decode_certificate(identity.chain[i]);
    const bool taken =
        certificate && (i == 0 ? SSL_CTX_use_certificate(context, certificate.get()) == 1
                               : SSL_CTX_add1_chain_cert(context, certificate.get()) == 1);
    if (!taken)
      return refuse("crypto.tls-certificate",
                    "certificate " + std::to_string(i + 1) +
                        " of the chain cannot be used for TLS: it must be X.509 with a key and a "
                        "signature of at least 112 bits of strength; have it issued anew");
  }
  if (identity.chain.empty())
    return refuse("crypto.tls-certificate", "TLS needs a certificate; name one");
  if (SSL_CTX_use_PrivateKey(context, native(identity.key)) != 1 ||
      SSL_CTX_check_private_key(context) != 1)
    return refuse("crypto.tls-key",
                  "the private key is not that of the TLS certificate, or of a kind that TLS does "
                  "not know; name the two that belong together");
  return {};
}

Result<> trust(SSL_CTX* context, const std::vector<Bytes>& anchors) {
  X509_STORE* const store = SSL_CTX_get_cert_store(context);
  for (const Bytes& der : anchors) {
    const Certificate anchor = decode_certificate(der);
    if (!anchor)
      return refuse("crypto.tls-anchors",
                    "one of the certificates to trust for TLS is no X.509 in DER; replace it");
    require(X509_STORE_add_cert(store, anchor.get()) == 1, "add anchor");
  }
  return {};
}

void trust_system(SSL_CTX* context) {
  SSL_CTX_set_default_verify_paths(context);
  // A privately built OpenSSL looks in a folder of its own.
  if (std::getenv(X509_get_default_cert_dir_env()) == nullptr &&
      std::getenv(X509_get_default_cert_file_env()) == nullptr)
    SSL_CTX_load_verify_dir(context, kDebianAnchors);
  ERR_clear_error();  // a place that is not there is no fault
}

Result<> ask_clients(SSL_CTX* context, const TlsServerSpec& spec) {
  if (spec.clients == TlsClients::off) return {};
  if (spec.client_anchors.empty())
    return refuse("crypto.tls-anchors",
                  "TLS clients are asked for certificates, yet nobody is trusted to issue them; "
                  "name the CA certificates");
  TRY(trust(context, spec.client_anchors));
  for (const Bytes& der : spec.client_anchors)
    require(SSL_CTX_add_client_CA(context, decode_certificate(der).get()) == 1, "client CA");
  const int required = spec.clients == TlsClients::required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | required, note_objection);
  return {};
}

TlsSession session_of(const Context& context) {
  TlsSession session(SSL_new(context.get()));
  require(session != nullptr, "TLS session");
  return session;
}

// RFC 9525 §6.3, §6.4: names in subjectAltName alone.
void expect(SSL* session, const std::string& host) {
  X509_VERIFY_PARAM* const rules = SSL_get0_param(session);
  if (X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str()) == 1) return;
  ERR_clear_error();
  X509_VERIFY_PARAM_set_hostflags(
      rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  require(X509_VERIFY_PARAM_set1_host(rules, host.data(), host.size()) == 1, "host name");
  // RFC 6066 §3 [MUST NOT] an address, nor a trailing dot
  require(SSL_set_tlsext_host_name(session, host.c_str()) == 1, "server name");
}

}  // namespace

void FreeTlsSession::operator()(ssl_st* session) const noexcept { SSL_free(session); }

Result<TlsContext> TlsContext::for_server(const TlsServerSpec& spec) {
  Context context = make(TLS_server_method());
  TRY(use(context.get(), spec.identity));
  TRY(ask_clients(context.get(), spec));
  SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);
  ERR_clear_error();
  return TlsContext(std::move(context));
}

Result<TlsContext> TlsContext::for_client(const TlsClientSpec& spec) {
  Context context = make(TLS_client_method());
  if (spec.identity) TRY(use(context.get(), *spec.identity));
  if (spec.anchors.empty() && spec.system == SystemAnchors::left_out)
    return refuse("crypto.tls-anchors", "no certificate is to be trusted for TLS; name one");
  TRY(trust(context.get(), spec.anchors));
  if (spec.system == SystemAnchors::included) trust_system(context.get());
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, note_objection);
  require(SSL_CTX_set_alpn_protos(context.get(), kHttp11, sizeof kHttp11) == 0, "ALPN");
  ERR_clear_error();
  return TlsContext(std::move(context));
}

TlsSession TlsContext::accept() const {
  TlsSession session = session_of(context_);
  SSL_set_accept_state(session.get());
  return session;
}

TlsSession TlsContext::connect(std::string host) const {
  if (host.ends_with('.')) host.pop_back();
  TlsSession session = session_of(context_);
  SSL_set_connect_state(session.get());
  expect(session.get(), host);
  return session;
}

}  // namespace countersign::crypto
