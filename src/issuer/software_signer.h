// A Signer over a private key in memory. Fast algorithms sign in place; slow ones (a column of the
// algorithm table) on the pool given.
#pragma once

#include <functional>
#include <memory>

#include "crypto/keys.h"
#include "ports/signer.h"

namespace countersign::issuer {

// Runs work elsewhere, soon. Empty: slow algorithms sign in place too.
using RunElsewhere = std::function<void(std::move_only_function<void()>)>;

std::shared_ptr<const ports::Signer> make_software_signer(crypto::PrivateKey key,
                                                          RunElsewhere run_elsewhere = {});
// From PEM, as NewAuthority has it without a passphrase. Errors: "issuer.key-cannot-sign", those of
// crypto::PrivateKey::from_pem.
Result<std::shared_ptr<const ports::Signer>> open_software_signer(
    const Secret& pem, RunElsewhere run_elsewhere = {}, const Secret& passphrase = Secret());

}  // namespace countersign::issuer
