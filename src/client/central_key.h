// A private key that the server made for us: opened, its signer found to be a key generation
// authority, taken out. RFC 9483 §4.1.6.
//
// Errors, all of them reasons for a rejecting certConf: client.central-key-missing,
// client.central-key-format, client.central-key-signer, and those of crypto/cms.h and
// crypto/key_package.h. Whether it fits the certificate is for examine() to say.
#pragma once

#include "client/examine.h"
#include "crypto/cms.h"

namespace countersign::client {

// `opener` has the key of our protection certificate, or the shared secret. `anchors` are those
// that the issued certificate is judged by. Under a MAC the secret vouches for the signer: whoever
// knows it could have made the key.
Result<crypto::PrivateKey> receive_key(const transaction::Examine& issued,
                                       const crypto::cms::Opener& opener, const Trust& trust,
                                       message::ProofKind proof, Time now);

}  // namespace countersign::client
