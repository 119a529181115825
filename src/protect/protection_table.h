// The MAC protections, one row each; whatever is no row is a signature if crypto's table of
// signature algorithms has its OID, and unknown otherwise.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "message/authenticated.h"
#include "protect/mac_key.h"
#include "protect/pbm.h"
#include "protect/pbmac1.h"

namespace countersign::protect {

struct MacProtection {
  std::string_view name;
  der::Oid oid;
  std::string_view section;
  MacChoice choice;
  Result<MacKey> (*derive)(const der::AlgorithmIdentifier& algorithm, const Secret& secret,
                           bool made_by_us, const Policy& policy);
  std::int64_t (*iterations)(const der::AlgorithmIdentifier& algorithm);
  der::AlgorithmIdentifier (*make)(View salt, std::int64_t iterations);
};

inline constexpr std::array kMacProtections{
    MacProtection{"password-based-mac", kPasswordBasedMac, "RFC 9481 §6.1.1",
                  MacChoice::password_based_mac, derive_pbm, iterations_of_pbm, make_pbm},
    MacProtection{"pbmac1", kPbmac1, "RFC 9481 §6.1.2", MacChoice::pbmac1, derive_pbmac1,
                  iterations_of_pbmac1, make_pbmac1},
};

constexpr const MacProtection* find_mac_protection(const der::Oid& oid) noexcept {
  for (const MacProtection& row : kMacProtections)
    if (row.oid == oid) return &row;
  return nullptr;
}

// Does the sender use a signature, or a MAC? nullopt: unknown algorithm.
std::optional<message::ProofKind> proof_kind(const der::AlgorithmIdentifier& algorithm);

namespace detail {
consteval bool unique_mac_protections() {
  for (std::size_t i = 0; i < kMacProtections.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (kMacProtections[i].oid == kMacProtections[j].oid ||
          kMacProtections[i].choice == kMacProtections[j].choice ||
          kMacProtections[i].name == kMacProtections[j].name)
        return false;
  return true;
}
static_assert(unique_mac_protections());
}  // namespace detail

}  // namespace countersign::protect
