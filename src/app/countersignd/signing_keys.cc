#include "app/countersignd/signing_keys.h"

#include "app/countersignd/config_file.h"

namespace countersign::app {

issuer::Tokens& SigningKeys::tokens() {
  const std::lock_guard lock(mutex_);
  if (!tokens_) tokens_ = std::make_unique<issuer::Tokens>(files_, issuer::TokenQueue::Limits{});
  return *tokens_;
}

Result<std::shared_ptr<const ports::Signer>> SigningKeys::open(const KeyPlace& place) {
  Secret password;
  if (!place.password.empty())
    password = TRY(read_secret_line(place.password_field, place.password));
  if (!crypto::is_token_uri(place.value)) {
    const Secret pem(TRY(read_named_file(place.field, place.value)));
    return issuer::open_software_signer(pem, run_, password);
  }
  auto signer = tokens().open(TRY(crypto::TokenUri::parse(place.value)), password);
  if (signer) return signer;
  Error error = std::move(signer).error();
  if (error.code == "crypto.token-pin")
    error.reply_text += " (" + place.password_field + " names " + place.password + ")";
  if (error.code == "crypto.token-pin-needed")
    error.reply_text += place.password.empty()
                            ? " (set " + place.password_field + " to a file that has it)"
                            : " (the first line of " + place.password + ", which " +
                                  place.password_field + " names, is empty)";
  return std::unexpected(std::move(error));
}

void SigningKeys::stop() {
  const std::lock_guard lock(mutex_);
  if (tokens_) tokens_->stop();
}

}  // namespace countersign::app
