// Key agreement: ephemeral-static ECDH. RFC 5753, RFC 8418, RFC 9481 §4.1.
#include <algorithm>
#include <array>

#include "crypto/cms_cipher.h"
#include "crypto/cms_key.h"
#include "crypto/key_data.h"

namespace countersign::crypto::cms {
namespace {

enum class Kdf { x963, hkdf };
struct SchemeRow {
  der::Oid oid;
  Kdf kdf;
  Digest digest;
};
// The curves here have cofactor 1, so that standard and cofactor ECDH are one computation.
constexpr std::array kSchemes{
    SchemeRow{der::Oid::of("1.3.132.1.11.1"), Kdf::x963, Digest::sha256},
    SchemeRow{der::Oid::of("1.3.132.1.11.2"), Kdf::x963, Digest::sha384},
    SchemeRow{der::Oid::of("1.3.132.1.11.3"), Kdf::x963, Digest::sha512},
    SchemeRow{der::Oid::of("1.3.132.1.11.0"), Kdf::x963, Digest::sha224},
    SchemeRow{der::Oid::of("1.3.132.1.14.0"), Kdf::x963, Digest::sha224},
    SchemeRow{der::Oid::of("1.3.132.1.14.1"), Kdf::x963, Digest::sha256},
    SchemeRow{der::Oid::of("1.3.132.1.14.2"), Kdf::x963, Digest::sha384},
    SchemeRow{der::Oid::of("1.3.132.1.14.3"), Kdf::x963, Digest::sha512},
    // Read only: what OpenSSL uses unless told otherwise. A KDF does not need collision resistance.
    SchemeRow{der::Oid::of("1.3.133.16.840.63.0.2"), Kdf::x963, Digest::sha1},
    SchemeRow{der::Oid::of("1.3.133.16.840.63.0.3"), Kdf::x963, Digest::sha1},
    SchemeRow{der::Oid::of("1.2.840.113549.1.9.16.3.19"), Kdf::hkdf, Digest::sha256},
    SchemeRow{der::Oid::of("1.2.840.113549.1.9.16.3.20"), Kdf::hkdf, Digest::sha384},
    SchemeRow{der::Oid::of("1.2.840.113549.1.9.16.3.21"), Kdf::hkdf, Digest::sha512},
};

const SchemeRow& scheme_for(KeyKind kind) {
  const Kdf kdf = is_ec(kind) ? Kdf::x963 : Kdf::hkdf;
  const Digest digest = kind == KeyKind::p384                            ? Digest::sha384
                        : kind == KeyKind::p521 || kind == KeyKind::x448 ? Digest::sha512
                                                                         : Digest::sha256;
  const auto* row = std::ranges::find_if(
      kSchemes, [&](const SchemeRow& s) { return s.kdf == kdf && s.digest == digest; });
  require(row != kSchemes.end(), "key agreement scheme");
  return *row;
}

// ECC-CMS-SharedInfo ::= SEQUENCE {
//   keyInfo         AlgorithmIdentifier,
//   entityUInfo [0] EXPLICIT OCTET STRING OPTIONAL,
//   suppPubInfo [2] EXPLICIT OCTET STRING  }                                 RFC 5753 §7.2
Bytes shared_info(const der::AlgorithmIdentifier& wrap, std::optional<View> ukm,
                  std::size_t key_size) {
  const auto bits = static_cast<std::uint32_t>(key_size * 8);
  const std::array<Byte, 4> size{0, 0, static_cast<Byte>(bits >> 8), static_cast<Byte>(bits)};
  der::Writer w;
  w.sequence([&](der::Writer& s) {
    der::write(s, wrap);
    if (ukm) s.tagged(0, [&](der::Writer& t) { t.octets(*ukm); });
    s.tagged(2, [&](der::Writer& t) { t.octets(size); });
  });
  return std::move(w).take();
}

OSSL_PARAM octets_parameter(const char* key, View value) {
  return OSSL_PARAM_construct_octet_string(key, const_cast<unsigned char*>(pointer(value)),
                                           value.size());
}

// RFC 8418 §2.2: with HKDF the ukm is the salt too.
Secret derive(const SchemeRow& scheme, View z, View info, std::optional<View> ukm,
              std::size_t key_size) {
  const char* const name = scheme.kdf == Kdf::x963 ? "X963KDF" : "HKDF";
  const EvpKdf kdf(EVP_KDF_fetch(nullptr, name, nullptr));
  const EvpKdfContext context(EVP_KDF_CTX_new(kdf.get()));
  require(context != nullptr, name);
  std::string digest_name(crypto::name(scheme.digest));
  const View salt = scheme.kdf == Kdf::hkdf ? ukm.value_or(View{}) : View{};
  const std::array parameters{
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest_name.data(), 0),
      octets_parameter(OSSL_KDF_PARAM_KEY, z), octets_parameter(OSSL_KDF_PARAM_INFO, info),
      salt.empty() ? OSSL_PARAM_construct_end() : octets_parameter(OSSL_KDF_PARAM_SALT, salt),
      OSSL_PARAM_construct_end()};
  Bytes out(key_size);
  require(EVP_KDF_derive(context.get(), out.data(), out.size(), parameters.data()) == 1, name);
  return Secret(std::move(out));
}

// nullopt: the two do not agree (other curves, the point at infinity).
std::optional<Secret> shared_secret(EVP_PKEY* own, EVP_PKEY* peer) {
  const EvpKeyContext context(EVP_PKEY_CTX_new(own, nullptr));
  require(context != nullptr, "key context");
  std::size_t size = 0;
  std::optional<Secret> out;
  if (EVP_PKEY_derive_init(context.get()) == 1 &&
      EVP_PKEY_derive_set_peer(context.get(), peer) == 1 &&
      EVP_PKEY_derive(context.get(), nullptr, &size) == 1) {
    Bytes z(size);
    if (EVP_PKEY_derive(context.get(), z.data(), &size) == 1 && size == z.size())
      out.emplace(std::move(z));
  }
  ERR_clear_error();
  return out;
}

EvpKey ephemeral_for(const PublicKey& to) {
  const EvpKeyContext context(EVP_PKEY_CTX_new(native(to), nullptr));
  EVP_PKEY* made = nullptr;
  require(context && EVP_PKEY_keygen_init(context.get()) == 1 &&
              EVP_PKEY_keygen(context.get(), &made) == 1,
          "ephemeral key");
  return EvpKey(made);
}

Bytes public_octets(EVP_PKEY* key) {
  unsigned char* octets = nullptr;
  const std::size_t size = EVP_PKEY_get1_encoded_public_key(key, &octets);
  require(size > 0, "encode ephemeral key");
  Bytes out(octets, octets + size);
  OPENSSL_free(octets);
  return out;
}

der::AlgorithmIdentifier algorithm_of(const PublicKey& key) {
  der::Context context(key.spki());
  der::Reader outer(key.spki(), context);
  auto in = outer.read(der::Tag::sequence);
  require(in.has_value(), "SubjectPublicKeyInfo");
  auto algorithm = der::read_algorithm(*in);
  require(algorithm.has_value(), "SubjectPublicKeyInfo");
  return *std::move(algorithm);
}

// RFC 5753 §3.1.1 [MUST] the parameters of id-ecPublicKey are absent, NULL or ECParameters; absent,
// the originator's key is on the curve of the recipient's.
Result<PublicKey> originator_key(const PrivateKey& own, const KeyAgreement& info) {
  if (!info.originator)
    return fail(Failure::badAlg, "crypto.cms-algorithm",
                "the originator of the key agreement is a certificate; send an ephemeral "
                "originatorKey (RFC 9481 §4.1)");
  auto expected = algorithm_of(own.public_key());
  const View given = info.originator->parameters;
  if (info.originator->algorithm != expected.algorithm ||
      !(given.empty() || equal(given, der::kNullDer) || equal(given, expected.parameters)))
    return cannot_open();
  der::Writer w;
  w.sequence([&](der::Writer& s) {
    der::write(s, expected);
    s.bit_octets(info.originator_key);
  });
  auto key = PublicKey::from_spki(w.bytes());
  if (!key) return cannot_open();
  return key;
}

Result<der::AlgorithmIdentifier> wrap_of(const der::AlgorithmIdentifier& agreement) {
  der::Context context(agreement.parameters);
  der::Reader in(agreement.parameters, context);
  auto wrap = der::read_algorithm(in);
  if (wrap && in.at_end()) return *std::move(wrap);
  return fail(Failure::badDataFormat, "crypto.cms-format",
              "the parameters of the key agreement algorithm must be the key wrap algorithm");
}

}  // namespace

Result<Agreed> agree_with(const PublicKey& to, View ukm) {
  const EvpKey ephemeral = ephemeral_for(to);
  const auto z = shared_secret(ephemeral.get(), native(to));
  if (!z)
    return fail(Failure::badCertTemplate, "crypto.cms-cannot-make",
                "no key can be agreed on with the key of this certificate; use another key");
  const SchemeRow& scheme = scheme_for(to.kind());
  const der::AlgorithmIdentifier wrap{strongest_key_wrap().oid, {}};
  const Bytes info = shared_info(wrap, ukm, kKeySize);
  return Agreed{{scheme.oid, der::encode(wrap)},
                {algorithm_of(to).algorithm, {}},
                public_octets(ephemeral.get()),
                derive(scheme, z->expose(), info, ukm, kKeySize)};
}

Result<Secret> open_agreement(const PrivateKey& own, const KeyAgreement& info,
                              std::size_t key_size) {
  const auto* scheme = std::ranges::find(kSchemes, info.algorithm.algorithm, &SchemeRow::oid);
  if (scheme == kSchemes.end())
    return unsupported("key agreement", info.algorithm.algorithm, "dhSinglePass-stdDH-sha256kdf");
  const auto wrap = TRY(wrap_of(info.algorithm));
  const CipherRow* row = key_wrap(wrap.algorithm);
  if (row == nullptr) return unsupported("key wrap", wrap.algorithm, "AES key wrap");
  if (row->key_size != key_size) return key_sizes_differ();
  const PublicKey peer = TRY(originator_key(own, info));
  const auto z = shared_secret(native(own), native(peer));
  if (!z) return cannot_open();
  const Bytes shared = shared_info(wrap, info.ukm, key_size);
  const Secret kek = derive(*scheme, z->expose(), shared, info.ukm, key_size);
  auto key = unwrap(*row, kek.expose(), info.encrypted_key);
  if (!key) return cannot_open();
  return std::move(*key);
}

}  // namespace countersign::crypto::cms
