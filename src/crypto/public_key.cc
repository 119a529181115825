#include <algorithm>

#include "crypto/digest.h"
#include "crypto/key_data.h"
#include "crypto/keys.h"
#include "der/reader.h"
#include "der/writer.h"

namespace countersign::crypto {
namespace {

struct KeyRow {
  der::Oid oid;
  KeyKind kind;
  const char* name;  // OpenSSL's
};

// Keys whose SubjectPublicKeyInfo has no parameters and whose octets are the raw key.
constexpr KeyRow kRawKeys[] = {
    {der::Oid::of("1.3.101.112"), KeyKind::ed25519, "ED25519"},
    {der::Oid::of("1.3.101.113"), KeyKind::ed448, "ED448"},
    {der::Oid::of("1.3.101.110"), KeyKind::x25519, "X25519"},
    {der::Oid::of("1.3.101.111"), KeyKind::x448, "X448"},
    {der::Oid::of("2.16.840.1.101.3.4.3.17"), KeyKind::ml_dsa_44, "ML-DSA-44"},
    {der::Oid::of("2.16.840.1.101.3.4.3.18"), KeyKind::ml_dsa_65, "ML-DSA-65"},
    {der::Oid::of("2.16.840.1.101.3.4.3.19"), KeyKind::ml_dsa_87, "ML-DSA-87"},
    {der::Oid::of("2.16.840.1.101.3.4.3.20"), KeyKind::slh_dsa_sha2_128s, "SLH-DSA-SHA2-128s"},
    {der::Oid::of("2.16.840.1.101.3.4.3.21"), KeyKind::slh_dsa_sha2_128f, "SLH-DSA-SHA2-128f"},
    {der::Oid::of("2.16.840.1.101.3.4.3.22"), KeyKind::slh_dsa_sha2_192s, "SLH-DSA-SHA2-192s"},
    {der::Oid::of("2.16.840.1.101.3.4.3.23"), KeyKind::slh_dsa_sha2_192f, "SLH-DSA-SHA2-192f"},
    {der::Oid::of("2.16.840.1.101.3.4.3.24"), KeyKind::slh_dsa_sha2_256s, "SLH-DSA-SHA2-256s"},
    {der::Oid::of("2.16.840.1.101.3.4.3.25"), KeyKind::slh_dsa_sha2_256f, "SLH-DSA-SHA2-256f"},
    {der::Oid::of("2.16.840.1.101.3.4.3.26"), KeyKind::slh_dsa_shake_128s, "SLH-DSA-SHAKE-128s"},
    {der::Oid::of("2.16.840.1.101.3.4.3.27"), KeyKind::slh_dsa_shake_128f, "SLH-DSA-SHAKE-128f"},
    {der::Oid::of("2.16.840.1.101.3.4.3.28"), KeyKind::slh_dsa_shake_192s, "SLH-DSA-SHAKE-192s"},
    {der::Oid::of("2.16.840.1.101.3.4.3.29"), KeyKind::slh_dsa_shake_192f, "SLH-DSA-SHAKE-192f"},
    {der::Oid::of("2.16.840.1.101.3.4.3.30"), KeyKind::slh_dsa_shake_256s, "SLH-DSA-SHAKE-256s"},
    {der::Oid::of("2.16.840.1.101.3.4.3.31"), KeyKind::slh_dsa_shake_256f, "SLH-DSA-SHAKE-256f"},
    {der::Oid::of("2.16.840.1.101.3.4.4.1"), KeyKind::ml_kem_512, "ML-KEM-512"},
    {der::Oid::of("2.16.840.1.101.3.4.4.2"), KeyKind::ml_kem_768, "ML-KEM-768"},
    {der::Oid::of("2.16.840.1.101.3.4.4.3"), KeyKind::ml_kem_1024, "ML-KEM-1024"},
};

struct CurveRow {
  der::Oid oid;
  KeyKind kind;
  const char* name;
  std::size_t field;  // octets of a coordinate
};
constexpr CurveRow kCurves[] = {
    {der::Oid::of("1.2.840.10045.3.1.7"), KeyKind::p256, "P-256", 32},
    {der::Oid::of("1.3.132.0.34"), KeyKind::p384, "P-384", 48},
    {der::Oid::of("1.3.132.0.35"), KeyKind::p521, "P-521", 66},
};

constexpr der::Oid kEcPublicKey = der::Oid::of("1.2.840.10045.2.1");
constexpr der::Oid kRsaEncryption = der::Oid::of("1.2.840.113549.1.1.1");
constexpr der::Oid kRsassaPss = der::Oid::of("1.2.840.113549.1.1.10");

struct SpkiParts {
  der::AlgorithmIdentifier algorithm;
  View key;
};

// SubjectPublicKeyInfo ::= SEQUENCE {
//   algorithm AlgorithmIdentifier, subjectPublicKey BIT STRING }      RFC 5280 §4.1
der::Parsed<SpkiParts> read_spki(View spki) {
  der::Context context(spki);
  der::Reader outer(spki, context);
  der::Reader in = TRY(outer.read(der::Tag::sequence));
  TRY(outer.finish());
  auto algorithm = TRY(der::read_algorithm(in));
  const View key = TRY(in.bit_octets());
  TRY(in.finish());
  return SpkiParts{std::move(algorithm), key};
}

View without_leading_zero(View integer) {
  return integer.size() > 1 && integer[0] == 0 ? integer.subspan(1) : integer;
}

// RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER }   RFC 8017 §A.1.1
der::Parsed<RsaNumbers> read_rsa(View key) {
  der::Context context(key);
  der::Reader outer(key, context);
  der::Reader in = TRY(outer.read(der::Tag::sequence));
  TRY(outer.finish());
  const View modulus = TRY(in.integer());
  const View exponent = TRY(in.integer());
  TRY(in.finish());
  if ((modulus[0] & 0x80) != 0 || (exponent[0] & 0x80) != 0) return in.refuse(der::Code::value);
  return RsaNumbers{without_leading_zero(modulus), without_leading_zero(exponent)};
}

std::unexpected<Error> malformed(std::string_view what, std::string detail = {}) {
  return fail(Failure::badDataFormat, "crypto.key-format",
              "the public key is not well-formed: " + std::string(what), std::move(detail));
}

std::unexpected<Error> refuse(std::string_view code, std::string text, std::string detail = {}) {
  return fail(Failure::badCertTemplate, code, std::move(text), std::move(detail));
}

// The parameters of a curve, made once, so that importing a point need not look them up.
const EVP_PKEY* curve_template(const CurveRow& curve) {
  static const auto all = [] {
    std::array<EVP_PKEY*, std::size(kCurves)> made{};
    for (std::size_t i = 0; i < made.size(); ++i) {
      const EvpKeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
      require(context != nullptr && EVP_PKEY_paramgen_init(context.get()) == 1 &&
                  EVP_PKEY_CTX_set_group_name(context.get(), kCurves[i].name) == 1 &&
                  EVP_PKEY_paramgen(context.get(), &made[i]) == 1,
              kCurves[i].name);
    }
    return made;
  }();
  return all[static_cast<std::size_t>(&curve - kCurves)];
}

// RFC 5480 §2.2: uncompressed, or compressed, which is admitted.
bool plausible_point(const CurveRow& curve, View point) {
  if (point.size() == 1 + 2 * curve.field) return point[0] == 0x04;
  return point.size() == 1 + curve.field && (point[0] == 0x02 || point[0] == 0x03);
}

Result<> import_ec(const SpkiParts& parts, PublicKeyData& out) {
  const View parameters = parts.algorithm.parameters;
  if (!parameters.empty() && parameters[0] == static_cast<Byte>(der::Tag::sequence))
    return refuse("crypto.explicit-curve",
                  "the key spells out its curve's parameters; name the curve by its OID");
  der::Context context(parameters);
  der::Reader in(parameters, context);
  const auto named = in.oid();
  if (!named || !in.finish()) return malformed("an EC key must name its curve by an OID");
  const auto* curve = std::ranges::find(kCurves, *named, &CurveRow::oid);
  if (curve == std::end(kCurves))
    return refuse("crypto.unsupported-curve",
                  "the curve " + named->dotted() + " is not supported; use P-256, P-384 or P-521");
  out.kind = curve->kind;
  if (!plausible_point(*curve, parts.key)) return malformed("its point has the wrong form");
  out.key.reset(EVP_PKEY_new());
  require(out.key && EVP_PKEY_copy_parameters(out.key.get(), curve_template(*curve)) == 1, "curve");
  if (EVP_PKEY_set1_encoded_public_key(out.key.get(), pointer(parts.key), parts.key.size()) != 1)
    return refuse("crypto.point-not-on-curve",
                  "the public key is no point of its curve; make a new key", library_error());
  return {};
}

Result<> import_rsa(const SpkiParts& parts, View spki, PublicKeyData& out) {
  const bool pss = parts.algorithm.algorithm == kRsassaPss;
  // RFC 3279 §2.3.1 [MUST] the parameters of rsaEncryption are NULL.
  if (!pss && !equal(parts.algorithm.parameters, der::kNullDer))
    return malformed("the parameters of rsaEncryption must be NULL");
  if (!read_rsa(parts.key)) return malformed("it holds no RSA modulus and exponent");
  out.kind = pss ? KeyKind::rsa_pss : KeyKind::rsa;
  const unsigned char* at = spki.data();
  out.key.reset(d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size())));
  if (!out.key || at != spki.data() + spki.size())
    return malformed("it cannot be read as an RSA key", library_error());
  return {};
}

Result<> import_raw(const KeyRow& row, const SpkiParts& parts, PublicKeyData& out) {
  if (!parts.algorithm.parameters.empty())
    return malformed("the parameters of " + std::string(name(row.kind)) + " must be absent");
  out.kind = row.kind;
  out.key.reset(EVP_PKEY_new_raw_public_key_ex(nullptr, row.name, nullptr, pointer(parts.key),
                                               parts.key.size()));
  if (!out.key)
    return malformed("its octets are no " + std::string(name(row.kind)) + " key", library_error());
  return {};
}

Result<> import(const SpkiParts& parts, View spki, PublicKeyData& out) {
  const der::Oid& algorithm = parts.algorithm.algorithm;
  if (algorithm == kEcPublicKey) return import_ec(parts, out);
  if (algorithm == kRsaEncryption || algorithm == kRsassaPss) return import_rsa(parts, spki, out);
  const auto* row = std::ranges::find(kRawKeys, algorithm, &KeyRow::oid);
  if (row != std::end(kRawKeys)) return import_raw(*row, parts, out);
  return refuse("crypto.unsupported-key",
                "keys of the algorithm " + algorithm.dotted() +
                    " are not supported; use RSA, EC on a NIST curve, EdDSA, ML-DSA or SLH-DSA");
}

bool is_less(View magnitude, std::uint64_t bound) {
  std::uint64_t value = 0;
  if (magnitude.size() > sizeof value) return false;
  for (const Byte octet : magnitude) value = value << 8 | octet;
  return value < bound;
}

}  // namespace

RsaNumbers rsa_numbers(const PublicKeyData& key) {
  const auto numbers = read_rsa(key.key_octets);
  require(numbers.has_value(), "RSA key that was admitted");
  return *numbers;
}

Result<> check_rsa(const PublicKeyData& key, std::uint64_t least_exponent) {
  constexpr unsigned kShortest = 2048, kLongest = 8192;
  constexpr std::size_t kLongestExponent = 32;
  if (key.bits < kShortest)
    return refuse("crypto.key-too-short", "the RSA key has " + std::to_string(key.bits) +
                                              " bits; use at least 2048, better 3072");
  if (key.bits > kLongest)
    return refuse("crypto.key-too-long",
                  "the RSA key has " + std::to_string(key.bits) + " bits; use at most 8192");
  const RsaNumbers numbers = rsa_numbers(key);
  if ((numbers.modulus.back() & 1) == 0)
    return refuse("crypto.rsa-modulus", "the RSA modulus is even; make a new key");
  // NIST SP 800-89 §5.3.3, SP 800-56B §6.2: odd, and below 2^256. An exponent of 1 hides nothing.
  const View e = numbers.exponent;
  const std::uint64_t least = std::max<std::uint64_t>(least_exponent, 3);
  if (e.size() > kLongestExponent || (e.back() & 1) == 0 || is_less(e, least))
    return refuse("crypto.rsa-exponent",
                  "the RSA public exponent must be odd, below 2^256 and not too small; use 65537",
                  "the least is " + std::to_string(least));
  return {};
}

// RFC 3279 §2.3.1 rsaEncryption with NULL; RFC 5480 §2.1.1 one id-ecPublicKey for each curve
der::AlgorithmIdentifier key_algorithm(KeyKind kind) {
  if (kind == KeyKind::rsa) return {kRsaEncryption, copy(der::kNullDer)};
  if (kind == KeyKind::rsa_pss) return {kRsassaPss, {}};
  if (const auto* curve = std::ranges::find(kCurves, kind, &CurveRow::kind);
      curve != std::end(kCurves)) {
    der::Writer w;
    w.oid(curve->oid);
    return {kEcPublicKey, std::move(w).take()};
  }
  const auto* row = std::ranges::find(kRawKeys, kind, &KeyRow::kind);
  require(row != std::end(kRawKeys), "key kind");
  return {row->oid, {}};
}

Bytes key_identifier(View spki) {
  constexpr std::size_t kOctets = 20;
  Bytes hash = sha256(spki);
  hash.resize(kOctets);
  return hash;
}

std::optional<KeyKind> key_kind(std::string_view wanted) noexcept {
  for (int i = 0; i <= static_cast<int>(KeyKind::ml_kem_1024); ++i)
    if (name(static_cast<KeyKind>(i)) == wanted) return static_cast<KeyKind>(i);
  return std::nullopt;
}

Result<PublicKey> PublicKey::from_spki(View spki) {
  if (spki.size() > kLongestSpki) return malformed("it is longer than any supported key");
  auto data = std::make_shared<PublicKeyData>();
  data->spki = copy(spki);
  const auto parts = read_spki(data->spki);
  if (!parts)
    return malformed("it is no DER SubjectPublicKeyInfo",
                     std::string(der::name(parts.error().code)));
  data->key_octets = parts->key;
  TRY(import(*parts, data->spki, *data));
  data->bits = static_cast<unsigned>(EVP_PKEY_get_bits(data->key.get()));
  data->security_bits =
      static_cast<unsigned>(std::max(EVP_PKEY_get_security_bits(data->key.get()), 0));
  ERR_clear_error();
  return PublicKey(std::move(data));
}

View PublicKey::spki() const noexcept { return data_->spki; }
View PublicKey::key_octets() const noexcept { return data_->key_octets; }
KeyKind PublicKey::kind() const noexcept { return data_->kind; }
unsigned PublicKey::bits() const noexcept { return data_->bits; }
unsigned PublicKey::security_bits() const noexcept { return data_->security_bits; }

Result<> PublicKey::check_strength() const {
  if (is_rsa(kind())) return check_rsa(*data_, kF4);
  return {};  // every other kind that from_spki admits is strong enough
}

Bytes PublicKey::key_identifier() const { return crypto::key_identifier(spki()); }

}  // namespace countersign::crypto
