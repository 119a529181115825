// The MAC protections, one row each; whatever is no row is a signature if crypto's table of
// signature algorithms has its OID, and unknown otherwise.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "message/authenticated.h"
#include "protect/direct_mac.h"
#include "protect/mac_key.h"
#include "protect/pbm.h"
#include "protect/pbmac1.h"

namespace countersign::protect {

struct MacProtection {
  std::string_view name;
  der::Oid oid;
  std::string_view section;
  ProtectionKind kind;
  Result<MacKey> (*derive)(const der::AlgorithmIdentifier& algorithm, const Secret& secret,
                           bool made_by_us, const Policy& policy, DerivedBefore* before);
  std::int64_t (*iterations)(const der::AlgorithmIdentifier& algorithm);
  // The same with another MAC inside; null: the key is the secret itself, and nothing is inside.
  der::AlgorithmIdentifier (*with_mac)(const der::AlgorithmIdentifier& algorithm,
                                       const der::AlgorithmIdentifier& mac);
};

namespace detail {
consteval MacProtection direct(std::string_view name, std::string_view oid,
                               std::string_view section, ProtectionKind kind) {
  return {name, der::Oid::of(oid), section, kind, derive_direct, iterations_of_direct, nullptr};
}
}  // namespace detail

inline constexpr std::array kMacProtections{
    MacProtection{"password-based-mac", kPasswordBasedMac, "RFC 9481 §6.1.1", ProtectionKind::pbm,
                  derive_pbm, iterations_of_pbm, pbm_with_mac},
    MacProtection{"pbmac1", kPbmac1, "RFC 9481 §6.1.2", ProtectionKind::pbmac1, derive_pbmac1,
                  iterations_of_pbmac1, pbmac1_with_mac},
    detail::direct("hmac-sha224", "1.2.840.113549.2.8", "RFC 9481 §6.2.1", ProtectionKind::hmac),
    detail::direct("hmac-sha256", "1.2.840.113549.2.9", "RFC 9481 §6.2.1", ProtectionKind::hmac),
    detail::direct("hmac-sha384", "1.2.840.113549.2.10", "RFC 9481 §6.2.1", ProtectionKind::hmac),
    detail::direct("hmac-sha512", "1.2.840.113549.2.11", "RFC 9481 §6.2.1", ProtectionKind::hmac),
    detail::direct("kmac128", "2.16.840.1.101.3.4.2.19", "RFC 9481 §6.2.3", ProtectionKind::kmac),
    detail::direct("kmac256", "2.16.840.1.101.3.4.2.20", "RFC 9481 §6.2.3", ProtectionKind::kmac),
};

// What we make of our own accord.
struct NewMac {
  MacChoice choice;
  std::string_view name;  // as options and scenarios have it
  der::AlgorithmIdentifier (*make)(View salt, std::int64_t iterations);
};
inline constexpr std::array kNewMacs{
    NewMac{MacChoice::pbmac1, "pbmac1", make_pbmac1},
    NewMac{MacChoice::password_based_mac, "pbm", make_pbm},
    NewMac{MacChoice::password_based_gmac, "pbm-gmac", make_pbm_gmac},
    NewMac{MacChoice::hmac, "hmac", make_hmac},
    NewMac{MacChoice::kmac, "kmac", make_kmac},
};
std::optional<MacChoice> mac_choice(std::string_view name) noexcept;

constexpr const MacProtection* find_mac_protection(const der::Oid& oid) noexcept {
  for (const MacProtection& row : kMacProtections)
    if (row.oid == oid) return &row;
  return nullptr;
}

// How is the message protected? nullopt: unknown algorithm.
std::optional<ProtectionKind> protection_kind(const der::AlgorithmIdentifier& algorithm);
// A signature, or a MAC?
std::optional<message::ProofKind> proof_kind(const der::AlgorithmIdentifier& algorithm);

namespace detail {
consteval bool unique_mac_protections() {
  for (std::size_t i = 0; i < kMacProtections.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (kMacProtections[i].oid == kMacProtections[j].oid ||
          kMacProtections[i].name == kMacProtections[j].name)
        return false;
  return true;
}
static_assert(unique_mac_protections());
}  // namespace detail

}  // namespace countersign::protect
