// An authority of our own: root, issuing CA and CMP signer, made once and kept.
//
// Making keys takes up to seconds (RSA): not for a loop. Everything returned is the caller's.
// Errors, all systemFailure: "issuer.name" (1 to 53 octets of UTF-8), "issuer.algorithm",
// "issuer.public-url", "issuer.key-mismatch", "issuer.crl-times"; systemUnavail "issuer.expired";
// and what entropy and signer say.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/ports.h"
#include "base/result.h"
#include "base/secret.h"
#include "ports/signer.h"
#include "x509/certificate.h"
#include "x509/crl.h"

namespace countersign::issuer {

// Which key of which CA: of the keys that followed one another, 1 is what an authority begins with.
struct Generation {
  int number = 1;
  std::string ca = {};  // the authority's name; empty: the server's own CA
  friend auto operator<=>(const Generation&, const Generation&) = default;
};
Generation next(const Generation& generation);

// Where its products can be fetched; `public_url` is http://host:port without a slash at the end.
// The second key of the CA "meters" has …/crl/meters/issuing-2.crl.
std::string crl_url(std::string_view public_url, const Generation& = {});       // …/crl/issuing.crl
std::string root_crl_url(std::string_view public_url, const Generation& = {});  // …/crl/root.crl
std::string issuing_certificate_url(std::string_view public_url, const Generation& = {});
// …/ca/root.cer: whichever is the present one
std::string present_root_url(std::string_view public_url, const std::string& ca = {});
std::string root_certificate_url(std::string_view public_url,
                                 const Generation&);  // …/ca/root-1.cer

struct AuthoritySpec {
  std::string name = "Countersign Demo";  // CN=<name> Root CA, <name> Issuing CA, <name> CMP
  std::string organization;               // O, when not empty
  std::string root_algorithm = "p256";    // crypto key specs: rsa3072, ed25519, ml-dsa-65 …
  std::string issuing_algorithm = "p256";
  std::string cmp_algorithm = "p256";
  std::string public_url = "http://127.0.0.1:8829";
  Generation issuing;  // of the issuing CA that signs for a role
  Seconds root_validity{20LL * 365 * 86400};
  Seconds issuing_validity{10LL * 365 * 86400};
  Seconds cmp_validity{365LL * 86400};
  Seconds backdate{300};
};

// Keys as unencrypted PKCS #8 PEM: the caller seals them at once.
struct NewAuthority {
  Bytes root_certificate, issuing_certificate, cmp_certificate;  // DER
  Secret root_key, issuing_key, cmp_key;
};
Result<NewAuthority> make_authority(const AuthoritySpec& spec, Time now, Entropy& entropy);

// What its certificates will be called.
struct AuthorityNames {
  x509::Name root, issuing;
};
AuthorityNames names_of(const AuthoritySpec& spec);

// A fresh key and certificate for the CMP signer: digitalSignature, cmcCA and cmcRA purposes
// (RFC 9810 §4.5), issued by the issuing CA. Waits for the signer: not for the loop or the only
// pool thread on which the signer works.
struct NewSigner {
  Bytes certificate;
  Secret key;
};
Result<NewSigner> make_cmp_signer(const AuthoritySpec& spec, View issuing_certificate,
                                  const ports::Signer& issuing_signer, Time now, Entropy& entropy);

// The same for a key generation authority: digitalSignature, cmKGA (RFC 9810 §4.5, RFC 9483
// §4.1.6).
Result<NewSigner> make_kga_signer(const AuthoritySpec& spec, View issuing_certificate,
                                  const ports::Signer& issuing_signer, Time now, Entropy& entropy);

// The same for a TLS server, under these names ("dns:ca.example", "ip:192.0.2.1"; at least one):
// digitalSignature, serverAuth. "general-name.…" for one that cannot be read.
Result<NewSigner> make_tls_signer(const AuthoritySpec& spec, const std::vector<std::string>& names,
                                  View issuing_certificate, const ports::Signer& issuing_signer,
                                  Time now, Entropy& entropy);

// DER of a CRL; entries are put in order of serial. Calls back on any thread, and needs nothing of
// its arguments any more by then.
struct CrlOrder {
  std::vector<x509::RevokedEntry> revoked;
  std::uint64_t number = 1;
  Time this_update{};
  Time next_update{};
};
void make_crl(const CrlOrder& order, const x509::Certificate& issuer, const ports::Signer& signer,
              Done<Bytes> done);

}  // namespace countersign::issuer
