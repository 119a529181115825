// Signatures over the algorithms of algorithm_table.h. Stateless; safe for several threads with the
// same key. RFC 9481 §3, RFC 9881 and RFC 9909 (ML-DSA, SLH-DSA: pure, empty context).
//
// Errors, Failure::badAlg: crypto.unsupported-algorithm, crypto.algorithm-parameters,
// crypto.algorithm-forbidden, crypto.algorithm-mismatch (does not fit the key).
// Failure::badMessageCheck: crypto.signature-mismatch. Failure::systemFailure: crypto.sign-failed.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/algorithm_table.h"
#include "crypto/keys.h"
#include "der/algorithm.h"

namespace countersign::crypto {

enum class Sha1 { refuse, accept };  // accept: only to read what very old devices sent

Result<Bytes> sign(const PrivateKey& key, const der::AlgorithmIdentifier& algorithm, View tbs);
// Over two pieces, one after the other. The pure schemes join them in a copy, the rest do not.
Result<Bytes> sign(const PrivateKey& key, const der::AlgorithmIdentifier& algorithm, View first,
                   View second);

Result<> verify(const PublicKey& key, const der::AlgorithmIdentifier& algorithm, View tbs,
                View signature, Sha1 sha1 = Sha1::refuse);
Result<> verify(const PublicKey& key, const der::AlgorithmIdentifier& algorithm, View first,
                View second, View signature, Sha1 sha1 = Sha1::refuse);

// Whether sign() or verify() would take the algorithm with this key, without the work.
Result<> check_algorithm(KeyKind kind, const der::AlgorithmIdentifier& algorithm,
                         Sha1 sha1 = Sha1::refuse);

}  // namespace countersign::crypto
