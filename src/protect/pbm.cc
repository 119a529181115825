#include "protect/pbm.h"

#include "crypto/kdf.h"
#include "der/error.h"
#include "protect/mac_function.h"
#include "protect/mac_parameters.h"

namespace countersign::protect {
namespace {

// RFC 9810 §5.1.3.1
// PBMParameter ::= SEQUENCE {
//    salt                OCTET STRING,
//    owf                 AlgorithmIdentifier,
//    iterationCount      INTEGER,
//    mac                 AlgorithmIdentifier
// }
struct PbmParameter {
  Bytes salt;
  der::AlgorithmIdentifier owf;
  std::int64_t iteration_count = 0;
  der::AlgorithmIdentifier mac;
};

der::Parsed<PbmParameter> read_pbm_parameter(der::Reader& in) {
  PbmParameter parameter;
  der::Reader fields = TRY(in.read(der::Tag::sequence));
  parameter.salt = copy(TRY_AT(fields, "salt", fields.octets()));
  parameter.owf = TRY_AT(fields, "owf", der::read_algorithm(fields));
  parameter.iteration_count = TRY_AT(fields, "iterationCount", read_iteration_count(fields));
  parameter.mac = TRY_AT(fields, "mac", der::read_algorithm(fields));
  TRY(fields.finish());
  TRY(in.finish());
  return parameter;
}

// RFC 9481 §6.1.1 [MUST] SHA-256 as owf. SHA-1 only where the operator has it so; never MD5.
Result<crypto::Digest> accepted_owf(const der::AlgorithmIdentifier& owf, const Policy& policy) {
  const auto digest = crypto::digest_from_oid(owf.algorithm);
  const auto strong = [&](crypto::Digest d) {
    return is_sha2(d) || is_sha3(d) || (d == crypto::Digest::sha1 && policy.accept_owf_sha1);
  };
  if (digest && null_or_absent(owf.parameters) && strong(*digest)) return *digest;
  return fail(Failure::badAlg, "protect.owf-not-accepted",
              "owf " + owf.algorithm.dotted() +
                  " of PasswordBasedMac is not accepted; use SHA-256 or another of SHA-2 or SHA-3");
}

// RFC 9045 §4.4 [MUST] HMAC-SHA256, [SHOULD] AES-GMAC.
Result<crypto::MacFunction> accepted_mac(const der::AlgorithmIdentifier& mac,
                                         const Policy& policy) {
  auto function = TRY(read_mac_function(mac));
  const auto* hmac = function ? std::get_if<crypto::Hmac>(&*function) : nullptr;
  const bool weak = hmac != nullptr && hmac->digest == crypto::Digest::sha1;
  if (function && (!weak || policy.accept_hmac_sha1)) return *std::move(function);
  return fail(Failure::badAlg, "protect.mac-not-accepted",
              "mac " + mac.algorithm.dotted() +
                  " of PasswordBasedMac is not accepted; use HMAC with SHA-256");
}

der::AlgorithmIdentifier write_pbm(const PbmParameter& parameter) {
  der::Writer w;
  w.sequence([&](der::Writer& s) {
    s.octets(parameter.salt);
    der::write(s, parameter.owf);
    s.integer(parameter.iteration_count);
    der::write(s, parameter.mac);
  });
  return {kPasswordBasedMac, std::move(w).take()};
}

}  // namespace

Result<MacKey> derive_pbm(const der::AlgorithmIdentifier& algorithm, const Secret& secret,
                          bool made_by_us, const Policy& policy, DerivedBefore* before) {
  der::Context context(algorithm.parameters);
  der::Reader in(algorithm.parameters, context);
  const auto parameter = read_pbm_parameter(in);
  if (!parameter)
    return std::unexpected(
        der::to_error(parameter.error(), context, "header.protectionAlg.parameters"));
  const crypto::Digest owf = TRY(accepted_owf(parameter->owf, policy));
  auto function = TRY(accepted_mac(parameter->mac, policy));
  TRY(check_salt(parameter->salt, policy));
  const unsigned count = TRY(check_iterations(parameter->iteration_count, made_by_us, policy));
  Secret key = derive_or_find({crypto::Derivation::By::pbm_key, owf, parameter->salt, count, 0},
                              secret, before);
  if (const auto size = key_size(function)) key = crypto::expand_base_key(owf, key, *size);
  return MacKey{algorithm, std::move(key), std::move(function), count};
}

std::int64_t iterations_of_pbm(const der::AlgorithmIdentifier& algorithm) {
  der::Context context(algorithm.parameters);
  der::Reader in(algorithm.parameters, context);
  const auto parameter = read_pbm_parameter(in);
  return parameter ? parameter->iteration_count : 0;
}

der::AlgorithmIdentifier pbm_with_mac(const der::AlgorithmIdentifier& algorithm,
                                      const der::AlgorithmIdentifier& mac) {
  der::Context context(algorithm.parameters);
  der::Reader in(algorithm.parameters, context);
  auto parameter = read_pbm_parameter(in);
  if (!parameter) throw std::invalid_argument("PasswordBasedMac: not the parameters of a MacKey");
  parameter->mac = mac;
  return write_pbm(*parameter);
}

der::AlgorithmIdentifier make_pbm(View salt, std::int64_t iterations) {
  return write_pbm(
      {copy(salt), {crypto::oid(crypto::Digest::sha256), {}}, iterations, hmac_sha256()});
}

der::AlgorithmIdentifier make_pbm_gmac(View salt, std::int64_t iterations) {
  constexpr std::size_t kAes256 = 32;
  // A nonce to stand there: each message gets its own.
  const auto mac = gmac_algorithm({kAes256, Bytes(kNewGmacNonce)});
  return write_pbm({copy(salt), {crypto::oid(crypto::Digest::sha256), {}}, iterations, mac});
}

}  // namespace countersign::protect
