#include "crypto/algorithm_table.h"

#include "crypto/hash_parameters.h"
#include "der/reader.h"
#include "der/writer.h"

namespace countersign::crypto {
namespace {

constexpr der::Oid kRsassaPss = der::Oid::of("1.2.840.113549.1.1.10");

std::unexpected<Error> wrong_parameters(const SignatureAlgorithm& row, std::string what) {
  return fail(Failure::badAlg, "crypto.algorithm-parameters",
              "the parameters of signature algorithm " + std::string(row.name) + " are not " +
                  "those of its standard; " + std::move(what));
}

std::unexpected<Error> unsupported(const der::Oid& oid) {
  return fail(
      Failure::badAlg, "crypto.unsupported-algorithm",
      "the signature algorithm " + oid.dotted() +
          " is not supported; use RSA, ECDSA, EdDSA, ML-DSA or SLH-DSA with a supported digest");
}

struct PssParameters {
  Digest digest;
  int salt_length;
};

// RSASSA-PSS-params ::= SEQUENCE {
//   hashAlgorithm     [0] HashAlgorithm DEFAULT sha1Identifier,
//   maskGenAlgorithm  [1] MaskGenAlgorithm DEFAULT mgf1SHA1Identifier,
//   saltLength        [2] INTEGER DEFAULT 20,
//   trailerField      [3] INTEGER DEFAULT 1 }                       RFC 4055 §3.1
// The SHA-1 defaults are refused like any SHA-1.
der::Parsed<PssParameters> read_pss(View parameters) {
  constexpr std::int64_t kLongestSalt = 512;
  der::Context context(parameters);
  der::Reader outer(parameters, context);
  der::Reader in = TRY(outer.read(der::Tag::sequence));
  TRY(outer.finish());
  der::Reader hash_field = TRY(in.read(der::context(0)));
  const Digest hash = TRY(read_hash(hash_field));
  TRY(hash_field.finish());
  der::Reader mgf_field = TRY(in.read(der::context(1)));
  if (TRY(read_mgf1(mgf_field)) != hash) return mgf_field.refuse(der::Code::value);
  TRY(mgf_field.finish());
  std::int64_t salt = 20;
  std::int64_t trailer = 1;
  if (in.next_is(der::context(2))) {
    der::Reader field = TRY(in.read(der::context(2)));
    salt = TRY(field.small_integer());
    TRY(field.finish());
  }
  if (in.next_is(der::context(3))) {
    der::Reader field = TRY(in.read(der::context(3)));
    trailer = TRY(field.small_integer());
    TRY(field.finish());
  }
  TRY(in.finish());
  if (salt < 0 || salt > kLongestSalt || trailer != 1) return in.refuse(der::Code::value);
  return PssParameters{hash, static_cast<int>(salt)};
}

Result<ResolvedAlgorithm> resolve_pss(View parameters) {
  const auto pss = read_pss(parameters);
  if (!pss)
    return wrong_parameters(*signature_algorithm("rsa-pss-sha256"),
                            "name the hash, MGF1 with the same hash, and trailer 1");
  for (const SignatureAlgorithm& row : kSignatureAlgorithms)
    if (row.scheme == Scheme::rsa_pss && row.digest == pss->digest)
      return ResolvedAlgorithm{&row, pss->salt_length};
  return fail(Failure::badAlg, "crypto.unsupported-algorithm",
              "RSASSA-PSS with " + std::string(name(pss->digest)) +
                  " is not supported; use sha256, sha384 or sha512");
}

Bytes pss_parameters(Digest hash) {
  der::AlgorithmIdentifier hash_algorithm{oid(hash), copy(der::kNullDer)};
  der::Writer w;
  w.sequence([&](der::Writer& s) {
    s.tagged(0, [&](der::Writer& t) { write(t, hash_algorithm); });
    s.tagged(1, [&](der::Writer& t) {
      write(t, der::AlgorithmIdentifier{kMgf1, der::encode(hash_algorithm)});
    });
    s.tagged(2, [&](der::Writer& t) { t.integer(static_cast<std::int64_t>(digest_size(hash))); });
  });
  return std::move(w).take();
}

std::string_view default_algorithm_name(KeyKind kind) noexcept {
  switch (kind) {
    case KeyKind::rsa:
      return "rsa-sha256";
    case KeyKind::rsa_pss:
      return "rsa-pss-sha256";
    case KeyKind::p256:
      return "ecdsa-sha256";
    case KeyKind::p384:
      return "ecdsa-sha384";
    case KeyKind::p521:
      return "ecdsa-sha512";
    default:
      return name(kind);  // a pure scheme; of keys that cannot sign no row has the name
  }
}

}  // namespace

const SignatureAlgorithm* signature_algorithm(std::string_view name) noexcept {
  for (const SignatureAlgorithm& row : kSignatureAlgorithms)
    if (row.name == name) return &row;
  return nullptr;
}

der::AlgorithmIdentifier identifier(const SignatureAlgorithm& algorithm) {
  switch (algorithm.scheme) {
    case Scheme::rsa_v15:
      return {algorithm.oid, copy(der::kNullDer)};
    case Scheme::rsa_pss:
      return {algorithm.oid, pss_parameters(*algorithm.digest)};
    default:
      return {algorithm.oid, {}};
  }
}

Result<ResolvedAlgorithm> resolve(const der::AlgorithmIdentifier& algorithm) {
  if (algorithm.algorithm == kRsassaPss) return resolve_pss(algorithm.parameters);
  for (const SignatureAlgorithm& row : kSignatureAlgorithms) {
    if (row.oid != algorithm.algorithm) continue;
    if (algorithm.parameters.empty()) return ResolvedAlgorithm{&row};
    if (row.scheme != Scheme::rsa_v15) return wrong_parameters(row, "leave them out");
    if (!equal(algorithm.parameters, der::kNullDer)) return wrong_parameters(row, "write NULL");
    return ResolvedAlgorithm{&row};
  }
  return unsupported(algorithm.algorithm);
}

std::optional<Digest> confirmation_digest(
    const der::AlgorithmIdentifier& certificate_signature_algorithm) {
  const auto resolved = resolve(certificate_signature_algorithm);
  if (!resolved) return std::nullopt;
  return resolved->row->confirmation;
}

der::AlgorithmIdentifier default_signature_algorithm(KeyKind kind) {
  const SignatureAlgorithm* row = signature_algorithm(default_algorithm_name(kind));
  if (row == nullptr) return {};
  return identifier(*row);
}

const KeySpec* key_spec(std::string_view name) noexcept {
  for (const KeySpec& spec : kKeySpecs)
    if (spec.name == name) return &spec;
  return nullptr;
}

std::string_view name(KeyKind kind) noexcept {
  constexpr std::array<std::string_view, 27> kNames{"rsa",
                                                    "rsa-pss",
                                                    "p256",
                                                    "p384",
                                                    "p521",
                                                    "ed25519",
                                                    "ed448",
                                                    "ml-dsa-44",
                                                    "ml-dsa-65",
                                                    "ml-dsa-87",
                                                    "slh-dsa-sha2-128s",
                                                    "slh-dsa-sha2-128f",
                                                    "slh-dsa-sha2-192s",
                                                    "slh-dsa-sha2-192f",
                                                    "slh-dsa-sha2-256s",
                                                    "slh-dsa-sha2-256f",
                                                    "slh-dsa-shake-128s",
                                                    "slh-dsa-shake-128f",
                                                    "slh-dsa-shake-192s",
                                                    "slh-dsa-shake-192f",
                                                    "slh-dsa-shake-256s",
                                                    "slh-dsa-shake-256f",
                                                    "x25519",
                                                    "x448",
                                                    "ml-kem-512",
                                                    "ml-kem-768",
                                                    "ml-kem-1024"};
  static_assert(kNames.size() == static_cast<std::size_t>(KeyKind::ml_kem_1024) + 1);
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace countersign::crypto
