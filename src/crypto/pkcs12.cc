#include "crypto/pkcs12.h"

#include "crypto/libcrypto.h"

namespace countersign::crypto {
namespace {

using Pkcs12 = Handle<PKCS12, PKCS12_free>;

struct FreeCertificates {
  void operator()(STACK_OF(X509) * list) const noexcept { sk_X509_pop_free(list, X509_free); }
};
using Certificates = std::unique_ptr<STACK_OF(X509), FreeCertificates>;

std::unexpected<Error> refuse(std::string_view code, std::string text) {
  return fail(Failure::systemFailure, code, std::move(text), library_error());
}

// By way of PKCS #8, which checks it like any other key that comes from elsewhere.
Result<PrivateKey> as_private_key(EVP_PKEY* key) {
  const Pkcs8 info(EVP_PKEY2PKCS8(key));
  const Bio out(BIO_new(BIO_s_secmem()));
  require(out && info && i2d_PKCS8_PRIV_KEY_INFO_bio(out.get(), info.get()) == 1, "write PKCS#8");
  char* start = nullptr;
  const long size = BIO_get_mem_data(out.get(), &start);
  return PrivateKey::from_pkcs8(
      {reinterpret_cast<const Byte*>(start), static_cast<std::size_t>(size)});
}

// Its end is a zero octet, as the library wants it.
Secret terminated(const Secret& passphrase) {
  Bytes octets = copy(passphrase.expose());
  octets.push_back(0);
  return Secret(std::move(octets));
}

}  // namespace

Result<KeyWithCertificates> from_pkcs12(View file, const Secret& passphrase) {
  constexpr std::size_t kLongest = 1 << 20;
  const unsigned char* at = pointer(file);
  const Pkcs12 sealed(
      file.size() > kLongest ? nullptr : d2i_PKCS12(nullptr, &at, static_cast<long>(file.size())));
  if (!sealed) return refuse("crypto.pkcs12-format", "the file is no PKCS #12 (.p12, .pfx)");
  const Secret words = terminated(passphrase);
  const auto* text = reinterpret_cast<const char*>(words.expose().data());
  if (PKCS12_mac_present(sealed.get()) == 1 && PKCS12_verify_mac(sealed.get(), text, -1) != 1)
    return refuse("crypto.passphrase-wrong", "the PKCS #12 file does not open with its passphrase");
  EVP_PKEY* raw_key = nullptr;
  X509* raw_certificate = nullptr;
  STACK_OF(X509)* raw_others = nullptr;
  const int opened = PKCS12_parse(sealed.get(), text, &raw_key, &raw_certificate, &raw_others);
  const EvpKey key(raw_key);
  const Certificate certificate(raw_certificate);
  const Certificates others(raw_others);
  if (opened != 1)
    return refuse("crypto.pkcs12-format",
                  "the PKCS #12 file cannot be opened; export it anew, with AES");
  if (!key || !certificate)
    return refuse("crypto.pkcs12-empty",
                  "the PKCS #12 file has no private key with a certificate for it");
  KeyWithCertificates out{TRY(as_private_key(key.get())), encoded(certificate.get()), {}};
  for (int i = 0; others && i < sk_X509_num(others.get()); ++i)
    out.others.push_back(encoded(sk_X509_value(others.get(), i)));
  ERR_clear_error();
  return out;
}

}  // namespace countersign::crypto
