// The RecipientInfos as structures, and the two techniques for public keys.
#include "crypto/cms_recipient.h"

#include <algorithm>

#include "crypto/cms_cipher.h"
#include "crypto/cms_key.h"

namespace countersign::crypto::cms {
namespace {

using der::context;
using der::Parsed;
using der::primitive_context;
using der::Reader;
using der::Tag;
using der::Writer;

// KeyTransRecipientInfo ::= SEQUENCE {
//   version CMSVersion,  -- always set to 0 or 2
//   rid RecipientIdentifier,
//   keyEncryptionAlgorithm KeyEncryptionAlgorithmIdentifier,
//   encryptedKey EncryptedKey }                                              RFC 5652 §6.2.1
// RecipientIdentifier ::= CHOICE {
//   issuerAndSerialNumber IssuerAndSerialNumber,
//   subjectKeyIdentifier [0] SubjectKeyIdentifier }
// Who it names is not looked at: CMP says for whom it is (RFC 9810 §5.2.2).
Parsed<RecipientInfo> read_key_transport(Reader& in) {
  Reader seq = TRY(in.read(Tag::sequence));
  const auto version = TRY_AT(seq, "version", seq.small_integer());
  // RFC 9483 §4.1.6.1 [MUST] version is 2; RFC 5652 §6.2.1: 0 with issuerAndSerialNumber
  const std::int64_t other = seq.next_is(Tag::sequence) ? 0 : 2;
  TRY_AT(seq, "version", check_version(seq, version, {2, other}));
  TRY_AT(seq, "rid", seq.any());
  KeyTransport out;
  out.algorithm = TRY_AT(seq, "keyEncryptionAlgorithm", der::read_algorithm(seq));
  out.encrypted_key = TRY_AT(seq, "encryptedKey", seq.octets());
  TRY(seq.finish());
  return out;
}

// OriginatorIdentifierOrKey ::= CHOICE {
//   issuerAndSerialNumber IssuerAndSerialNumber,
//   subjectKeyIdentifier [0] SubjectKeyIdentifier,
//   originatorKey [1] OriginatorPublicKey }
// OriginatorPublicKey ::= SEQUENCE { algorithm AlgorithmIdentifier, publicKey BIT STRING }
Parsed<> read_originator(Reader& in, KeyAgreement& out) {
  if (!in.next_is(context(1))) {
    TRY(in.any());
    return {};
  }
  Reader key = TRY(in.read(context(1)));
  out.originator = TRY_AT(key, "algorithm", der::read_algorithm(key));
  out.originator_key = TRY_AT(key, "publicKey", key.bit_octets());
  return key.finish();
}

// RecipientEncryptedKey ::= SEQUENCE { rid KeyAgreeRecipientIdentifier, encryptedKey EncryptedKey }
Parsed<View> read_encrypted_key(Reader& in) {
  Reader list = TRY(in.read(Tag::sequence));
  Reader seq = TRY(list.read(Tag::sequence));
  TRY_AT(seq, "rid", seq.any());
  const View key = TRY_AT(seq, "encryptedKey", seq.octets());
  TRY(seq.finish());
  // RFC 9483 §4.1.6.2 [MUST] a sequence of one RecipientEncryptedKey
  if (!list.at_end()) return list.refuse(der::Code::too_many);
  return key;
}

// KeyAgreeRecipientInfo ::= SEQUENCE {
//   version CMSVersion,  -- always set to 3
//   originator [0] EXPLICIT OriginatorIdentifierOrKey,
//   ukm [1] EXPLICIT UserKeyingMaterial OPTIONAL,
//   keyEncryptionAlgorithm KeyEncryptionAlgorithmIdentifier,
//   recipientEncryptedKeys RecipientEncryptedKeys }                          RFC 5652 §6.2.2
Parsed<RecipientInfo> read_key_agreement(Reader& in) {
  Reader seq = TRY(in.read(context(1)));
  // RFC 9483 §4.1.6.2 [MUST] version is 3
  const auto version = TRY_AT(seq, "version", seq.small_integer());
  TRY_AT(seq, "version", check_version(seq, version, {3}));
  KeyAgreement out;
  Reader originator = TRY_AT(seq, "originator", seq.read(context(0)));
  TRY_AT(seq, "originator", read_originator(originator, out));
  TRY(originator.finish());
  if (seq.next_is(context(1))) {
    Reader ukm = TRY(seq.read(context(1)));
    out.ukm = TRY_AT(ukm, "ukm", ukm.octets());
    TRY(ukm.finish());
  }
  out.algorithm = TRY_AT(seq, "keyEncryptionAlgorithm", der::read_algorithm(seq));
  out.encrypted_key = TRY_AT(seq, "recipientEncryptedKeys", read_encrypted_key(seq));
  TRY(seq.finish());
  return out;
}

// PasswordRecipientInfo ::= SEQUENCE {
//   version CMSVersion,   -- Always set to 0
//   keyDerivationAlgorithm [0] KeyDerivationAlgorithmIdentifier OPTIONAL,
//   keyEncryptionAlgorithm KeyEncryptionAlgorithmIdentifier,
//   encryptedKey EncryptedKey }                                              RFC 5652 §6.2.4
Parsed<RecipientInfo> read_password(Reader& in) {
  Reader seq = TRY(in.read(context(3)));
  // RFC 9483 §4.1.6.3 [MUST] version is 0
  const auto version = TRY_AT(seq, "version", seq.small_integer());
  TRY_AT(seq, "version", check_version(seq, version, {0}));
  Password out;
  if (seq.next_is(context(0)))
    out.derivation = TRY_AT(seq, "keyDerivationAlgorithm", der::read_algorithm(seq, context(0)));
  out.encryption = TRY_AT(seq, "keyEncryptionAlgorithm", der::read_algorithm(seq));
  out.encrypted_key = TRY_AT(seq, "encryptedKey", seq.octets());
  TRY(seq.finish());
  return out;
}

Result<WrittenRecipient> write_key_transport(const KeyRecipient& to, View key) {
  const Bytes encrypted = TRY(transport_key(to.key, key));
  const bool by_id = !to.name.key_id.empty();
  Writer w;
  w.sequence([&](Writer& s) {
    s.integer(by_id ? 2 : 0);
    if (by_id)
      s.octets(to.name.key_id, primitive_context(0));
    else
      write_issuer_and_serial(s, to.name);
    der::write(s, oaep_sha256());
    s.octets(encrypted);
  });
  return WrittenRecipient{std::move(w).take(), by_id ? 2 : 0};
}

Result<WrittenRecipient> write_key_agreement(const KeyRecipient& to, View key, Entropy& entropy) {
  // RFC 9483 §4.1.6.2 [SHOULD] ukm to make the key-encryption key unique
  Bytes ukm(kKeySize);
  TRY(entropy.fill(ukm));
  const Agreed agreed = TRY(agree_with(to.key, ukm));
  const Bytes encrypted = wrap(strongest_key_wrap(), agreed.kek.expose(), key);
  Writer w;
  w.element(context(1), [&](Writer& s) {
    s.integer(3);
    // RFC 9481 §4.1: ephemeral-static, so the originator is a key, not a certificate.
    s.tagged(0, [&](Writer& t) {
      t.element(context(1), [&](Writer& k) {
        der::write(k, agreed.originator);
        k.bit_octets(agreed.originator_key);
      });
    });
    s.tagged(1, [&](Writer& t) { t.octets(ukm); });
    der::write(s, agreed.algorithm);
    s.sequence([&](Writer& list) {
      list.sequence([&](Writer& one) {
        // KeyAgreeRecipientIdentifier ::= CHOICE {
        //   issuerAndSerialNumber, rKeyId [0] IMPLICIT RecipientKeyIdentifier }
        if (to.name.key_id.empty())
          write_issuer_and_serial(one, to.name);
        else
          one.element(context(0), [&](Writer& r) { r.octets(to.name.key_id); });
        one.octets(encrypted);
      });
    });
  });
  return WrittenRecipient{std::move(w).take(), 2};
}

}  // namespace

bool can_receive(KeyKind kind) noexcept {
  return kind == KeyKind::rsa || is_ec(kind) || kind == KeyKind::x25519 || kind == KeyKind::x448;
}

Parsed<> check_version(const Reader& in, std::int64_t version,
                       std::initializer_list<std::int64_t> allowed) {
  if (std::ranges::find(allowed, version) == allowed.end()) return in.refuse(der::Code::value);
  return {};
}

Parsed<KeyName> read_issuer_and_serial(Reader& in) {
  Reader seq = TRY(in.read(Tag::sequence));
  KeyName out;
  out.issuer = copy(TRY_AT(seq, "issuer", seq.well_formed(Tag::sequence)));
  out.serial = copy(TRY_AT(seq, "serialNumber", seq.integer()));
  TRY(seq.finish());
  return out;
}

void write_issuer_and_serial(Writer& w, const KeyName& name) {
  w.sequence([&](Writer& s) {
    s.raw(name.issuer);
    s.integer_octets(name.serial);
  });
}

Parsed<RecipientInfo> read_recipient(Reader& in) {
  if (in.next_is(Tag::sequence)) return TRY_AT(in, "ktri", read_key_transport(in));
  if (in.next_is(context(1))) return TRY_AT(in, "kari", read_key_agreement(in));
  if (in.next_is(context(3))) return TRY_AT(in, "pwri", read_password(in));
  return in.refuse(der::Code::unsupported);
}

Result<WrittenRecipient> write_recipient(const KeyRecipient& to, View key, Entropy& entropy) {
  if (to.key.kind() == KeyKind::rsa) return write_key_transport(to, key);
  return write_key_agreement(to, key, entropy);
}

Result<WrittenRecipient> write_recipient(const PasswordRecipient& to, View key, Entropy& entropy) {
  constexpr std::size_t kSalt = 16;
  Bytes salt(kSalt);
  TRY(entropy.fill(salt));
  const Secret kek = derive_kek(to.secret, salt, to.iterations);
  const Bytes encrypted = wrap(strongest_key_wrap(), kek.expose(), key);
  Writer w;
  w.element(context(3), [&](Writer& s) {
    s.integer(0);
    der::write(s, pbkdf2_algorithm(salt, to.iterations), context(0));
    der::write(s, {strongest_key_wrap().oid, {}});
    s.octets(encrypted);
  });
  return WrittenRecipient{std::move(w).take(), 3};
}

namespace {

struct Unlocking {
  const Opener& opener;
  std::size_t key_size;

  Result<Secret> operator()(const KeyTransport& info) const {
    if (opener.key == nullptr || opener.key->kind() != KeyKind::rsa) return cannot_open();
    return open_transport(*opener.key, info, key_size);
  }
  Result<Secret> operator()(const KeyAgreement& info) const {
    if (opener.key == nullptr || is_rsa(opener.key->kind()) || !can_receive(opener.key->kind()))
      return cannot_open();
    return open_agreement(*opener.key, info, key_size);
  }
  Result<Secret> operator()(const Password& info) const {
    if (opener.secret == nullptr) return cannot_open();
    return open_password(info, opener, key_size);
  }
};

}  // namespace

Result<Secret> open_recipient(const RecipientInfo& info, const Opener& opener,
                              std::size_t key_size) {
  Secret key = TRY(std::visit(Unlocking{opener, key_size}, info));
  if (key.size() != key_size) return cannot_open();
  return key;
}

}  // namespace countersign::crypto::cms
