#include "crypto/path.h"

#include <algorithm>

#include "crypto/trust_set_data.h"

namespace countersign::crypto {
namespace {

// OpenSSL's security level 2, see SSL_CTX_set_security_level(3): 112 bits.
constexpr int kSecurityLevel = 2;
constexpr int kSecurityBits = 112;

struct Reason {
  int verdict;  // X509_V_ERR_*
  std::string_view code;
  std::string_view sentence;  // after "the certificate <subject> "
};

constexpr Reason kReasons[] = {
    {X509_V_ERR_CERT_HAS_EXPIRED, "crypto.path-expired", "has expired; renew it"},
    {X509_V_ERR_CERT_NOT_YET_VALID, "crypto.path-not-yet-valid",
     "is not valid yet; check its notBefore and the clocks"},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, "crypto.path-no-anchor",
     "has an issuer that is neither a trust anchor nor among the certificates sent; send the "
     "intermediate certificates or configure the anchor"},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, "crypto.path-no-anchor",
     "has an issuer that is not known; configure its trust anchor"},
    {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, "crypto.path-no-anchor",
     "leads to no trust anchor; send the intermediate certificates or configure the anchor"},
    {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, "crypto.path-no-anchor",
     "is self-signed but no trust anchor; configure it as one if it is to be trusted"},
    {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, "crypto.path-no-anchor",
     "is self-signed but no trust anchor; configure it as one if it is to be trusted"},
    {X509_V_ERR_CERT_SIGNATURE_FAILURE, "crypto.path-bad-signature",
     "has a signature that does not verify with its issuer's key"},
    {X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE, "crypto.path-bad-signature",
     "has a signature that cannot be read"},
    {X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY, "crypto.path-bad-signature",
     "has an issuer whose public key cannot be read"},
    {X509_V_ERR_SIGNATURE_ALGORITHM_MISMATCH, "crypto.path-bad-signature",
     "is signed by an algorithm that does not fit its issuer's key"},
    {X509_V_ERR_SIGNATURE_ALGORITHM_INCONSISTENCY, "crypto.path-bad-signature",
     "names two different signature algorithms"},
    {X509_V_ERR_EE_KEY_TOO_SMALL, "crypto.path-weak", "has a key that is too short"},
    {X509_V_ERR_CA_KEY_TOO_SMALL, "crypto.path-weak", "has a key that is too short for a CA"},
    {X509_V_ERR_CA_MD_TOO_WEAK, "crypto.path-weak",
     "is signed with a broken digest; have it issued with SHA-256 or better"},
    {X509_V_ERR_INVALID_CA, "crypto.path-not-a-ca",
     "issued another one but is no CA certificate (basicConstraints)"},
    {X509_V_ERR_KEYUSAGE_NO_CERTSIGN, "crypto.path-not-a-ca",
     "issued another one without the key usage keyCertSign"},
    {X509_V_ERR_PATH_LENGTH_EXCEEDED, "crypto.path-length",
     "has a pathLenConstraint that this path exceeds"},
    {X509_V_ERR_PERMITTED_VIOLATION, "crypto.path-name-constraint",
     "has a name that the name constraints above it do not permit"},
    {X509_V_ERR_EXCLUDED_VIOLATION, "crypto.path-name-constraint",
     "has a name that the name constraints above it exclude"},
    {X509_V_ERR_SUBTREE_MINMAX, "crypto.path-name-constraint",
     "is under name constraints with minimum or maximum, which are not supported"},
    {X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE, "crypto.path-name-constraint",
     "is under name constraints of a kind that is not supported"},
    {X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX, "crypto.path-name-constraint",
     "is under name constraints that cannot be read"},
    {X509_V_ERR_UNSUPPORTED_NAME_SYNTAX, "crypto.path-name-constraint",
     "has a name that cannot be held against the name constraints above it"},
    {X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION, "crypto.path-critical-extension",
     "has a critical extension that is not supported"},
    {X509_V_ERR_CERT_REVOKED, "crypto.path-revoked", "has been revoked"},
    {X509_V_ERR_CRL_HAS_EXPIRED, "crypto.path-crl",
     "has an issuer whose revocation list at hand has expired; fetch the current one"},
    {X509_V_ERR_CRL_NOT_YET_VALID, "crypto.path-crl",
     "has an issuer whose revocation list at hand is not valid yet; check the clocks"},
    {X509_V_ERR_CRL_SIGNATURE_FAILURE, "crypto.path-crl",
     "has an issuer whose revocation list at hand has a signature that does not verify"},
    {X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER, "crypto.path-crl",
     "has an issuer whose revocation list at hand was signed by who is not known"},
    {X509_V_ERR_CERT_CHAIN_TOO_LONG, "crypto.path-too-deep",
     "is further from its trust anchor than the limit allows; shorten the chain"},
};

std::unexpected<Error> distrust(std::string_view code, const X509* certificate,
                                std::string_view sentence, std::string detail = {}) {
  return fail(Failure::signerNotTrusted, code,
              "the certificate " + subject_of(certificate) + " " + std::string(sentence),
              std::move(detail));
}

std::unexpected<Error> explain(X509_STORE_CTX* context, const X509* leaf) {
  const int verdict = X509_STORE_CTX_get_error(context);
  const X509* culprit = X509_STORE_CTX_get_current_cert(context);
  if (culprit == nullptr) culprit = leaf;
  std::string detail = std::string(X509_verify_cert_error_string(verdict)) + " at depth " +
                       std::to_string(X509_STORE_CTX_get_error_depth(context));
  ERR_clear_error();
  const auto* reason = std::ranges::find(kReasons, verdict, &Reason::verdict);
  if (reason != std::end(kReasons))
    return distrust(reason->code, culprit, reason->sentence, std::move(detail));
  return distrust("crypto.path-invalid", culprit,
                  std::string("is not acceptable: ") + X509_verify_cert_error_string(verdict),
                  std::move(detail));
}

// Borrows the certificates; X509_STORE_CTX copies what it keeps.
using Stack = Handle<STACK_OF(X509), [](STACK_OF(X509) * s) { sk_X509_free(s); }>;

class Candidates {
 public:
  explicit Candidates(const PathRequest& request) : stack_(sk_X509_new_null()) {
    require(stack_ != nullptr, "certificate stack");
    const std::size_t count = std::min(request.intermediates.size(), kMostIntermediates);
    for (std::size_t i = 0; i < count; ++i) {
      Certificate certificate = decode_certificate(request.intermediates[i]);
      if (!certificate || !affordable(certificate.get())) continue;
      push(certificate.get());
      owned_.push_back(std::move(certificate));
    }
    for (const Certificate& known : request.trust.data().intermediates) push(known.get());
  }
  STACK_OF(X509) * stack() const noexcept { return stack_.get(); }

 private:
  // Keys so long that one verification would cost milliseconds are not considered.
  static bool affordable(const X509* certificate) {
    const EVP_PKEY* key = X509_get0_pubkey(certificate);
    if (key == nullptr) return false;
    return !(EVP_PKEY_is_a(key, "RSA") || EVP_PKEY_is_a(key, "RSA-PSS")) ||
           EVP_PKEY_get_bits(key) <= kMostRsaBits;
  }
  void push(X509* certificate) {
    require(sk_X509_push(stack_.get(), certificate) > 0, "certificate stack");
  }

  static constexpr int kMostRsaBits = 8192;
  std::vector<Certificate> owned_;
  Stack stack_;
};

Result<> check_leaf(X509* leaf, Purpose purpose) {
  const EVP_PKEY* key = X509_get0_pubkey(leaf);
  if (key == nullptr)
    return distrust("crypto.path-invalid", leaf, "has a public key that cannot be read",
                    library_error());
  if (EVP_PKEY_get_security_bits(key) < kSecurityBits)
    return distrust("crypto.path-weak", leaf,
                    "has a key that is too short; use RSA with 2048 bits or more");
  const std::uint32_t usage = X509_get_key_usage(leaf);
  if (purpose == Purpose::cmp_signature && (usage & KU_DIGITAL_SIGNATURE) == 0)
    return distrust("crypto.path-key-usage", leaf,
                    "may not sign messages: its keyUsage lacks digitalSignature");
  return {};
}

// A verdict is good as long as its certificates are, and the lists that it was found under.
Path describe(X509_STORE_CTX* context, const TrustSetData& trust, Time at) {
  const STACK_OF(X509)* chain = X509_STORE_CTX_get0_chain(context);
  Path path{{}, Time::min(), Time::max()};
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    const X509* certificate = sk_X509_value(chain, i);
    path.chain.push_back(encoded(certificate));
    path.not_before = std::max(path.not_before, to_time(X509_get0_notBefore(certificate)));
    path.not_after = std::min(path.not_after, to_time(X509_get0_notAfter(certificate)));
  }
  const auto end = trust.list_ends.lower_bound(at);
  if (end != trust.list_ends.end()) path.not_after = std::min(path.not_after, *end);
  return path;
}

// No list of that issuer is at hand: its certificates go unchecked.
int pass_unlisted(int good, X509_STORE_CTX* context) {
  const bool unlisted = X509_STORE_CTX_get_error(context) == X509_V_ERR_UNABLE_TO_GET_CRL;
  if (unlisted) X509_STORE_CTX_set_error(context, X509_V_OK);
  return unlisted ? 1 : good;
}

void check_status(X509_STORE_CTX* context) {
  X509_VERIFY_PARAM_set_flags(X509_STORE_CTX_get0_param(context),
                              X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
  X509_STORE_CTX_set_verify_cb(context, pass_unlisted);
}

void set_rules(X509_STORE_CTX* context, Time at) {
  X509_VERIFY_PARAM* rules = X509_STORE_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_time(rules, static_cast<time_t>(to_unix(at)));
  X509_VERIFY_PARAM_set_depth(rules, kDeepest);
  X509_VERIFY_PARAM_set_auth_level(rules, kSecurityLevel);
  X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST);
}

}  // namespace

Result<Path> validate_path(const PathRequest& request) {
  const Certificate leaf = decode_certificate(request.leaf);
  if (!leaf)
    return fail(Failure::badDataFormat, "crypto.certificate-format",
                "the signer's certificate is no X.509 certificate in DER");
  TRY(check_leaf(leaf.get(), request.purpose));
  const Candidates candidates(request);
  const StoreContext context(X509_STORE_CTX_new());
  require(context && X509_STORE_CTX_init(context.get(), request.trust.data().store.get(),
                                         leaf.get(), candidates.stack()) == 1,
          "path context");
  set_rules(context.get(), request.at);
  if (request.trust.data().has_revocation_lists) check_status(context.get());
  if (X509_verify_cert(context.get()) != 1) return explain(context.get(), leaf.get());
  ERR_clear_error();
  return describe(context.get(), request.trust.data(), request.at);
}

}  // namespace countersign::crypto
