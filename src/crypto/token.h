// Private keys that stay in PKCS #11 tokens: a smart card, an HSM, SoftHSM. They are reached
// through pkcs11-provider in an OpenSSL library context of its own: no openssl.cnf and no
// environment counts (countersignd forgets PKCS11_PROVIDER_MODULE), and nothing else here ever
// signs through a token. The module is initialized once a process and never finalized, since what
// modules do at the end of a process crashes.
//
// All of it may block for as long as the module does: for a thread of its own
// (issuer/token_queue.h). A key lives as long as its last copy, and its module with it.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "crypto/keys.h"
#include "crypto/token_uri.h"

namespace countersign::crypto {

struct TokenModuleData;
struct TokenKeyData;

class TokenKey {
 public:
  const PublicKey& public_key() const noexcept;
  der::AlgorithmIdentifier default_signature_algorithm() const;
  // By the default algorithm. "crypto.token-sign": the token is gone, or the key in it, or it
  // has closed its sessions; a key that is opened anew may sign again.
  Result<Bytes> sign(View tbs) const;

  explicit TokenKey(std::shared_ptr<const TokenKeyData> data) noexcept : data_(std::move(data)) {}

 private:
  std::shared_ptr<const TokenKeyData> data_;
};

class TokenModule {
 public:
  struct Files {
    std::string module;    // of the tokens' maker
    std::string provider;  // pkcs11.so; empty: as default_provider() has it
  };
  // What was there when this was built, or else in OpenSSL's own folder of modules.
  static std::string default_provider();

  // "crypto.token-module": none is named, or it cannot be loaded; "crypto.token-provider".
  static Result<TokenModule> open(const Files& files);

  // The PIN is shown at most once to each token that fits, and not at all where that is open to
  // this process already. Where another one than that of the key does not take it, none is used.
  // Signs once, to see whether it can. Errors: "crypto.token-missing", "crypto.token-several",
  // "crypto.token-key" (none, or several, fit),
  // "crypto.token-pin-needed", "crypto.token-pin" (it was refused: to show it again may lock the
  // token), "crypto.token-public-key", "crypto.token-key-kind", "crypto.token-sign".
  Result<TokenKey> key(const TokenUri& uri, const Secret& pin) const;

 private:
  explicit TokenModule(std::shared_ptr<const TokenModuleData> data) noexcept
      : data_(std::move(data)) {}
  std::shared_ptr<const TokenModuleData> data_;
};

}  // namespace countersign::crypto
