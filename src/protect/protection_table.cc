#include "protect/protection_table.h"

#include <algorithm>

#include "crypto/algorithm_table.h"

namespace countersign::protect {

std::optional<MacChoice> mac_choice(std::string_view name) noexcept {
  for (const NewMac& row : kNewMacs)
    if (row.name == name) return row.choice;
  return std::nullopt;
}

std::optional<ProtectionKind> protection_kind(const der::AlgorithmIdentifier& algorithm) {
  if (const MacProtection* row = find_mac_protection(algorithm.algorithm)) return row->kind;
  const bool signs = std::ranges::any_of(
      crypto::kSignatureAlgorithms,
      [&](const crypto::SignatureAlgorithm& row) { return row.oid == algorithm.algorithm; });
  if (signs) return ProtectionKind::signature;
  return std::nullopt;
}

std::optional<message::ProofKind> proof_kind(const der::AlgorithmIdentifier& algorithm) {
  const auto kind = protection_kind(algorithm);
  if (!kind) return std::nullopt;
  return *kind == ProtectionKind::signature ? message::ProofKind::signature
                                            : message::ProofKind::mac;
}

}  // namespace countersign::protect
