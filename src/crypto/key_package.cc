#include "crypto/key_package.h"

#include <optional>
#include <stdexcept>

#include "der/algorithm.h"

namespace countersign::crypto {
namespace {

using der::context;
using der::primitive_context;
using der::Reader;
using der::Tag;
using der::Writer;

struct OneAsymmetricKey {
  der::AlgorithmIdentifier algorithm;
  View private_key;
  std::optional<View> public_key;
};

// OneAsymmetricKey ::= SEQUENCE {
//   version                   Version,          -- v1(0), v2(1)
//   privateKeyAlgorithm       PrivateKeyAlgorithmIdentifier,
//   privateKey                PrivateKey,
//   attributes            [0] Attributes OPTIONAL,
//   ...,
//   [[2: publicKey        [1] PublicKey OPTIONAL ]],
//   ... }                                                                      RFC 5958 §2
der::Parsed<OneAsymmetricKey> read_one(Reader& in) {
  Reader seq = TRY(in.read(Tag::sequence));
  const auto version = TRY_AT(seq, "version", seq.small_integer());
  if (version != 0 && version != 1) return seq.refuse(der::Code::value);
  OneAsymmetricKey out;
  out.algorithm = TRY_AT(seq, "privateKeyAlgorithm", der::read_algorithm(seq));
  out.private_key = TRY_AT(seq, "privateKey", seq.octets());
  if (seq.next_is(context(0))) TRY_AT(seq, "attributes", seq.any());
  if (seq.next_is(primitive_context(1)))
    out.public_key = TRY_AT(seq, "publicKey", seq.bit_octets(primitive_context(1)));
  TRY(seq.finish());
  return out;
}

// AsymmetricKeyPackage ::= SEQUENCE SIZE (1..MAX) OF OneAsymmetricKey
der::Parsed<OneAsymmetricKey> read_package(View der, der::Context& context_of) {
  Reader whole(der, context_of);
  Reader outer(der, context_of);
  Reader list = TRY(outer.read(Tag::sequence));
  if (list.next_is(Tag::integer)) {
    OneAsymmetricKey bare = TRY(read_one(whole));
    TRY(whole.finish());
    return bare;
  }
  TRY(outer.finish());
  OneAsymmetricKey out = TRY(read_one(list));
  // RFC 9483 §4.1.6 [MUST] a sequence of one OneAsymmetricKey
  if (!list.at_end()) return list.refuse(der::Code::too_many);
  return out;
}

// PKCS #8 as every version of it is understood: v1, without the public key.
Secret pkcs8_of(const OneAsymmetricKey& key) {
  Writer w(key.private_key.size() + 128);
  w.sequence([&](Writer& s) {
    s.integer(0);
    der::write(s, key.algorithm);
    s.octets(key.private_key);
  });
  return Secret(std::move(w).take());
}

std::unexpected<Error> malformed(std::string why) {
  return fail(Failure::badDataFormat, "crypto.key-package",
              "the AsymmetricKeyPackage is not one private key: " + std::move(why));
}

}  // namespace

Secret key_package(const PrivateKey& key, PackageForm form) {
  const Secret pkcs8 = key.to_pkcs8();
  der::Context context_of(pkcs8.expose());
  Reader in(pkcs8.expose(), context_of);
  const auto one = read_one(in);
  if (!one) throw std::runtime_error("libcrypto: PKCS#8 is not as its standard says");
  const View public_key = key.public_key().key_octets();
  Writer w(pkcs8.size() + public_key.size() + 128);
  const auto write_one = [&](Writer& to) {
    to.sequence([&](Writer& s) {
      s.integer(1);  // RFC 9483 §4.1.6 [MUST] v2, with the public key
      der::write(s, one->algorithm);
      s.octets(one->private_key);
      s.bit_octets(public_key, primitive_context(1));
    });
  };
  if (form == PackageForm::bare)
    write_one(w);
  else
    w.sequence(write_one);
  return Secret(std::move(w).take());
}

Result<PrivateKey> read_key_package(View der) {
  der::Context context_of(der);
  const auto one = read_package(der, context_of);
  if (!one)
    return malformed(context_of.path() + ": " + std::string(der::sentence(one.error().code)));
  const Secret pkcs8 = pkcs8_of(*one);
  auto key = TRY(PrivateKey::from_pkcs8(pkcs8.expose()));
  if (one->public_key && !equal(*one->public_key, key.public_key().key_octets()))
    return malformed("its publicKey is not that of its privateKey");
  return key;
}

}  // namespace countersign::crypto
