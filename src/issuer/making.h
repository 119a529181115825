// How a certificate of the authority itself is put together and signed.
// Private to this folder. Errors: "issuer.algorithm", "issuer.name", and what entropy and signer
// say.
#pragma once

#include <optional>
#include <string>

#include "crypto/keys.h"
#include "issuer/authority.h"

namespace countersign::issuer {

// Name and URL. "issuer.name", "issuer.public-url"
Result<> check_spec(const AuthoritySpec& spec);

// A key algorithm that can sign.
Result<const crypto::KeySpec*> signing_spec(const std::string& algorithm);

// CN=<name><suffix>, O=<organization>
x509::Name name_of(const AuthoritySpec& spec, std::string_view suffix);

// A certificate to be made, and who signs it. It is borrowed for the call.
struct Wish {
  x509::Name subject;
  View spki;
  x509::Validity validity;
  x509::Extensions extensions;  // without key identifiers
  x509::Name issuer;
};

// basicConstraints and keyUsage of a CA.
x509::Extensions ca_extensions(std::optional<int> path_length);

x509::Validity validity(Time now, Seconds backdate, Seconds length);

// Waits for the signer, wherever it works.
Result<Bytes> make_certificate(Wish wish, const ports::Signer& signer, Entropy& entropy);

}  // namespace countersign::issuer
