// New keys for an authority of our own: a root that the present one vouches for and that vouches
// for the present one, or another issuing CA. RFC 9810 §4.4.1.
//
// Making keys takes up to seconds, and signers are waited for: not for a loop. Everything returned
// is the caller's; nothing is stored here. Errors: "issuer.expired" (a CA that has expired vouches
// for nobody), "issuer.key-mismatch", "issuer.algorithm", and what entropy and signers say.
#pragma once

#include "issuer/authority.h"

namespace countersign::issuer {

// A CA's key with the certificate that is by itself or by its root. Borrows.
struct CaKey {
  const x509::Certificate& certificate;
  const ports::Signer& signer;
  Generation generation;
};

struct RolloverSpec {
  std::string algorithm;  // of the new key, a crypto key spec; empty: as the present one has it
  std::string public_url;
  Seconds backdate{300};
};

// Keys as unencrypted PKCS #8 PEM: the caller seals them at once.
struct NewRoot {
  Bytes certificate;   // newWithNew: by itself, as long-lived as the present one was made
  Bytes new_with_old;  // its key, by the present root
  Bytes old_with_new;  // the present root's key, by the new one
  Secret key;
};
Result<NewRoot> make_next_root(const RolloverSpec& spec, const CaKey& present, Time now,
                               Entropy& entropy);

// The certificate of an issuing CA anew: the same key, name and end, by another root.
Result<Bytes> certify_again(const x509::Certificate& issuing, const CaKey& root,
                            const RolloverSpec& spec, Time now, Entropy& entropy);

struct NewIssuing {
  Bytes certificate;
  Secret key;
};
// The first of an authority, CN=<name> Issuing CA, under the root of another.
Result<NewIssuing> make_first_issuing(const AuthoritySpec& authority, const CaKey& root, Time now,
                                      Entropy& entropy);

// CN=<name> Issuing CA G2 under the root; `present` gives the algorithm and the length of its life.
Result<NewIssuing> make_next_issuing(const RolloverSpec& spec, const AuthoritySpec& authority,
                                     const CaKey& present, const CaKey& root, Time now,
                                     Entropy& entropy);

// The spec by which a key was made: "p256", "rsa3072".
Result<std::string> algorithm_of(View spki);

}  // namespace countersign::issuer
