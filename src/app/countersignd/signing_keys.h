// The private keys that the configuration and the objects of operators name: in a file, or in a
// token by its URI. One door, so that either does everywhere.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "issuer/software_signer.h"
#include "issuer/token_signer.h"
#include "server/config.h"

namespace countersign::app {

// What names a key, as sentences about it do, too.
struct KeyPlace {
  std::string field;  // "upstream.key"
  std::string value;  // a path, or a PKCS #11 URI
  std::string password_field;
  std::string password;  // path; empty: none
};

class SigningKeys {
 public:
  SigningKeys(const server::Config::Pkcs11& files, issuer::RunElsewhere run)
      : files_{files.module, files.provider}, run_(std::move(run)) {}

  // Reads the file of the password first. A token may keep the caller waiting for some seconds.
  // Errors: "app.file"; those of crypto::PrivateKey::from_pem, "issuer.key-cannot-sign"; of a token
  // "crypto.token-uri", those of crypto::TokenModule and issuer::TokenQueue::ask.
  Result<std::shared_ptr<const ports::Signer>> open(const KeyPlace& place);
  std::shared_ptr<const ports::Signer> in_memory(crypto::PrivateKey key) const {
    return issuer::make_software_signer(std::move(key), run_);
  }
  // Signatures that wait for a token, and later ones, are refused.
  void stop();

 private:
  issuer::Tokens& tokens();

  const crypto::TokenModule::Files files_;
  const issuer::RunElsewhere run_;
  std::mutex mutex_;
  std::unique_ptr<issuer::Tokens> tokens_;  // none before the first key in one
};

}  // namespace countersign::app
