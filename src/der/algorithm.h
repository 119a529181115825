// AlgorithmIdentifier ::= SEQUENCE { algorithm OBJECT IDENTIFIER, parameters ANY OPTIONAL }
// RFC 5280 §4.1.1.2. Parameters are kept as octets and read by who knows the algorithm.
#pragma once

#include "der/reader.h"
#include "der/writer.h"

namespace countersign::der {

struct AlgorithmIdentifier {
  Oid algorithm;
  Bytes parameters;  // one TLV, or empty when absent
  friend bool operator==(const AlgorithmIdentifier&, const AlgorithmIdentifier&) = default;
};

Parsed<AlgorithmIdentifier> read_algorithm(Reader& in, Tag tag = Tag::sequence);
void write(Writer& w, const AlgorithmIdentifier& algorithm, Tag tag = Tag::sequence);
Bytes encode(const AlgorithmIdentifier& algorithm);

inline constexpr Byte kNullDer[] = {0x05, 0x00};

}  // namespace countersign::der
