#include "crypto/sign.h"

#include "crypto/key_data.h"

namespace countersign::crypto {
namespace {

bool fits(const SignatureAlgorithm& row, KeyKind kind) noexcept {
  switch (row.scheme) {
    case Scheme::rsa_v15:
      return kind == KeyKind::rsa;
    case Scheme::rsa_pss:
      return is_rsa(kind);
    case Scheme::ecdsa:
      return is_ec(kind);
    case Scheme::pure:
      return row.key == kind;
  }
  return false;
}

Result<ResolvedAlgorithm> resolve_for(KeyKind kind, const der::AlgorithmIdentifier& algorithm,
                                      Sha1 sha1) {
  const ResolvedAlgorithm resolved = TRY(resolve(algorithm));
  const std::string name(resolved.row->name);
  if (resolved.row->standing == Standing::forbidden && sha1 == Sha1::refuse)
    return fail(Failure::badAlg, "crypto.algorithm-forbidden",
                "the signature algorithm " + name + " is broken; use one with SHA-256 or better");
  if (!fits(*resolved.row, kind))
    return fail(Failure::badAlg, "crypto.algorithm-mismatch",
                "the signature algorithm " + name + " does not fit a key of kind " +
                    std::string(crypto::name(kind)) + "; name the one that was used");
  return resolved;
}

struct Message {
  View first, second;
};

// What EVP_DigestSign and EVP_DigestVerify take in one piece.
class Joined {
 public:
  explicit Joined(const Message& message) : view_(message.first) {
    if (message.second.empty()) return;
    copy_ = copy(message.first);
    append(copy_, message.second);
    view_ = copy_;
  }
  Joined(const Joined&) = delete;
  Joined& operator=(const Joined&) = delete;
  View octets() const noexcept { return view_; }

 private:
  Bytes copy_;
  View view_;
};

bool set_padding(const ResolvedAlgorithm& algorithm, EVP_PKEY_CTX* context) {
  switch (algorithm.row->scheme) {
    case Scheme::rsa_v15:
      return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
    case Scheme::rsa_pss:
      return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
             EVP_PKEY_CTX_set_rsa_mgf1_md(context, fetched(*algorithm.row->digest)) == 1 &&
             EVP_PKEY_CTX_set_rsa_pss_saltlen(context, algorithm.salt_length) == 1;
    default:
      return true;
  }
}

const EVP_MD* library_digest(const ResolvedAlgorithm& algorithm) {
  return algorithm.row->digest ? fetched(*algorithm.row->digest) : nullptr;
}

EvpMdContext new_context() {
  EvpMdContext context(EVP_MD_CTX_new());
  require(context != nullptr, "digest context");
  return context;
}

bool sign_message(EVP_PKEY* key, const ResolvedAlgorithm& algorithm, const Message& message,
                  Bytes& out) {
  const EvpMdContext context = new_context();
  EVP_PKEY_CTX* key_context = nullptr;
  if (EVP_DigestSignInit(context.get(), &key_context, library_digest(algorithm), nullptr, key) !=
          1 ||
      !set_padding(algorithm, key_context))
    return false;
  std::size_t size = static_cast<std::size_t>(EVP_PKEY_get_size(key));
  out.resize(size);
  if (algorithm.row->digest) {
    if (EVP_DigestSignUpdate(context.get(), message.first.data(), message.first.size()) != 1 ||
        EVP_DigestSignUpdate(context.get(), message.second.data(), message.second.size()) != 1 ||
        EVP_DigestSignFinal(context.get(), out.data(), &size) != 1)
      return false;
  } else {
    const Joined all(message);
    if (EVP_DigestSign(context.get(), out.data(), &size, pointer(all.octets()),
                       all.octets().size()) != 1)
      return false;
  }
  out.resize(size);
  return true;
}

bool verifies_message(EVP_PKEY* key, const ResolvedAlgorithm& algorithm, const Message& message,
                      View signature) {
  const EvpMdContext context = new_context();
  EVP_PKEY_CTX* key_context = nullptr;
  if (EVP_DigestVerifyInit(context.get(), &key_context, library_digest(algorithm), nullptr, key) !=
          1 ||
      !set_padding(algorithm, key_context))
    return false;
  if (!algorithm.row->digest) {
    const Joined all(message);
    return EVP_DigestVerify(context.get(), pointer(signature), signature.size(),
                            pointer(all.octets()), all.octets().size()) == 1;
  }
  return EVP_DigestVerifyUpdate(context.get(), message.first.data(), message.first.size()) == 1 &&
         EVP_DigestVerifyUpdate(context.get(), message.second.data(), message.second.size()) == 1 &&
         EVP_DigestVerifyFinal(context.get(), pointer(signature), signature.size()) == 1;
}

// The library does not join SHAKE with ECDSA: the digest is computed first, and signed as it is.
// RFC 8702 §3.2.2 allows its random k.
bool hashed_apart(const SignatureAlgorithm& row) noexcept {
  return row.digest == Digest::shake128 || row.digest == Digest::shake256;
}

Bytes digest_of(const ResolvedAlgorithm& algorithm, const Message& message) {
  return Hasher(*algorithm.row->digest).update(message.first).update(message.second).finish();
}

bool sign_digest(EVP_PKEY* key, const Bytes& digest, Bytes& out) {
  const EvpKeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  if (!context || EVP_PKEY_sign_init(context.get()) != 1) return false;
  std::size_t size = static_cast<std::size_t>(EVP_PKEY_get_size(key));
  out.resize(size);
  if (EVP_PKEY_sign(context.get(), out.data(), &size, digest.data(), digest.size()) != 1)
    return false;
  out.resize(size);
  return true;
}

bool verifies_digest(EVP_PKEY* key, const Bytes& digest, View signature) {
  const EvpKeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  require(context != nullptr, "key context");
  return EVP_PKEY_verify_init(context.get()) == 1 &&
         EVP_PKEY_verify(context.get(), pointer(signature), signature.size(), digest.data(),
                         digest.size()) == 1;
}

bool sign_octets(EVP_PKEY* key, const ResolvedAlgorithm& algorithm, const Message& message,
                 Bytes& out) {
  if (hashed_apart(*algorithm.row)) return sign_digest(key, digest_of(algorithm, message), out);
  return sign_message(key, algorithm, message, out);
}

// True only for a signature that is right; every other outcome is the same to the caller.
bool signature_is_right(EVP_PKEY* key, const ResolvedAlgorithm& algorithm, const Message& message,
                        View signature) {
  if (hashed_apart(*algorithm.row))
    return verifies_digest(key, digest_of(algorithm, message), signature);
  return verifies_message(key, algorithm, message, signature);
}

}  // namespace

Result<Bytes> sign(const PrivateKey& key, const der::AlgorithmIdentifier& algorithm, View first,
                   View second) {
  const ResolvedAlgorithm resolved = TRY(resolve_for(key.kind(), algorithm, Sha1::refuse));
  Bytes out;
  if (!sign_octets(native(key), resolved, {first, second}, out))
    return fail(Failure::systemFailure, "crypto.sign-failed",
                "the signature could not be made; check that the key admits " +
                    std::string(resolved.row->name),
                library_error());
  return out;
}

Result<Bytes> sign(const PrivateKey& key, const der::AlgorithmIdentifier& algorithm, View tbs) {
  return sign(key, algorithm, tbs, {});
}

Result<> verify(const PublicKey& key, const der::AlgorithmIdentifier& algorithm, View first,
                View second, View signature, Sha1 sha1) {
  const ResolvedAlgorithm resolved = TRY(resolve_for(key.kind(), algorithm, sha1));
  if (signature_is_right(native(key), resolved, {first, second}, signature)) return {};
  return fail(Failure::badMessageCheck, "crypto.signature-mismatch",
              "the signature does not verify with the public key; check what was signed, and by "
              "which key",
              library_error());
}

Result<> verify(const PublicKey& key, const der::AlgorithmIdentifier& algorithm, View tbs,
                View signature, Sha1 sha1) {
  return verify(key, algorithm, tbs, {}, signature, sha1);
}

Result<> check_algorithm(KeyKind kind, const der::AlgorithmIdentifier& algorithm, Sha1 sha1) {
  TRY(resolve_for(kind, algorithm, sha1));
  return {};
}

}  // namespace countersign::crypto
