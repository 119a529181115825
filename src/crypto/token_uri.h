// The name of a private key in a PKCS #11 token: a URI of RFC 7512.
//
//   pkcs11:token=ra;object=cmp
//
// It must name one token (token or serial) and one key in it (object or id): a PIN is never shown
// to a token that was not meant. What names code or a secret is refused: module-path and
// module-name stand in the configuration file alone, pin-value and pin-source in a file of its own.
// Errors: "crypto.token-uri".
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

 private:
  TokenUri(std::string text, std::string private_key)
      : text_(std::move(text)), private_key_(std::move(private_key)) {}
  std::string text_, private_key_;
};

// A file's path passes, and so does a URI that parse() takes.
Result<> check_key_place(std::string_view file_or_uri);

}  // namespace countersign::crypto
