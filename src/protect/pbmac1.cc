#include "protect/pbmac1.h"

#include <optional>

#include "crypto/kdf.h"
#include "der/error.h"
#include "protect/mac_function.h"
#include "protect/mac_parameters.h"

namespace countersign::protect {
namespace {

// A shorter key is guessed; a longer one than any HMAC-SHA-2 value only multiplies the work.
constexpr std::int64_t kShortestKey = 16;
constexpr std::int64_t kLongestKey = 64;

// RFC 8018 §A.2
// PBKDF2-params ::= SEQUENCE {
//     salt CHOICE {
//         specified OCTET STRING,
//         otherSource AlgorithmIdentifier {{PBKDF2-SaltSources}}
//     },
//     iterationCount INTEGER (1..MAX),
//     keyLength INTEGER (1..MAX) OPTIONAL,
//     prf AlgorithmIdentifier {{PBKDF2-PRFs}} DEFAULT algid-hmacWithSHA1 }
struct Pbkdf2Params {
  std::optional<Bytes> salt;  // nullopt: otherSource
  std::int64_t iteration_count = 0;
  std::optional<std::int64_t> key_length;
  std::optional<der::AlgorithmIdentifier> prf;  // nullopt: hmacWithSHA1
};

der::Parsed<Pbkdf2Params> read_pbkdf2_params(View parameters, der::Context& context) {
  Pbkdf2Params out;
  der::Reader in(parameters, context);
  der::Reader fields = TRY(in.read(der::Tag::sequence));
  if (fields.next_is(der::Tag::sequence)) {
    TRY_AT(fields, "otherSource", der::read_algorithm(fields));
  } else {
    out.salt = copy(TRY_AT(fields, "salt", fields.octets()));
  }
  out.iteration_count = TRY_AT(fields, "iterationCount", read_iteration_count(fields));
  if (fields.next_is(der::Tag::integer))
    out.key_length = TRY_AT(fields, "keyLength", read_iteration_count(fields));
  if (!fields.at_end()) out.prf = TRY_AT(fields, "prf", der::read_algorithm(fields));
  TRY(fields.finish());
  TRY(in.finish());
  return out;
}

// RFC 8018 §A.5
// PBMAC1-params ::=  SEQUENCE {
//    keyDerivationFunc AlgorithmIdentifier {{PBMAC1-KDFs}},
//    messageAuthScheme AlgorithmIdentifier {{PBMAC1-MACs}} }
struct Pbmac1Params {
  der::AlgorithmIdentifier key_derivation_func;
  der::AlgorithmIdentifier message_auth_scheme;
};

der::Parsed<Pbmac1Params> read_pbmac1_params(View parameters, der::Context& context) {
  Pbmac1Params out;
  der::Reader in(parameters, context);
  der::Reader fields = TRY(in.read(der::Tag::sequence));
  out.key_derivation_func = TRY_AT(fields, "keyDerivationFunc", der::read_algorithm(fields));
  out.message_auth_scheme = TRY_AT(fields, "messageAuthScheme", der::read_algorithm(fields));
  TRY(fields.finish());
  TRY(in.finish());
  return out;
}

template <class Params>
Result<Params> read(der::Parsed<Params> (*reader)(View, der::Context&), View parameters,
                    std::string_view what) {
  der::Context context(parameters);
  auto parsed = reader(parameters, context);
  if (!parsed) return std::unexpected(der::to_error(parsed.error(), context, what));
  return *std::move(parsed);
}

Result<crypto::MacFunction> accepted_mac(const der::AlgorithmIdentifier& mac) {
  auto function = TRY(read_mac_function(mac));
  const auto* hmac = function ? std::get_if<crypto::Hmac>(&*function) : nullptr;
  if (function && (hmac == nullptr || is_sha2(hmac->digest))) return *std::move(function);
  return fail(Failure::badAlg, "protect.mac-not-accepted",
              "messageAuthScheme " + mac.algorithm.dotted() +
                  " of PBMAC1 is not accepted; use HMAC with SHA-256");
}

// HMAC with SHA-1 is what an absent prf means: it is refused either way. RFC 9481 §6.2.2 [MUST NOT]
// AES-GMAC.
Result<crypto::Digest> accepted_prf(const std::optional<der::AlgorithmIdentifier>& prf) {
  const auto digest = prf ? hmac_digest(*prf) : std::nullopt;
  if (digest && is_sha2(*digest)) return *digest;
  return fail(
      Failure::badAlg, "protect.prf-not-accepted",
      (prf ? "prf " + prf->algorithm.dotted() + " of PBKDF2 is not accepted"
           : std::string("PBKDF2 without prf means HMAC with SHA-1, which is not accepted")) +
          "; name hmacWithSHA256 as prf");
}

// What an absent keyLength means: nothing for KMAC, which takes a key of any length.
std::optional<std::size_t> natural_key_length(const crypto::MacFunction& function) {
  if (const auto* hmac = std::get_if<crypto::Hmac>(&function))
    return crypto::digest_size(hmac->digest);
  return key_size(function);
}

Result<std::size_t> accepted_key_length(std::optional<std::int64_t> asked,
                                        const crypto::MacFunction& function) {
  const auto natural = natural_key_length(function);
  if (!asked && natural) return *natural;
  const auto exact = key_size(function);
  const auto least = exact ? static_cast<std::int64_t>(*exact) : kShortestKey;
  const auto most = exact ? static_cast<std::int64_t>(*exact) : kLongestKey;
  if (asked && *asked >= least && *asked <= most) return static_cast<std::size_t>(*asked);
  return fail(Failure::badAlg, "protect.key-length",
              "keyLength of PBKDF2 is " + (asked ? std::to_string(*asked) : "missing") + "; use " +
                  std::to_string(natural.value_or(32)) + ", at least " + std::to_string(least) +
                  ", at most " + std::to_string(most));
}

}  // namespace

Result<MacKey> derive_pbmac1(const der::AlgorithmIdentifier& algorithm, const Secret& secret,
                             bool made_by_us, const Policy& policy, DerivedBefore* before) {
  const auto scheme =
      TRY(read(read_pbmac1_params, algorithm.parameters, "header.protectionAlg.parameters"));
  auto function = TRY(accepted_mac(scheme.message_auth_scheme));
  const der::AlgorithmIdentifier& kdf = scheme.key_derivation_func;
  if (kdf.algorithm != kPbkdf2)
    return fail(Failure::badAlg, "protect.kdf-not-accepted",
                "keyDerivationFunc " + kdf.algorithm.dotted() + " is not accepted; use PBKDF2");
  const auto params = TRY(read(read_pbkdf2_params, kdf.parameters,
                               "header.protectionAlg.parameters.keyDerivationFunc.parameters"));
  if (!params.salt)
    return fail(Failure::badAlg, "protect.salt-source",
                "the salt of PBKDF2 has another source; use the choice `specified`");
  TRY(check_salt(*params.salt, policy));
  const crypto::Digest prf = TRY(accepted_prf(params.prf));
  const std::size_t length = TRY(accepted_key_length(params.key_length, function));
  const unsigned count = TRY(check_iterations(params.iteration_count, made_by_us, policy));
  Secret key = derive_or_find({crypto::Derivation::By::pbkdf2, prf, *params.salt, count, length},
                              secret, before);
  return MacKey{algorithm, std::move(key), std::move(function), count};
}

std::int64_t iterations_of_pbmac1(const der::AlgorithmIdentifier& algorithm) {
  const auto scheme = read(read_pbmac1_params, algorithm.parameters, "");
  if (!scheme) return 0;
  const auto kdf = read(read_pbkdf2_params, scheme->key_derivation_func.parameters, "");
  return kdf ? kdf->iteration_count : 0;
}

der::AlgorithmIdentifier pbmac1_with_mac(const der::AlgorithmIdentifier& algorithm,
                                         const der::AlgorithmIdentifier& mac) {
  const auto scheme = read(read_pbmac1_params, algorithm.parameters, "");
  if (!scheme) throw std::invalid_argument("PBMAC1: not the parameters of a MacKey");
  der::Writer w;
  w.sequence([&](der::Writer& s) {
    der::write(s, scheme->key_derivation_func);
    der::write(s, mac);
  });
  return {kPbmac1, std::move(w).take()};
}

der::AlgorithmIdentifier make_pbmac1(View salt, std::int64_t iterations) {
  der::Writer kdf;
  kdf.sequence([&](der::Writer& s) {
    s.octets(salt);
    s.integer(iterations);
    s.integer(static_cast<std::int64_t>(crypto::digest_size(crypto::Digest::sha256)));
    der::write(s, hmac_sha256());  // RFC 9481 §6.1.2: never the DEFAULT
  });
  der::Writer w;
  w.sequence([&](der::Writer& s) {
    der::write(s, {kPbkdf2, std::move(kdf).take()});
    der::write(s, hmac_sha256());
  });
  return {kPbmac1, std::move(w).take()};
}

}  // namespace countersign::protect
