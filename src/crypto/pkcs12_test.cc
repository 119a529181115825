#include "crypto/pkcs12.h"

#include <gtest/gtest.h>

#include "crypto/libcrypto.h"

namespace countersign::crypto {
namespace {

using Pkcs12 = Handle<PKCS12, PKCS12_free>;

// Self-signed: nothing here verifies it.
Certificate certificate(const PrivateKey& key, const char* name) {
  const Bytes pkcs8 = copy(key.to_pkcs8().expose());
  const unsigned char* at = pkcs8.data();
  const EvpKey native(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(pkcs8.size())));
  Certificate out(X509_new());
  ASN1_INTEGER_set(X509_get_serialNumber(out.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(out.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(out.get()), 3600);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(out.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  X509_set_issuer_name(out.get(), X509_get_subject_name(out.get()));
  X509_set_pubkey(out.get(), native.get());
  X509_sign(out.get(), native.get(), EVP_sha256());
  return out;
}

Bytes der_of(const Certificate& one) {
  unsigned char* octets = nullptr;
  const int size = i2d_X509(one.get(), &octets);
  Bytes out(octets, octets + size);
  OPENSSL_free(octets);
  return out;
}

// `key` null: certificates alone.
Bytes sealed(const PrivateKey* key, const Certificate* own, const Certificate* above,
             const char* passphrase) {
  EvpKey native;
  if (key != nullptr) {
    const Bytes pkcs8 = copy(key->to_pkcs8().expose());
    const unsigned char* at = pkcs8.data();
    native.reset(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(pkcs8.size())));
  }
  STACK_OF(X509)* others = sk_X509_new_null();
  if (above != nullptr) sk_X509_push(others, above->get());
  const Pkcs12 made(PKCS12_create(passphrase, "signer", native.get(),
                                  own != nullptr ? own->get() : nullptr, others, 0, 0, 0, 0, 0));
  sk_X509_free(others);
  require(made != nullptr, "PKCS #12");
  unsigned char* octets = nullptr;
  const int size = i2d_PKCS12(made.get(), &octets);
  Bytes out(octets, octets + size);
  OPENSSL_free(octets);
  return out;
}

Secret secret(std::string_view text) { return Secret(view(text)); }

std::string code(const Result<KeyWithCertificates>& opened) {
  return opened ? "ok" : std::string(opened.error().code);
}

const PrivateKey& key() {
  static const PrivateKey one = PrivateKey::generate(*key_spec("p256"));
  return one;
}

TEST(Pkcs12, HasTheKeyItsCertificateAndTheOthers) {
  const Certificate own = certificate(key(), "signer"), above = certificate(key(), "above");
  for (const char* passphrase : {"open sesame", ""}) {
    const auto opened = from_pkcs12(sealed(&key(), &own, &above, passphrase), secret(passphrase));
    ASSERT_EQ(code(opened), "ok") << passphrase;
    EXPECT_EQ(opened->key.public_key(), key().public_key());
    EXPECT_EQ(opened->certificate, der_of(own));
    EXPECT_EQ(opened->others, std::vector<Bytes>{der_of(above)});
  }
}

TEST(Pkcs12, IsRefusedWhereItCannotBeUsed) {
  const Certificate own = certificate(key(), "signer");
  const Bytes good = sealed(&key(), &own, nullptr, "open sesame");
  EXPECT_EQ(code(from_pkcs12(good, secret("open sesam"))), "crypto.passphrase-wrong");
  EXPECT_EQ(code(from_pkcs12(good, Secret())), "crypto.passphrase-wrong");
  EXPECT_EQ(code(from_pkcs12({}, Secret())), "crypto.pkcs12-format");
  EXPECT_EQ(code(from_pkcs12(view("-----BEGIN CERTIFICATE-----"), Secret())),
            "crypto.pkcs12-format");
  EXPECT_EQ(code(from_pkcs12(Bytes(2 << 20), Secret())), "crypto.pkcs12-format");
  EXPECT_EQ(code(from_pkcs12(sealed(nullptr, nullptr, &own, "x"), secret("x"))),
            "crypto.pkcs12-empty");
  for (std::size_t size = 0; size < good.size(); size += 7)
    EXPECT_NE(code(from_pkcs12(View(good).first(size), secret("open sesame"))), "ok") << size;
}

}  // namespace
}  // namespace countersign::crypto
