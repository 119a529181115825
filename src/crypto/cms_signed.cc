#include <algorithm>

#include "crypto/algorithm_table.h"
#include "crypto/cms.h"
#include "crypto/cms_recipient.h"
#include "der/list.h"

namespace countersign::crypto::cms {
namespace {

using der::context;
using der::Parsed;
using der::primitive_context;
using der::Reader;
using der::Tag;
using der::Writer;

constexpr std::size_t kLongest = 1 << 20;
constexpr std::size_t kMostCertificates = 16;
constexpr der::Oid kContentType = der::Oid::of("1.2.840.113549.1.9.3");
constexpr der::Oid kMessageDigest = der::Oid::of("1.2.840.113549.1.9.4");
constexpr der::Oid kSigningTime = der::Oid::of("1.2.840.113549.1.9.5");
constexpr der::Oid kRsaEncryption = der::Oid::of("1.2.840.113549.1.1.1");

// RFC 8933 §3 [MUST] the digest of the signature algorithm digests the content too. Where it has
// none of its own: RFC 8419 §3.1 and RFC 9882 §3.3 name SHA-512 for Ed25519 and ML-DSA.
Result<Digest> digest_for(const der::AlgorithmIdentifier& algorithm) {
  const auto resolved = TRY(resolve(algorithm));
  if (resolved.row->digest) return *resolved.row->digest;
  const KeyKind kind = resolved.row->key.value_or(KeyKind::rsa);
  if (kind == KeyKind::ed25519 || is_ml_dsa(kind)) return Digest::sha512;
  return fail(Failure::badAlg, "crypto.cms-algorithm",
              "SignedData is not made with " + std::string(resolved.row->name) +
                  "; use ECDSA, RSA, Ed25519 or ML-DSA");
}

// Attribute ::= SEQUENCE { attrType OBJECT IDENTIFIER, attrValues SET OF AttributeValue }
Bytes attribute(const der::Oid& type, const auto& write_value) {
  Writer w;
  w.sequence([&](Writer& s) {
    s.oid(type);
    s.set(write_value);
  });
  return std::move(w).take();
}

// Without Writer's own growth, so that no freed memory keeps a part of what is secret.
Writer roomy(const Signing& signing, View signature) {
  std::size_t size = signing.content.size() + signature.size() + 1024;
  for (const Bytes& certificate : signing.certificates) size += certificate.size();
  return Writer(size);
}

void write_signer(Writer& w, const Signing& signing, const der::AlgorithmIdentifier& digest,
                  View attributes, View signature) {
  // SignerInfo ::= SEQUENCE {
  //   version CMSVersion, sid SignerIdentifier, digestAlgorithm DigestAlgorithmIdentifier,
  //   signedAttrs [0] IMPLICIT SignedAttributes OPTIONAL,
  //   signatureAlgorithm SignatureAlgorithmIdentifier, signature SignatureValue,
  //   unsignedAttrs [1] IMPLICIT UnsignedAttributes OPTIONAL }               RFC 5652 §5.3
  w.sequence([&](Writer& s) {
    s.integer(3);
    s.octets(signing.key_id, primitive_context(0));
    der::write(s, digest);
    const auto tag = static_cast<Byte>(context(0));
    s.raw({&tag, 1});
    s.raw(attributes.subspan(1));
    der::write(s, signing.algorithm);
    s.octets(signature);
  });
}

struct Attributes {
  std::optional<der::Oid> content_type;
  Bytes message_digest;
};

Parsed<> read_attribute(Reader& in, Attributes& out) {
  Reader seq = TRY(in.read(Tag::sequence));
  const auto type = TRY(seq.oid());
  Reader values = TRY(seq.read(Tag::set));
  if (type == kContentType) {
    out.content_type = TRY(values.oid());
    TRY(values.finish());
  } else if (type == kMessageDigest) {
    out.message_digest = copy(TRY(values.octets()));
    TRY(values.finish());
  }
  return seq.finish();
}

struct SignerInfo {
  KeyName name;
  der::AlgorithmIdentifier digest;
  View attributes;  // tagged [0]
  Attributes known;
  der::AlgorithmIdentifier algorithm;
  View signature;
};

Parsed<SignerInfo> read_signer(Reader& in) {
  Reader seq = TRY(in.read(Tag::sequence));
  SignerInfo out;
  const auto version = TRY_AT(seq, "version", seq.small_integer());
  const bool by_key_id = seq.next_is(primitive_context(0));
  // RFC 9483 §4.1.6 [MUST] version is 3; RFC 5652 §5.3: 1 with issuerAndSerialNumber
  TRY_AT(seq, "version", check_version(seq, version, {by_key_id ? 3 : 1}));
  if (by_key_id)
    out.name.key_id = copy(TRY_AT(seq, "sid", seq.octets(primitive_context(0))));
  else
    out.name = TRY_AT(seq, "sid", read_issuer_and_serial(seq));
  out.digest = TRY_AT(seq, "digestAlgorithm", der::read_algorithm(seq));
  const der::Tlv attributes = TRY_AT(seq, "signedAttrs", seq.any(context(0)));
  out.attributes = attributes.whole;
  Reader list = TRY(seq.open(attributes.content));
  while (!list.at_end()) TRY_AT(seq, "signedAttrs", read_attribute(list, out.known));
  out.algorithm = TRY_AT(seq, "signatureAlgorithm", der::read_algorithm(seq));
  out.signature = TRY_AT(seq, "signature", seq.octets());
  if (seq.next_is(context(1))) TRY_AT(seq, "unsignedAttrs", seq.any());
  TRY(seq.finish());
  return out;
}

struct Parts {
  std::int64_t version = 0;
  der::Oid digest;
  der::Oid content_type;
  View content;
  std::vector<Bytes> certificates;
  SignerInfo signer;
};

// EncapsulatedContentInfo ::= SEQUENCE {
//   eContentType ContentType, eContent [0] EXPLICIT OCTET STRING OPTIONAL }
Parsed<> read_content(Reader& in, Parts& out) {
  Reader seq = TRY(in.read(Tag::sequence));
  out.content_type = TRY_AT(seq, "eContentType", seq.oid());
  Reader content = TRY_AT(seq, "eContent", seq.read(context(0)));
  out.content = TRY_AT(seq, "eContent", content.octets());
  TRY(content.finish());
  return seq.finish();
}

// RFC 9483 §4.1.6 [MUST] a sequence of one AlgorithmIdentifier
Parsed<der::Oid> read_digest_algorithms(Reader& in) {
  Reader set = TRY(in.read(Tag::set));
  const auto algorithm = TRY(der::read_algorithm(set));
  if (!set.at_end()) return set.refuse(der::Code::too_many);
  return algorithm.algorithm;
}

// RFC 5652 §5.1: 1 where the content is of type id-data and the signer named by issuer, as
// OpenSSL's CMP server (3.5) has it.
std::int64_t lowest_version(const Parts& parts) {
  return parts.content_type == oids::data && parts.signer.name.key_id.empty() ? 1 : 3;
}

// RFC 9483 §4.1.6 [MUST] the digest of the SignerInfo is the one in digestAlgorithms
Parsed<> check_listed(const Reader& in, const Parts& parts) {
  if (parts.digest == parts.signer.digest.algorithm) return {};
  return in.refuse(der::Code::value);
}

Parsed<> read_certificates(Reader& in, Parts& out) {
  Reader set = TRY(in.read(context(0)));
  while (!set.at_end()) {
    if (out.certificates.size() == kMostCertificates) return set.refuse(der::Code::too_many);
    out.certificates.push_back(copy(TRY(set.well_formed())));
  }
  return {};
}

// SignedData ::= SEQUENCE {
//   version CMSVersion,
//   digestAlgorithms DigestAlgorithmIdentifiers,
//   encapContentInfo EncapsulatedContentInfo,
//   certificates [0] IMPLICIT CertificateSet OPTIONAL,
//   crls [1] IMPLICIT RevocationInfoChoices OPTIONAL,
//   signerInfos SignerInfos }                                                RFC 5652 §5.1
Parsed<Parts> read_parts(Reader& seq) {
  Parts out;
  out.version = TRY_AT(seq, "version", seq.small_integer());
  out.digest = TRY_AT(seq, "digestAlgorithms", read_digest_algorithms(seq));
  TRY_AT(seq, "encapContentInfo", read_content(seq, out));
  if (seq.next_is(context(0))) TRY_AT(seq, "certificates", read_certificates(seq, out));
  if (seq.next_is(context(1))) TRY_AT(seq, "crls", seq.any());
  Reader signers = TRY_AT(seq, "signerInfos", seq.read(Tag::set));
  out.signer = TRY_AT(seq, "signerInfos", read_signer(signers));
  // RFC 9483 §4.1.6 [MUST] a sequence of one SignerInfo
  if (!signers.at_end()) return signers.refuse(der::Code::too_many);
  TRY(seq.finish());
  // RFC 9483 §4.1.6 [MUST] version is 3
  TRY_AT(seq, "version", check_version(seq, out.version, {3, lowest_version(out)}));
  TRY_AT(seq, "digestAlgorithms", check_listed(seq, out));
  return out;
}

// ContentInfo ::= SEQUENCE { contentType, content [0] EXPLICIT ANY }         RFC 5652 §3
// RFC 9483 §4.1.6 means the bare SignedData; some wrap it.
Parsed<Parts> read_bare_or_wrapped(View der, der::Context& context_of) {
  Reader outer(der, context_of);
  Reader seq = TRY(outer.read(Tag::sequence));
  TRY(outer.finish());
  if (!seq.next_is(Tag::oid)) return read_parts(seq);
  if (TRY(seq.oid()) != oids::signed_data) return seq.refuse(der::Code::unsupported);
  Reader content = TRY(seq.read(context(0)));
  TRY(seq.finish());
  Reader inner = TRY(content.read(Tag::sequence));
  TRY(content.finish());
  return read_parts(inner);
}

// Some write the key's algorithm where the signature's belongs: the digest then says which it is.
der::AlgorithmIdentifier signature_algorithm_of(const SignerInfo& signer) {
  if (signer.algorithm.algorithm != kRsaEncryption) return signer.algorithm;
  const auto digest = digest_from_oid(signer.digest.algorithm);
  for (const SignatureAlgorithm& row : kSignatureAlgorithms)
    if (row.scheme == Scheme::rsa_v15 && row.digest == digest) return identifier(row);
  return signer.algorithm;
}

Result<> check_digest(const Parts& parts) {
  const auto digest_algorithm = digest_from_oid(parts.signer.digest.algorithm);
  if (!digest_algorithm || *digest_algorithm == Digest::sha1)
    return fail(Failure::badAlg, "crypto.cms-algorithm",
                "the digest " + parts.signer.digest.algorithm.dotted() +
                    " of the SignedData is not supported; use SHA-256 or better");
  const Attributes& known = parts.signer.known;
  // RFC 5652 §11.1, §11.2 [MUST] contentType and messageDigest are there, and right
  if (known.content_type == parts.content_type &&
      equal(known.message_digest, digest(*digest_algorithm, parts.content)))
    return {};
  return fail(Failure::badMessageCheck, "crypto.cms-digest",
              "the signed attributes of the SignedData do not fit its content; contentType and "
              "messageDigest must name what is inside");
}

}  // namespace

Result<Bytes> to_be_signed(const Signing& signing) {
  const Digest algorithm = TRY(digest_for(signing.algorithm));
  std::vector<Bytes> list;
  list.push_back(attribute(kContentType, [&](Writer& v) { v.oid(signing.content_type); }));
  list.push_back(
      attribute(kMessageDigest, [&](Writer& v) { v.octets(digest(algorithm, signing.content)); }));
  if (signing.signing_time)
    list.push_back(attribute(kSigningTime, [&](Writer& v) { v.x509_time(*signing.signing_time); }));
  std::ranges::sort(list);  // X.690 §11.6
  Writer w;
  w.set([&](Writer& set) {
    for (const Bytes& one : list) set.raw(one);
  });
  return std::move(w).take();
}

Result<Secret> signed_data(const Signing& signing, View signature) {
  const Bytes attributes = TRY(to_be_signed(signing));
  const der::AlgorithmIdentifier digest{oid(TRY(digest_for(signing.algorithm))), {}};
  Writer w = roomy(signing, signature);
  w.sequence([&](Writer& s) {
    s.integer(3);
    s.set([&](Writer& set) { der::write(set, digest); });
    s.sequence([&](Writer& content) {
      content.oid(signing.content_type);
      content.tagged(0, [&](Writer& t) { t.octets(signing.content); });
    });
    // RFC 9483 §4.1.6 [MUST] the signer's certificate first: in the order given, not DER's
    s.element(context(0), [&](Writer& set) {
      for (const Bytes& certificate : signing.certificates) set.raw(certificate);
    });
    s.set([&](Writer& set) { write_signer(set, signing, digest, attributes, signature); });
  });
  return Secret(std::move(w).take());
}

Result<SignedData> read_signed_data(View der) {
  der::Context context_of(der, {.bytes = kLongest});
  if (der.size() > kLongest)
    return fail(Failure::badDataFormat, "crypto.cms-format", "the SignedData is longer than 1 MiB");
  auto parts = read_bare_or_wrapped(der, context_of);
  if (!parts)
    return fail(Failure::badDataFormat, "crypto.cms-format",
                "the SignedData is malformed at " + context_of.path() + ": " +
                    std::string(der::sentence(parts.error().code)));
  TRY(check_digest(*parts));
  Bytes attributes = copy(parts->signer.attributes);
  attributes[0] = static_cast<Byte>(Tag::set);  // RFC 5652 §5.4
  return SignedData{parts->content_type,
                    Secret(parts->content),
                    std::move(parts->certificates),
                    std::move(parts->signer.name),
                    signature_algorithm_of(parts->signer),
                    std::move(attributes),
                    copy(parts->signer.signature)};
}

}  // namespace countersign::crypto::cms
