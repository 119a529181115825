#include "crypto/tls_failure.h"

#include "crypto/tls_objection.h"
#include "crypto/trust_set_data.h"

namespace countersign::crypto {
namespace {

void free_objection(void* /*parent*/, void* objection, CRYPTO_EX_DATA* /*data*/, int /*index*/,
                    long /*argument*/, void* /*pointer*/) {
  delete static_cast<TlsObjection*>(objection);
}

// Index 0 is Asio's.
int objection_index() {
  static const int index = [] {
    const int made = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, free_objection);
    require(made > 0, "session data");
    return made;
  }();
  return index;
}

Bytes encode(const X509* certificate) {
  unsigned char* out = nullptr;
  const int size = i2d_X509(certificate, &out);
  if (size <= 0) return {};
  Bytes der(out, out + size);
  OPENSSL_free(out);
  return der;
}

TlsFault fault_of_verdict(int verdict) noexcept {
  switch (verdict) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return TlsFault::expired;
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return TlsFault::not_yet_valid;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return TlsFault::wrong_name;
    default:
      return TlsFault::untrusted;
  }
}

TlsFault fault_of_reason(int reason) noexcept {
  switch (reason) {
    case SSL_R_HTTP_REQUEST:
    case SSL_R_HTTPS_PROXY_REQUEST:
      return TlsFault::http;
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
    case SSL_R_RECORD_LENGTH_MISMATCH:
    case SSL_R_BAD_RECORD_TYPE:
      return TlsFault::no_tls;
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
      return TlsFault::none_sent;
    default:
      return reason >= SSL_AD_REASON_OFFSET ? TlsFault::alert : TlsFault::other;
  }
}

}  // namespace

int note_objection(int good, X509_STORE_CTX* path) {
  if (good == 1) return 1;
  auto* session =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(path, SSL_get_ex_data_X509_STORE_CTX_idx()));
  if (session == nullptr || objection_of(session) != nullptr) return 0;
  auto objection = std::make_unique<TlsObjection>();
  objection->verdict = X509_STORE_CTX_get_error(path);
  if (const X509* culprit = X509_STORE_CTX_get_current_cert(path))
    objection->subject = subject_of(culprit);
  if (const X509* leaf = X509_STORE_CTX_get0_cert(path)) objection->peer = encode(leaf);
  if (SSL_set_ex_data(session, objection_index(), objection.get()) == 1)
    static_cast<void>(objection.release());
  return 0;
}

const TlsObjection* objection_of(const SSL* session) {
  return static_cast<const TlsObjection*>(SSL_get_ex_data(session, objection_index()));
}

TlsFailure explain_tls(const ssl_st* session, unsigned long error) {
  TlsFailure failure;
  failure.peer_spoke = BIO_number_read(SSL_get_rbio(session)) > 0;
  if (const auto* objection = objection_of(session)) {
    failure.fault = fault_of_verdict(objection->verdict);
    failure.reason = X509_verify_cert_error_string(objection->verdict);
    failure.subject = objection->subject;
    failure.peer = objection->peer;
    return failure;
  }
  const int reason = ERR_GET_REASON(error);
  if (ERR_GET_LIB(error) == ERR_LIB_SSL) failure.fault = fault_of_reason(reason);
  const char* words = ERR_reason_error_string(error);
  failure.reason = words == nullptr ? "error " + std::to_string(reason) : words;
  // "tlsv1 alert unknown ca", of whichever version
  constexpr std::string_view kAlert = "alert ";
  const auto at = failure.reason.find(kAlert);
  if (failure.fault == TlsFault::alert && at != std::string::npos)
    failure.reason.erase(0, at + kAlert.size());
  return failure;
}

}  // namespace countersign::crypto
