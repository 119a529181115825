// What stands in an EnvelopedData, a SignedData and an AsymmetricKeyPackage, field by field, for
// tests of what is written. The readers under test have no part in it, and a field that RFC 9483
// §4.1.6 does not name is a fault here.
#pragma once

#include "crypto/cms.h"
#include "der/reader.h"
#include "der/writer.h"

namespace countersign::crypto::cms {

using der::Parsed;
using der::Reader;

struct SeenRecipient {
  std::string kind;  // ktri, kari, pwri
  std::int64_t version = -1;
  KeyName rid;
  std::size_t encrypted_keys = 1;
  Bytes originator_key;      // kari
  std::optional<Bytes> ukm;  // kari
  Bytes salt;                // pwri
};
struct SeenEnvelope {
  std::int64_t version = -1;
  std::vector<SeenRecipient> recipients;
  der::Oid content_type;
};
struct SeenSignedData {
  std::int64_t version = -1;
  std::vector<der::Oid> digests;
  der::Oid content_type;
  Bytes content;
  std::vector<Bytes> certificates;
  std::size_t signers = 1;
  std::int64_t signer_version = -1;
  KeyName sid;
  der::Oid signer_digest;
};
struct SeenKeyPackage {
  std::vector<std::int64_t> versions;  // of each OneAsymmetricKey
  Bytes public_key;
};

// issuerAndSerialNumber, or a subjectKeyIdentifier that `read_key_id` takes.
Parsed<KeyName> walk_name(Reader& in, const auto& read_key_id) {
  KeyName out;
  if (!in.next_is(der::Tag::sequence)) {
    out.key_id = copy(TRY(read_key_id(in)));
    return out;
  }
  Reader seq = TRY(in.read(der::Tag::sequence));
  out.issuer = copy(TRY(seq.well_formed(der::Tag::sequence)));
  out.serial = copy(TRY(seq.integer()));
  TRY(seq.finish());
  return out;
}

// RecipientIdentifier, SignerIdentifier: [0] IMPLICIT OCTET STRING.
inline Parsed<KeyName> walk_identifier(Reader& in) {
  return walk_name(in, [](Reader& r) { return r.octets(der::primitive_context(0)); });
}

// KeyAgreeRecipientIdentifier: rKeyId [0] IMPLICIT SEQUENCE { subjectKeyIdentifier, date OPTIONAL,
// other OPTIONAL }
inline Parsed<KeyName> walk_agreement_identifier(Reader& in) {
  return walk_name(in, [](Reader& r) -> Parsed<View> {
    Reader id = TRY(r.read(der::context(0)));
    const View key_id = TRY(id.octets());
    TRY(id.finish());
    return key_id;
  });
}

inline Parsed<SeenRecipient> walk_transport(Reader seq) {
  SeenRecipient out;
  out.kind = "ktri";
  out.version = TRY(seq.small_integer());
  out.rid = TRY(walk_identifier(seq));
  TRY(der::read_algorithm(seq));
  TRY(seq.octets());
  TRY(seq.finish());
  return out;
}

inline Parsed<SeenRecipient> walk_agreement(Reader seq) {
  SeenRecipient out;
  out.kind = "kari";
  out.version = TRY(seq.small_integer());
  Reader originator = TRY(seq.read(der::context(0)));
  Reader key = TRY(originator.read(der::context(1)));
  TRY(originator.finish());
  TRY(der::read_algorithm(key));
  out.originator_key = copy(TRY(key.bit_octets()));
  TRY(key.finish());
  if (seq.next_is(der::context(1))) {
    Reader ukm = TRY(seq.read(der::context(1)));
    out.ukm = copy(TRY(ukm.octets()));
    TRY(ukm.finish());
  }
  TRY(der::read_algorithm(seq));
  Reader keys = TRY(seq.read(der::Tag::sequence));
  TRY(seq.finish());
  for (out.encrypted_keys = 0; !keys.at_end(); ++out.encrypted_keys) {
    Reader one = TRY(keys.read(der::Tag::sequence));
    out.rid = TRY(walk_agreement_identifier(one));
    TRY(one.octets());
    TRY(one.finish());
  }
  return out;
}

// The parameters of PBKDF2 begin with the salt. RFC 8018 §A.2
inline Parsed<SeenRecipient> walk_password(Reader seq) {
  SeenRecipient out;
  out.kind = "pwri";
  out.version = TRY(seq.small_integer());
  Reader derivation = TRY(seq.read(der::context(0)));
  TRY(derivation.oid());
  Reader parameters = TRY(derivation.read(der::Tag::sequence));
  TRY(derivation.finish());
  out.salt = copy(TRY(parameters.octets()));
  TRY(der::read_algorithm(seq));
  TRY(seq.octets());
  TRY(seq.finish());
  return out;
}

inline Parsed<SeenRecipient> walk_recipient(Reader& in) {
  if (in.next_is(der::context(1))) return walk_agreement(TRY(in.read(der::context(1))));
  if (in.next_is(der::context(3))) return walk_password(TRY(in.read(der::context(3))));
  return walk_transport(TRY(in.read(der::Tag::sequence)));
}

inline Parsed<SeenEnvelope> walk_envelope(View enveloped_data) {
  der::Context context(enveloped_data);
  Reader whole(enveloped_data, context);
  Reader in = TRY(whole.read(der::Tag::sequence));
  TRY(whole.finish());
  SeenEnvelope out;
  out.version = TRY(in.small_integer());
  Reader set = TRY(in.read(der::Tag::set));
  while (!set.at_end()) out.recipients.push_back(TRY(walk_recipient(set)));
  Reader content = TRY(in.read(der::Tag::sequence));
  TRY(in.finish());
  out.content_type = TRY(content.oid());
  TRY(der::read_algorithm(content));
  TRY(content.octets(der::primitive_context(0)));
  TRY(content.finish());
  return out;
}

inline Parsed<> walk_signer(Reader& in, SeenSignedData& out) {
  Reader seq = TRY(in.read(der::Tag::sequence));
  out.signer_version = TRY(seq.small_integer());
  out.sid = TRY(walk_identifier(seq));
  out.signer_digest = TRY(der::read_algorithm(seq)).algorithm;
  TRY(seq.well_formed(der::context(0)));
  TRY(der::read_algorithm(seq));
  TRY(seq.octets());
  return seq.finish();
}

inline Parsed<SeenSignedData> walk_signed_data(View signed_data) {
  der::Context context(signed_data);
  Reader whole(signed_data, context);
  Reader in = TRY(whole.read(der::Tag::sequence));
  TRY(whole.finish());
  SeenSignedData out;
  out.version = TRY(in.small_integer());
  Reader digests = TRY(in.read(der::Tag::set));
  while (!digests.at_end()) out.digests.push_back(TRY(der::read_algorithm(digests)).algorithm);
  Reader content = TRY(in.read(der::Tag::sequence));
  out.content_type = TRY(content.oid());
  Reader inside = TRY(content.read(der::context(0)));
  TRY(content.finish());
  out.content = copy(TRY(inside.octets()));
  TRY(inside.finish());
  Reader certificates = TRY(in.read(der::context(0)));
  while (!certificates.at_end())
    out.certificates.push_back(copy(TRY(certificates.well_formed(der::Tag::sequence))));
  Reader signers = TRY(in.read(der::Tag::set));
  TRY(in.finish());
  for (out.signers = 0; !signers.at_end(); ++out.signers) TRY(walk_signer(signers, out));
  return out;
}

inline Parsed<SeenKeyPackage> walk_key_package(View package) {
  der::Context context(package);
  Reader whole(package, context);
  Reader list = TRY(whole.read(der::Tag::sequence));
  TRY(whole.finish());
  SeenKeyPackage out;
  while (!list.at_end()) {
    Reader one = TRY(list.read(der::Tag::sequence));
    out.versions.push_back(TRY(one.small_integer()));
    TRY(der::read_algorithm(one));
    TRY(one.octets());
    out.public_key = copy(TRY(one.bit_octets(der::primitive_context(1))));
    TRY(one.finish());
  }
  return out;
}

}  // namespace countersign::crypto::cms
