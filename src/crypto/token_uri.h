// The name of a private key in a PKCS #11 token: a URI of RFC 7512.
//
//   pkcs11:token=ra;object=cmp
//
// It must name a token (token or serial) and one key in it (object or id): a PIN is shown to no
// token that does not fit. What names code or a secret is refused: module-path and module-name
// stand in the configuration file alone, pin-value and pin-source in a file of its own. Errors:
// "crypto.token-uri".
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace countersign::crypto {

constexpr bool is_token_uri(std::string_view text) noexcept { return text.starts_with("pkcs11:"); }

class TokenUri {
 public:
  static Result<TokenUri> parse(std::string_view text);
  // As it was given, and confined to private keys.
  const std::string& text() const noexcept { return text_; }
  const std::string& private_key() const noexcept { return private_key_; }
  // What of it says which token is meant, whichever key in it: "token=ra".
  const std::string& token() const noexcept { return token_; }

 private:
  TokenUri(std::string text, std::string private_key, std::string token)
      : text_(std::move(text)), private_key_(std::move(private_key)), token_(std::move(token)) {}
  std::string text_, private_key_, token_;
};

// A file's path passes, and so does a URI that parse() takes.
Result<> check_key_place(std::string_view file_or_uri);

}  // namespace countersign::crypto
