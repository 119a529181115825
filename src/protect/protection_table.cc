#include "protect/protection_table.h"

#include <algorithm>

#include "crypto/algorithm_table.h"

namespace countersign::protect {

std::optional<message::ProofKind> proof_kind(const der::AlgorithmIdentifier& algorithm) {
  if (find_mac_protection(algorithm.algorithm) != nullptr) return message::ProofKind::mac;
  const bool signs = std::ranges::any_of(
      crypto::kSignatureAlgorithms,
      [&](const crypto::SignatureAlgorithm& row) { return row.oid == algorithm.algorithm; });
  if (signs) return message::ProofKind::signature;
  return std::nullopt;
}

}  // namespace countersign::protect
