#include <algorithm>
#include <cstring>

#include "crypto/key_data.h"
#include "crypto/keys.h"

namespace countersign::crypto {
namespace {

std::unexpected<Error> refuse(std::string_view code, std::string text, std::string detail = {}) {
  return fail(Failure::systemFailure, code, std::move(text), std::move(detail));
}

// A BIO in memory that is wiped when it is freed.
Bio memory() {
  Bio bio(BIO_new(BIO_s_secmem()));
  require(bio != nullptr, "memory BIO");
  return bio;
}

View content(const Bio& bio) {
  char* start = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &start);
  return {reinterpret_cast<const Byte*>(start), static_cast<std::size_t>(std::max(size, 0L))};
}

Bytes encode_spki(EVP_PKEY* key) {
  unsigned char* out = nullptr;
  const int size = i2d_PUBKEY(key, &out);
  require(size > 0, "encode public key");
  Bytes spki(out, out + size);
  OPENSSL_free(out);
  return spki;
}

// RFC 5915 [MUST] keep the curve as a name, the public point beside the private number; a key that
// arrives otherwise is judged by its SubjectPublicKeyInfo like any other.
Result<PrivateKey> wrap(EvpKey key) {
  auto public_key = PublicKey::from_spki(encode_spki(key.get()));
  if (!public_key)
    return refuse(
        "crypto.private-key-format",
        "the private key is of a kind that is not supported: " + public_key.error().reply_text,
        std::string(public_key.error().code));
  return PrivateKey(std::make_shared<PrivateKeyData>(std::move(key), *std::move(public_key)));
}

Result<PrivateKey> wrap_foreign(EvpKey key) {
  auto wrapped = TRY(wrap(std::move(key)));
  const EvpKeyContext context(EVP_PKEY_CTX_new(native(wrapped), nullptr));
  require(context != nullptr, "key context");
  if (EVP_PKEY_pairwise_check(context.get()) != 1)
    return refuse("crypto.key-mismatch", "the halves of the private key do not fit each other",
                  library_error());
  ERR_clear_error();
  return wrapped;
}

struct PassphraseRequest {
  View passphrase;
  bool asked = false;
};

int give_passphrase(char* buffer, int size, int /*writing*/, void* user) {
  auto& request = *static_cast<PassphraseRequest*>(user);
  request.asked = true;
  const std::size_t length = request.passphrase.size();
  if (length == 0 || size < 0 || length > static_cast<std::size_t>(size)) return -1;
  std::memcpy(buffer, request.passphrase.data(), length);
  return static_cast<int>(length);
}

std::unexpected<Error> unreadable(const PassphraseRequest& request) {
  std::string detail = library_error();
  if (request.asked && request.passphrase.empty())
    return refuse("crypto.passphrase-needed", "the private key is encrypted; name its passphrase",
                  std::move(detail));
  if (request.asked)
    return refuse("crypto.passphrase-wrong", "the private key does not open with its passphrase",
                  std::move(detail));
  return refuse("crypto.private-key-format",
                "no private key in PEM was found; give PKCS#8, SEC1 or PKCS#1", std::move(detail));
}

Pkcs8 to_info(const PrivateKey& key) {
  Pkcs8 info(EVP_PKEY2PKCS8(native(key)));
  require(info != nullptr, "PKCS#8");
  return info;
}

AlgorithmHandle encryption(PassphraseKdf kdf) {
  constexpr int kSaltSize = 16;
  constexpr int kRounds = 600'000;
  constexpr std::uint64_t kN = 16384, kR = 8, kP = 1;  // the most that OpenSSL reads by default
  const EVP_CIPHER* cipher = EVP_aes_256_cbc();
  AlgorithmHandle made(
      kdf == PassphraseKdf::scrypt
          ? PKCS5_pbe2_set_scrypt(cipher, nullptr, 0, nullptr, kN, kR, kP)
          : PKCS5_pbe2_set_iv(cipher, kRounds, nullptr, kSaltSize, nullptr, NID_hmacWithSHA256));
  require(made != nullptr, "PBES2");
  return made;
}

}  // namespace

PrivateKey PrivateKey::generate(const KeySpec& spec) {
  EVP_PKEY* made = nullptr;
  if (is_rsa(spec.kind)) {
    made = EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", static_cast<std::size_t>(spec.bits));
  } else if (is_ec(spec.kind)) {
    const char* curve = spec.kind == KeyKind::p256   ? "P-256"
                        : spec.kind == KeyKind::p384 ? "P-384"
                                                     : "P-521";
    made = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve);
  } else {
    made = EVP_PKEY_Q_keygen(nullptr, nullptr, std::string(name(spec.kind)).c_str());
  }
  EvpKey key(made);
  require(key != nullptr, "key generation");
  auto wrapped = wrap(std::move(key));
  require(wrapped.has_value(), "a generated key has an unexpected form");
  return *std::move(wrapped);
}

Result<PrivateKey> PrivateKey::from_pem(std::string_view text, const Secret& passphrase) {
  constexpr std::size_t kLongest = 1 << 20;
  PassphraseRequest request{passphrase.expose()};
  if (text.empty() || text.size() > kLongest) return unreadable(request);
  const Bio in(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  require(in != nullptr, "memory BIO");
  EvpKey key(PEM_read_bio_PrivateKey(in.get(), nullptr, give_passphrase, &request));
  if (!key) return unreadable(request);
  ERR_clear_error();
  return wrap_foreign(std::move(key));
}

Result<PrivateKey> PrivateKey::from_pkcs8(View der) {
  const unsigned char* at = pointer(der);
  const Pkcs8 info(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, static_cast<long>(der.size())));
  if (!info || at != pointer(der) + der.size()) return unreadable({});
  EvpKey key(EVP_PKCS82PKEY(info.get()));
  if (!key) return unreadable({});
  return wrap_foreign(std::move(key));
}

Secret PrivateKey::to_pem() const {
  const Bio out = memory();
  require(PEM_write_bio_PKCS8PrivateKey(out.get(), native(*this), nullptr, nullptr, 0, nullptr,
                                        nullptr) == 1,
          "write PKCS#8");
  return Secret(content(out));
}

Secret PrivateKey::to_pkcs8() const {
  const Bio out = memory();
  require(i2d_PKCS8_PRIV_KEY_INFO_bio(out.get(), to_info(*this).get()) == 1, "write PKCS#8");
  return Secret(content(out));
}

Result<std::string> PrivateKey::to_encrypted_pem(const Secret& passphrase,
                                                 PassphraseKdf kdf) const {
  constexpr std::size_t kLongest = 1000;  // of what PEM readers take
  if (passphrase.empty() || passphrase.size() > kLongest)
    return refuse("crypto.passphrase-empty", "a passphrase must have 1 to 1000 octets");
  const Pkcs8 info = to_info(*this);
  AlgorithmHandle algorithm = encryption(kdf);
  const View secret = passphrase.expose();
  const EncryptedKey encrypted(PKCS8_set0_pbe(reinterpret_cast<const char*>(secret.data()),
                                              static_cast<int>(secret.size()), info.get(),
                                              algorithm.get()));
  require(encrypted != nullptr, "encrypt PKCS#8");
  static_cast<void>(algorithm.release());  // now part of `encrypted`
  const Bio out(BIO_new(BIO_s_mem()));
  require(out && PEM_write_bio_PKCS8(out.get(), encrypted.get()) == 1, "write PKCS#8");
  return std::string(text(content(out)));
}

const PublicKey& PrivateKey::public_key() const noexcept { return data_->public_key; }

bool PrivateKey::matches(const PublicKey& other) const noexcept {
  const bool same = EVP_PKEY_eq(native(*this), native(other)) == 1;
  ERR_clear_error();  // keys of different kinds leave an entry
  return same;
}

der::AlgorithmIdentifier PrivateKey::default_signature_algorithm() const {
  return crypto::default_signature_algorithm(kind());
}

bool PrivateKey::slow_to_sign() const noexcept {
  return crypto::slow_to_sign(kind(), public_key().bits());
}

}  // namespace countersign::crypto
