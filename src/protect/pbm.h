// PasswordBasedMac. RFC 9810 §5.1.3.1, RFC 9481 §6.1.1. A row of protection_table.h.
#pragma once

#include "protect/mac_key.h"

namespace countersign::protect {

inline constexpr auto kPasswordBasedMac = der::Oid::of("1.2.840.113533.7.66.13");

Result<MacKey> derive_pbm(const der::AlgorithmIdentifier& algorithm, const Secret& secret,
                          bool made_by_us, const Policy& policy, DerivedBefore* before);
std::int64_t iterations_of_pbm(const der::AlgorithmIdentifier& algorithm);  // 0: malformed
// Of what derive_pbm has read.
der::AlgorithmIdentifier pbm_with_mac(const der::AlgorithmIdentifier& algorithm,
                                      const der::AlgorithmIdentifier& mac);
// SHA-256 and HMAC-SHA-256, or AES-256-GMAC.
der::AlgorithmIdentifier make_pbm(View salt, std::int64_t iterations);
der::AlgorithmIdentifier make_pbm_gmac(View salt, std::int64_t iterations);

}  // namespace countersign::protect
