#include "der/algorithm.h"

namespace countersign::der {

Parsed<AlgorithmIdentifier> read_algorithm(Reader& in, Tag tag) {
  Reader seq = TRY(in.read(tag));
  AlgorithmIdentifier out;
  out.algorithm = TRY_AT(seq, "algorithm", seq.oid());
  if (!seq.at_end()) out.parameters = copy(TRY_AT(seq, "parameters", seq.well_formed()));
  TRY(seq.finish());
  return out;
}

void write(Writer& w, const AlgorithmIdentifier& algorithm, Tag tag) {
  w.element(tag, [&](Writer& s) {
    s.oid(algorithm.algorithm);
    s.raw(algorithm.parameters);
  });
}

Bytes encode(const AlgorithmIdentifier& algorithm) {
  Writer w(32);
  write(w, algorithm);
  return std::move(w).take();
}

}  // namespace countersign::der
