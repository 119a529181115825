// The AlgorithmIdentifier in the SubjectPublicKeyInfo of a kind of key: what names the kind where
// there is no key yet.
#pragma once

#include "crypto/algorithm_table.h"
#include "der/algorithm.h"

namespace countersign::crypto {

der::AlgorithmIdentifier key_algorithm(KeyKind kind);

}  // namespace countersign::crypto
