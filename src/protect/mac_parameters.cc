#include "protect/mac_parameters.h"

#include <algorithm>
#include <limits>

#include "crypto/mac.h"

namespace countersign::protect {
namespace {

// What crypto takes.
constexpr std::int64_t kCountLimit = std::numeric_limits<std::int32_t>::max();

std::string allowed(std::int64_t least, std::int64_t most) {
  return "use " + std::to_string(least) + " to " + std::to_string(most);
}

}  // namespace

der::Parsed<std::int64_t> read_iteration_count(der::Reader& in) {
  const View content = TRY(in.integer());
  const bool negative = (content[0] & 0x80U) != 0;
  if (content.size() > sizeof(std::int64_t))
    return negative ? std::numeric_limits<std::int64_t>::min()
                    : std::numeric_limits<std::int64_t>::max();
  std::uint64_t value = negative ? ~std::uint64_t{0} : 0;
  for (const Byte octet : content) value = value << 8U | octet;
  return static_cast<std::int64_t>(value);
}

Result<unsigned> check_iterations(std::int64_t count, bool made_by_us, const Policy& policy) {
  const std::int64_t most = std::clamp<std::int64_t>(policy.max_iterations, 1, kCountLimit);
  const std::int64_t least = std::max<std::int64_t>(
      1, made_by_us ? policy.min_iterations_made : policy.min_iterations_chosen);
  const std::string said =
      "iterationCount is " + std::to_string(count) + "; " + allowed(least, most);
  if (count < least) return fail(Failure::badAlg, "protect.iterations-too-few", said);
  if (count > most) return fail(Failure::badAlg, "protect.iterations-too-many", said);
  return static_cast<unsigned>(count);
}

Result<> check_salt(View salt, const Policy& policy) {
  if (salt.size() >= kShortestSalt && salt.size() <= policy.max_salt) return {};
  return fail(Failure::badAlg, "protect.salt-length",
              "the salt has " + std::to_string(salt.size()) + " octets; " +
                  allowed(kShortestSalt, static_cast<std::int64_t>(policy.max_salt)));
}

Secret derive_or_find(const crypto::Derivation& derivation, const Secret& secret,
                      DerivedBefore* before) {
  if (before == nullptr) return crypto::derive(derivation, secret.expose());
  return before->keys.get(derivation, secret.expose(), before->fresh);
}

std::optional<crypto::Digest> hmac_digest(const der::AlgorithmIdentifier& algorithm) {
  const auto digest = crypto::hmac_from_oid(algorithm.algorithm);
  if (!digest || !null_or_absent(algorithm.parameters)) return std::nullopt;
  if (!is_sha2(*digest) && *digest != crypto::Digest::sha1) return std::nullopt;
  return digest;
}

bool is_sha2(crypto::Digest digest) noexcept {
  using enum crypto::Digest;
  return digest == sha224 || digest == sha256 || digest == sha384 || digest == sha512;
}

bool is_sha3(crypto::Digest digest) noexcept {
  using enum crypto::Digest;
  return digest == sha3_224 || digest == sha3_256 || digest == sha3_384 || digest == sha3_512;
}

bool null_or_absent(View parameters) noexcept {
  return parameters.empty() || equal(parameters, der::kNullDer);
}

der::AlgorithmIdentifier hmac_sha256() {
  return {crypto::hmac_oid(crypto::Digest::sha256).value(), copy(der::kNullDer)};
}

}  // namespace countersign::protect
