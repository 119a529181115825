#include "crypto/hash_parameters.h"

#include "der/algorithm.h"

namespace countersign::crypto {

der::Parsed<Digest> read_hash(der::Reader& in) {
  const auto algorithm = TRY(der::read_algorithm(in));
  const auto known = digest_from_oid(algorithm.algorithm);
  const bool plain = algorithm.parameters.empty() || equal(algorithm.parameters, der::kNullDer);
  if (!known || !plain) return in.refuse(der::Code::value);
  return *known;
}

der::Parsed<Digest> read_mgf1(der::Reader& in) {
  der::Reader algorithm = TRY(in.read(der::Tag::sequence));
  if (TRY(algorithm.oid()) != kMgf1) return algorithm.refuse(der::Code::value);
  const Digest hash = TRY(read_hash(algorithm));
  TRY(algorithm.finish());
  return hash;
}

}  // namespace countersign::crypto
