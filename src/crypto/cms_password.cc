// Passwords: PBKDF2 and AES key wrap (RFC 9481 §4.4, §4.3), and PWRI-KEK (RFC 3211) by the
// library's own CMS. The one file that includes its header.
#include <openssl/cms.h>

#include "crypto/cms_cipher.h"
#include "crypto/cms_key.h"
#include "crypto/kdf.h"
#include "crypto/libcrypto.h"
#include "crypto/mac.h"

namespace countersign::crypto::cms {
namespace {

using ContentInfo = Handle<CMS_ContentInfo, CMS_ContentInfo_free>;

constexpr der::Oid kPbkdf2 = der::Oid::of("1.2.840.113549.1.5.12");
constexpr std::size_t kShortestSalt = 8;  // RFC 8018 §4.1
constexpr std::size_t kLongestSalt = 128;

struct Pbkdf2 {
  View salt;
  std::int64_t iterations = 0;
  std::optional<std::int64_t> key_length;
  Digest prf = Digest::sha1;
};

der::Parsed<Digest> read_prf(der::Reader& in) {
  const auto algorithm = TRY(der::read_algorithm(in));
  const auto digest = hmac_from_oid(algorithm.algorithm);
  const bool plain = algorithm.parameters.empty() || equal(algorithm.parameters, der::kNullDer);
  if (!digest || !plain) return in.refuse(der::Code::unsupported);
  return *digest;
}

// PBKDF2-params ::= SEQUENCE {
//     salt CHOICE { specified OCTET STRING, otherSource AlgorithmIdentifier },
//     iterationCount INTEGER (1..MAX),
//     keyLength INTEGER (1..MAX) OPTIONAL,
//     prf AlgorithmIdentifier {{PBKDF2-PRFs}} DEFAULT algid-hmacWithSHA1 }   RFC 8018 §A.2
der::Parsed<Pbkdf2> read_pbkdf2(View parameters) {
  der::Context context(parameters);
  der::Reader outer(parameters, context);
  der::Reader in = TRY(outer.read(der::Tag::sequence));
  TRY(outer.finish());
  Pbkdf2 out;
  out.salt = TRY(in.octets());
  out.iterations = TRY(in.small_integer());
  if (in.next_is(der::Tag::integer)) out.key_length = TRY(in.small_integer());
  if (!in.at_end()) out.prf = TRY(read_prf(in));
  TRY(in.finish());
  return out;
}

Result<Pbkdf2> accepted_pbkdf2(const Password& info, const Opener& opener) {
  // RFC 5652 §6.2.4: without it the recipient has the key-encryption key from elsewhere.
  if (!info.derivation || info.derivation->algorithm != kPbkdf2)
    return fail(Failure::badAlg, "crypto.cms-algorithm",
                "keyDerivationAlgorithm of the EnvelopedData is not supported; use PBKDF2");
  const auto read = read_pbkdf2(info.derivation->parameters);
  if (!read || read->salt.size() < kShortestSalt || read->salt.size() > kLongestSalt)
    return fail(Failure::badAlg, "crypto.cms-algorithm",
                "the parameters of PBKDF2 are not supported; use a salt of 8 to 128 octets and "
                "HMAC with SHA-256");
  if (read->iterations < 1 || read->iterations > opener.most_iterations)
    return fail(Failure::badAlg, "crypto.cms-iterations",
                "iterationCount of PBKDF2 is " + std::to_string(read->iterations) + "; use 1 to " +
                    std::to_string(opener.most_iterations));
  return *read;
}

Bio memory_of(View octets) {
  Bio bio(BIO_new_mem_buf(pointer(octets), static_cast<int>(octets.size())));
  require(bio != nullptr, "memory BIO");
  return bio;
}

// ContentInfo ::= SEQUENCE { contentType, content [0] EXPLICIT ANY }         RFC 5652 §3
Bytes in_content_info(View enveloped_data) {
  constexpr der::Oid kEnvelopedData = der::Oid::of("1.2.840.113549.1.7.3");
  der::Writer w(enveloped_data.size() + 64);
  w.sequence([&](der::Writer& s) {
    s.oid(kEnvelopedData);
    s.tagged(0, [&](der::Writer& t) { t.raw(enveloped_data); });
  });
  return std::move(w).take();
}

der::Parsed<Bytes> out_of_content_info(View content_info) {
  der::Context context(content_info);
  der::Reader outer(content_info, context);
  der::Reader in = TRY(outer.read(der::Tag::sequence));
  TRY(in.oid());
  der::Reader content = TRY(in.read(der::context(0)));
  return copy(TRY(content.well_formed(der::Tag::sequence)));
}

}  // namespace

std::unexpected<Error> key_sizes_differ() {
  return fail(Failure::badAlg, "crypto.cms-key-size",
              "the key wrap's key and the content cipher's differ in size; use AES of one size for "
              "both (RFC 9481 §4.3.1)");
}

Secret derive_kek(const Secret& secret, View salt, unsigned iterations) {
  return pbkdf2(Digest::sha256, secret.expose(), salt, iterations, kKeySize);
}

der::AlgorithmIdentifier pbkdf2_algorithm(View salt, unsigned iterations) {
  der::Writer w;
  w.sequence([&](der::Writer& s) {
    s.octets(salt);
    s.integer(iterations);
    s.integer(kKeySize);
    der::write(s, {*hmac_oid(Digest::sha256), copy(der::kNullDer)});
  });
  return {kPbkdf2, std::move(w).take()};
}

Result<> check_derivation(const Password& password, const Opener& opener) {
  TRY(accepted_pbkdf2(password, opener));
  return {};
}

Result<Secret> open_password(const Password& info, const Opener& opener, std::size_t key_size) {
  const CipherRow* row = key_wrap(info.encryption.algorithm);
  if (row == nullptr) return unsupported("key wrap", info.encryption.algorithm, "AES key wrap");
  if (row->key_size != key_size) return key_sizes_differ();
  const Pbkdf2 kdf = TRY(accepted_pbkdf2(info, opener));
  if (kdf.key_length && *kdf.key_length != static_cast<std::int64_t>(key_size))
    return key_sizes_differ();
  const Secret kek = pbkdf2(kdf.prf, opener.secret->expose(), kdf.salt,
                            static_cast<unsigned>(kdf.iterations), key_size);
  auto key = unwrap(*row, kek.expose(), info.encrypted_key);
  if (!key) return cannot_open();
  return std::move(*key);
}

Result<Bytes> envelop_with_pwri_kek(const der::Oid& content_type, View content,
                                    const PasswordRecipient& recipient) {
  const ContentInfo made(CMS_EnvelopedData_create_ex(EVP_aes_256_cbc(), nullptr, nullptr));
  require(made != nullptr, "EnvelopedData");
  const View secret = recipient.secret.expose();
  // Owned and wiped by the structure.
  auto* const passphrase = static_cast<unsigned char*>(
      OPENSSL_memdup(pointer(secret), secret.empty() ? 1 : secret.size()));
  require(
      passphrase != nullptr &&
          CMS_add0_recipient_password(made.get(), static_cast<int>(recipient.iterations),
                                      NID_id_alg_PWRI_KEK, NID_undef, passphrase,
                                      static_cast<ossl_ssize_t>(secret.size()), nullptr) != nullptr,
      "password recipient");
  const std::string type = content_type.dotted();
  const Handle<ASN1_OBJECT, ASN1_OBJECT_free> object(OBJ_txt2obj(type.c_str(), 1));
  require(object && CMS_set1_eContentType(made.get(), object.get()) == 1, "content type");
  const Bio in = memory_of(content);
  require(CMS_set_detached(made.get(), 0) == 1, "content inside");
  require(CMS_final(made.get(), in.get(), nullptr, CMS_BINARY) == 1, "encrypt");
  unsigned char* octets = nullptr;
  const int size = i2d_CMS_ContentInfo(made.get(), &octets);
  require(size > 0, "encode EnvelopedData");
  const Bytes whole(octets, octets + size);
  OPENSSL_free(octets);
  auto inner = out_of_content_info(whole);
  require(inner.has_value(), "EnvelopedData is DER");
  return *std::move(inner);
}

std::optional<Secret> open_with_pwri_kek(View enveloped_data, const Secret& secret) {
  const Bytes whole = in_content_info(enveloped_data);
  const Bio in = memory_of(whole);
  const ContentInfo read(d2i_CMS_bio(in.get(), nullptr));
  Secret copied = secret.clone();  // the structure takes no const octets, and does not keep them
  const Bio out(BIO_new(BIO_s_secmem()));
  require(out != nullptr, "memory BIO");
  auto* const octets = const_cast<unsigned char*>(pointer(copied.expose()));
  const bool done = read &&
                    CMS_decrypt_set1_password(read.get(), octets,
                                              static_cast<ossl_ssize_t>(copied.size())) == 1 &&
                    CMS_decrypt(read.get(), nullptr, nullptr, nullptr, out.get(), CMS_BINARY) == 1;
  ERR_clear_error();
  if (!done) return std::nullopt;
  char* start = nullptr;
  const long size = BIO_get_mem_data(out.get(), &start);
  return Secret(View(reinterpret_cast<const Byte*>(start), static_cast<std::size_t>(size)));
}

}  // namespace countersign::crypto::cms
