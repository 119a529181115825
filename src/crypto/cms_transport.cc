// Key transport: RSA. RFC 3560, RFC 4055 §4, RFC 9481 §4.2.
#include "crypto/cms_key.h"
#include "crypto/hash_parameters.h"
#include "crypto/key_data.h"

namespace countersign::crypto::cms {
namespace {

constexpr der::Oid kRsaEncryption = der::Oid::of("1.2.840.113549.1.1.1");
constexpr der::Oid kRsaesOaep = der::Oid::of("1.2.840.113549.1.1.7");

struct Oaep {
  Digest hash = Digest::sha1;
  Digest mask = Digest::sha1;
};

// RSAES-OAEP-params  ::=  SEQUENCE  {
//   hashFunc          [0] AlgorithmIdentifier DEFAULT sha1Identifier,
//   maskGenFunc       [1] AlgorithmIdentifier DEFAULT mgf1SHA1Identifier,
//   pSourceFunc       [2] AlgorithmIdentifier DEFAULT pSpecifiedEmptyIdentifier }  RFC 4055 §4.1
// OAEP does not need its hash to resist collisions, so the defaults are read. A label is not.
der::Parsed<Oaep> read_oaep(View parameters) {
  der::Context context(parameters);
  der::Reader outer(parameters, context);
  der::Reader in = TRY(outer.read(der::Tag::sequence));
  TRY(outer.finish());
  Oaep out;
  if (in.next_is(der::context(0))) {
    der::Reader field = TRY(in.read(der::context(0)));
    out.hash = TRY(read_hash(field));
    TRY(field.finish());
  }
  if (in.next_is(der::context(1))) {
    der::Reader field = TRY(in.read(der::context(1)));
    out.mask = TRY(read_mgf1(field));
    TRY(field.finish());
  }
  TRY(in.finish());
  return out;
}

bool set_oaep(EVP_PKEY_CTX* context, const Oaep& oaep) {
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_oaep_md(context, fetched(oaep.hash)) == 1 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(context, fetched(oaep.mask)) == 1;
}

EvpKeyContext context_for(EVP_PKEY* key) {
  EvpKeyContext context(EVP_PKEY_CTX_new(key, nullptr));
  require(context != nullptr, "key context");
  return context;
}

}  // namespace

der::AlgorithmIdentifier oaep_sha256() {
  const der::AlgorithmIdentifier hash{oid(Digest::sha256), copy(der::kNullDer)};
  der::Writer w;
  w.sequence([&](der::Writer& s) {
    s.tagged(0, [&](der::Writer& t) { der::write(t, hash); });
    s.tagged(1, [&](der::Writer& t) { der::write(t, {kMgf1, der::encode(hash)}); });
  });
  return {kRsaesOaep, std::move(w).take()};
}

Result<Bytes> transport_key(const PublicKey& to, View key) {
  const EvpKeyContext context = context_for(native(to));
  Bytes out(static_cast<std::size_t>(EVP_PKEY_get_size(native(to))));
  std::size_t size = out.size();
  if (EVP_PKEY_encrypt_init(context.get()) != 1 ||
      !set_oaep(context.get(), {Digest::sha256, Digest::sha256}) ||
      EVP_PKEY_encrypt(context.get(), out.data(), &size, key.data(), key.size()) != 1)
    return fail(Failure::badCertTemplate, "crypto.cms-cannot-make",
                "nothing can be encrypted for the RSA key of this certificate; use another key",
                library_error());
  out.resize(size);
  return out;
}

Result<Secret> open_transport(const PrivateKey& own, const KeyTransport& info,
                              std::size_t key_size) {
  std::optional<Oaep> oaep;
  if (info.algorithm.algorithm == kRsaesOaep) {
    const auto read = read_oaep(info.algorithm.parameters);
    if (!read)
      return unsupported("parameter set of RSAES-OAEP", kRsaesOaep, "a SHA-2 hash without label");
    oaep = *read;
  } else if (info.algorithm.algorithm != kRsaEncryption) {
    return unsupported("key transport", info.algorithm.algorithm, "RSAES-OAEP");
  }
  const EvpKeyContext context = context_for(native(own));
  require(EVP_PKEY_decrypt_init(context.get()) == 1, "RSA decrypt");
  // PKCS #1 v1.5: a wrong padding gives a random key instead of an error (implicit rejection), so
  // that nobody learns which it was.
  if (!(oaep ? set_oaep(context.get(), *oaep)
             : EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1)) {
    ERR_clear_error();
    return unsupported("digest in RSAES-OAEP under", kRsaesOaep, "SHA-256");
  }
  Bytes out(static_cast<std::size_t>(EVP_PKEY_get_size(native(own))));
  std::size_t size = out.size();
  const bool done = EVP_PKEY_decrypt(context.get(), out.data(), &size, pointer(info.encrypted_key),
                                     info.encrypted_key.size()) == 1;
  ERR_clear_error();
  Secret key{std::move(out)};
  if (!done || size != key_size) return cannot_open();
  return Secret(key.expose().first(size));
}

}  // namespace countersign::crypto::cms
