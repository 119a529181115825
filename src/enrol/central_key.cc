#include "enrol/central_key.h"

#include <algorithm>

#include "crypto/cms.h"
#include "crypto/keys.h"

namespace countersign::enrol {
namespace {

using crypto::KeyKind;
using Delivery = transaction::CentralKey::Delivery;

constexpr unsigned kSecretBits = 128;  // of a secret that we made

std::unexpected<Error> refuse(std::string_view code, std::string sentence) {
  return fail(Failure::badCertTemplate, code, std::move(sentence));
}

// NIST SP 800-57, RFC 9481 §7; ML-DSA by its category, SLH-DSA by half of its public key.
unsigned strength_of(const crypto::KeySpec& spec) {
  if (crypto::is_slh_dsa(spec.kind)) return spec.bits / 2;
  switch (spec.kind) {
    case KeyKind::rsa:
      return spec.bits < 3072 ? 112 : spec.bits < 4096 ? 128 : 152;
    case KeyKind::p384:
    case KeyKind::ml_dsa_65:
      return 192;
    case KeyKind::ed448:
      return 224;
    case KeyKind::p521:
    case KeyKind::ml_dsa_87:
      return 256;
    default:
      return 128;
  }
}

struct Asked {
  bool empty = false;  // no bits
  der::AlgorithmIdentifier algorithm;
};

// SubjectPublicKeyInfo ::= SEQUENCE { algorithm, subjectPublicKey BIT STRING }
der::Parsed<Asked> read_asked(View spki) {
  der::Context context(spki);
  der::Reader in(spki, context);
  der::Reader seq = TRY(in.read(der::Tag::sequence));
  Asked out;
  out.algorithm = TRY(der::read_algorithm(seq));
  out.empty = TRY(seq.bits()).octets.empty();
  return out;
}

// With RSA the parameters, NULL, are often left out where there is no key.
bool names(const der::AlgorithmIdentifier& asked, KeyKind kind) {
  const auto known = crypto::key_algorithm(kind);
  if (asked.algorithm != known.algorithm) return false;
  return asked.parameters == known.parameters || (crypto::is_rsa(kind) && asked.parameters.empty());
}

// nullopt: the kind is left to us.
Result<std::optional<KeyKind>> asked_kind(const CentralKeyWish& wish) {
  std::optional<der::AlgorithmIdentifier> algorithm = wish.controls.key_algorithm;
  if (wish.asked.public_key)
    if (auto spki = read_asked(*wish.asked.public_key)) {
      if (algorithm && *algorithm != spki->algorithm)
        return refuse(
            "control.key-size",
            "algId names another algorithm than certTemplate.publicKey; send one of them");
      algorithm = std::move(spki->algorithm);
    }
  // RFC 9810 §5.3.19.16 [SHALL] rsaKeyLen is used for RSA
  if (!algorithm && wish.controls.rsa_bits) return std::optional<KeyKind>{KeyKind::rsa};
  if (!algorithm) return std::optional<KeyKind>{};
  for (const crypto::KeySpec& spec : crypto::kKeySpecs) {
    if (!names(*algorithm, spec.kind)) continue;
    if (wish.controls.rsa_bits && spec.kind != KeyKind::rsa)
      return refuse("control.key-size", "rsaKeyLen is for RSA keys; leave it out");
    return std::optional<KeyKind>{spec.kind};
  }
  return refuse(
      "template.key-kind",
      "keys of the algorithm that is named are not made here; leave certTemplate.publicKey "
      "and algId out, or name RSA, P-256, P-384, P-521, Ed25519, Ed448 or ML-DSA");
}

bool allows(const Template& t, KeyKind kind) {
  return std::ranges::find(t.key_kinds, crypto::name(kind)) != t.key_kinds.end();
}

// What protects the key on its way.
struct Protector {
  Delivery delivery = Delivery::secret;
  unsigned bits = kSecretBits;
  bool short_rsa = false;  // then RSA of 2048 bits is what suits it
  std::string name = "the shared secret";
};

// RFC 9483 §4.1.6.3 [SHALL NOT] the entropy of the secret is less than the strength of the key.
Result<Protector> by_secret(const CentralKeyWish& wish) {
  if (wish.allowed != CentralKeys::any && wish.transport == Transport::clear)
    return fail(Failure::notAuthorized, "template.central-key-plain",
                "no private key is sent under a shared secret in the clear here; use HTTPS, sign "
                "the request, or send the public key");
  if (wish.credential == nullptr || !wish.credential->made_by_us)
    return fail(Failure::notAuthorized, "template.central-key-secret",
                "no private key is sent under a secret that a person chose; send the public key, "
                "or use a secret of at least 128 random bits that this server made");
  return Protector{};
}

// RFC 9483 §4.1.6.1, §4.1.6.2 [MUST] the certificate allows keyEncipherment or keyAgreement.
Result<Protector> by_certificate(const x509::Certificate& certificate) {
  const auto key = TRY(crypto::PublicKey::from_spki(certificate.spki));
  const bool rsa = key.kind() == KeyKind::rsa;
  const auto wanted = rsa ? x509::KeyUsage::keyEncipherment : x509::KeyUsage::keyAgreement;
  const auto usage = certificate.key_usage();
  const bool may = !usage || usage->test(static_cast<std::size_t>(wanted));
  if (!crypto::cms::can_receive(key.kind()) || !may)
    return fail(Failure::notAuthorized, "template.central-key-recipient",
                "no private key can be encrypted for the certificate that signed this request; "
                "send the public key, or sign with an RSA certificate that allows "
                "keyEncipherment, or an EC one that allows keyAgreement");
  constexpr unsigned kGoodRsa = 3072;
  return Protector{Delivery::certificate, std::max(key.security_bits(), kSecretBits),
                   rsa && key.bits() < kGoodRsa, "the key of the signing certificate"};
}

const crypto::KeySpec* spec_for(const Template& t, KeyKind kind, unsigned rsa_bits) {
  if (!allows(t, kind)) return nullptr;
  for (const crypto::KeySpec& spec : crypto::kKeySpecs)
    if (spec.kind == kind && (!crypto::is_rsa(kind) || spec.bits >= rsa_bits)) return &spec;
  return nullptr;
}

// RFC 9810 §5.3.19.16 [SHALL] rsaKeyLen is the intended length: no other will do.
const crypto::KeySpec* rsa_of(const Template& t, unsigned bits) {
  const crypto::KeySpec* spec = spec_for(t, KeyKind::rsa, bits);
  return spec != nullptr && spec->bits == bits && bits >= static_cast<unsigned>(t.min_rsa_bits)
             ? spec
             : nullptr;
}

const crypto::KeySpec* suitable(const CentralKeyWish& wish, std::optional<KeyKind> asked,
                                const Protector& protector) {
  const Template& t = wish.t;
  if (wish.controls.rsa_bits) return rsa_of(t, *wish.controls.rsa_bits);
  const unsigned rsa_bits =
      std::max(static_cast<unsigned>(t.min_rsa_bits), protector.short_rsa ? 2048U : 3072U);
  if (asked) return spec_for(t, *asked, rsa_bits);
  if (protector.short_rsa)
    if (const auto* spec = spec_for(t, KeyKind::rsa, rsa_bits)) return spec;
  if (const auto* spec = spec_for(t, KeyKind::p256, rsa_bits)) return spec;
  for (const crypto::KeySpec& any : crypto::kKeySpecs)
    if (const auto* spec = spec_for(t, any.kind, rsa_bits)) return spec;
  return nullptr;
}

}  // namespace

bool asks_for_key(const crmf::CertTemplate& asked) {
  if (!asked.public_key) return true;
  const auto spki = read_asked(*asked.public_key);
  return spki && spki->empty;
}

Result<transaction::CentralKey> grant_central_key(const CentralKeyWish& wish) {
  // RFC 9483 §4.1.6: who has no key cannot prove that it has one
  if (wish.popo)
    return fail(Failure::badRequest, "template.central-key-popo",
                "popo is present, yet the key is to be made here; leave popo out");
  // RFC 9483 §5.2.3 [MUST NOT] an RA replaces the protection of such a request
  if (wish.sender.may_act_as_ra)
    return fail(Failure::notAuthorized, "template.central-key-ra",
                "a private key is sent to its owner, not to a registration authority; forward the "
                "owner's request as it is");
  const auto& certificate = wish.sender.certificate;
  const Protector protector = TRY(certificate ? by_certificate(*certificate) : by_secret(wish));
  const auto asked = TRY(asked_kind(wish));
  const crypto::KeySpec* spec = suitable(wish, asked, protector);
  if (spec == nullptr)
    return refuse("template.key-kind", "the profile " + wish.t.name +
                                           " has no keys of the kind, or RSA keys of the "
                                           "length, that was asked for; leave "
                                           "certTemplate.publicKey, algId and rsaKeyLen out");
  if (strength_of(*spec) > protector.bits)
    return refuse("template.central-key-strength",
                  "a key of the kind " + std::string(spec->name) + " (" +
                      std::to_string(strength_of(*spec)) + " bits of strength) is stronger than " +
                      protector.name + " (" + std::to_string(protector.bits) +
                      " bits) that would protect it; ask for another kind, or send the public key");
  return transaction::CentralKey{std::string(spec->name), protector.delivery};
}

}  // namespace countersign::enrol
