#include "protect/direct_mac.h"

#include "protect/mac_function.h"
#include "protect/mac_parameters.h"

namespace countersign::protect {

Result<MacKey> derive_direct(const der::AlgorithmIdentifier& algorithm, const Secret& secret,
                             bool /*made_by_us*/, const Policy& /*policy*/,
                             DerivedBefore* /*before*/) {
  auto function = TRY(read_mac_function(algorithm));
  if (!function)
    return fail(Failure::badAlg, "protect.mac-parameters",
                "the parameters of the MAC " + algorithm.algorithm.dotted() +
                    " are not accepted; write NULL");
  if (secret.size() < kShortestDirectSecret || secret.size() > crypto::Kmac::kLongestKey)
    return fail(Failure::badAlg, "protect.secret-length",
                "a MAC directly under a shared secret needs one of " +
                    std::to_string(kShortestDirectSecret) + " to " +
                    std::to_string(crypto::Kmac::kLongestKey) + " octets; use PBMAC1");
  return MacKey{algorithm, secret.clone(), *std::move(function), 0};
}

der::AlgorithmIdentifier make_hmac(View /*salt*/, std::int64_t /*iterations*/) {
  return hmac_sha256();
}

der::AlgorithmIdentifier make_kmac(View /*salt*/, std::int64_t /*iterations*/) {
  return {kKmac256, {}};
}

}  // namespace countersign::protect
