// What the files of crmf share with each other and with no one else.
#pragma once

#include "crmf/crmf.h"
#include "der/list.h"

namespace countersign::crmf {

// SubjectPublicKeyInfo as one TLV, tagged SEQUENCE whatever the tag it came under.
der::Parsed<Bytes> read_public_key(der::Reader& in, der::Tag tag = der::Tag::sequence);
void write_public_key(der::Writer& w, const Bytes& public_key, der::Tag tag = der::Tag::sequence);

der::Parsed<ProofOfPossession> read_proof_of_possession(der::Reader& in);
bool is_proof_of_possession(const der::Reader& in) noexcept;
void write(der::Writer& w, const ProofOfPossession& value);

// A TLV that is kept under SEQUENCE, written under another tag.
inline void write_retagged(der::Writer& w, View tlv, der::Tag tag) {
  const auto head = static_cast<Byte>(tag);
  w.raw({&head, 1});
  w.raw(tlv.subspan(1));
}
inline Bytes as_sequence(View tlv) {
  Bytes out = copy(tlv);
  out[0] = static_cast<Byte>(der::Tag::sequence);
  return out;
}

}  // namespace countersign::crmf
