#include "issuer/token_signer.h"

#include <future>
#include <optional>

namespace countersign::issuer {

struct Tokens::Modules {
  const crypto::TokenModule::Files files;
  std::optional<crypto::TokenModule> module;

  Result<crypto::TokenKey> key(const crypto::TokenUri& uri, const Secret& pin) {
    if (!module) module = TRY(crypto::TokenModule::open(files));
    auto key = module->key(uri, pin);
    if (!key) module.reset();  // one that is loaded anew sees a token that has come since
    return key;
  }
};

namespace {

// Whoever asks us need not know what our keys are called: that is for the log.
std::unexpected<Error> without_names(Error error) {
  error.detail = error.reply_text + (error.detail.empty() ? "" : "; " + error.detail);
  error.reply_text = "our key does not sign now; send the same again in a moment";
  return std::unexpected(std::move(error));
}

// A key and what it is opened anew with. For the queue's thread, but for what is const.
class HeldKey {
 public:
  HeldKey(std::shared_ptr<Tokens::Modules> modules, crypto::TokenUri uri, const Secret& pin)
      : modules_(std::move(modules)), uri_(std::move(uri)), pin_(pin.clone()) {}

  Result<crypto::PublicKey> open() {
    key_ = TRY(modules_->key(uri_, pin_));
    return key_->public_key();
  }

  Result<Bytes> sign(const crypto::PublicKey& as, View tbs) {
    if (refused_) return std::unexpected(*refused_);
    if (key_)
      if (auto made = key_->sign(tbs)) return made;
    TRY(open_anew(as));
    return key_->sign(tbs);
  }

 private:
  Result<> open_anew(const crypto::PublicKey& as) {
    key_.reset();
    modules_->module.reset();
    auto fresh = modules_->key(uri_, pin_);
    if (!fresh) {
      if (fresh.error().code == "crypto.token-pin") refused_ = fresh.error();
      return std::unexpected(std::move(fresh).error());
    }
    if (!(fresh->public_key() == as))
      return fail(Failure::systemUnavail, "issuer.token-other-key",
                  "another key than before fits " + uri_.text() +
                      "; name its certificate, or put the former key back");
    key_ = *std::move(fresh);
    return {};
  }

  const std::shared_ptr<Tokens::Modules> modules_;
  const crypto::TokenUri uri_;
  const Secret pin_;
  std::optional<crypto::TokenKey> key_;
  std::optional<Error> refused_;  // the PIN
};

class TokenSigner final : public ports::Signer {
 public:
  TokenSigner(std::shared_ptr<TokenQueue> queue, std::shared_ptr<HeldKey> key,
              crypto::PublicKey public_key)
      : queue_(std::move(queue)),
        key_(std::move(key)),
        public_key_(std::move(public_key)),
        algorithm_(crypto::default_signature_algorithm(public_key_.kind())) {}
  TokenSigner(const TokenSigner&) = delete;
  TokenSigner& operator=(const TokenSigner&) = delete;
  // The key goes where it was used.
  ~TokenSigner() override {
    queue_->ask([key = std::move(key_)]() -> Result<Bytes> { return Bytes(); }, [](auto) {});
  }

  const der::AlgorithmIdentifier& algorithm() const noexcept override { return algorithm_; }
  View spki() const noexcept override { return public_key_.spki(); }

  void sign(Bytes tbs, Done<Bytes> done) const override {
    queue_->ask(
        [key = key_, as = public_key_, tbs = std::move(tbs)]() -> Result<Bytes> {
          auto made = key->sign(as, tbs);
          if (made) return made;
          return without_names(std::move(made).error());
        },
        std::move(done));
  }

 private:
  const std::shared_ptr<TokenQueue> queue_;
  std::shared_ptr<HeldKey> key_;
  const crypto::PublicKey public_key_;
  const der::AlgorithmIdentifier algorithm_;
};

}  // namespace

Tokens::Tokens(crypto::TokenModule::Files files, TokenQueue::Limits limits)
    : modules_(std::make_shared<Modules>(std::move(files), std::nullopt)),
      queue_(std::make_shared<TokenQueue>(limits)) {}

Result<std::shared_ptr<const ports::Signer>> Tokens::open(const crypto::TokenUri& uri,
                                                          const Secret& pin) {
  const auto key = std::make_shared<HeldKey>(modules_, uri, pin);
  auto answer = std::make_shared<std::promise<Result<Bytes>>>();
  queue_->ask(
      [key]() -> Result<Bytes> {
        const auto opened = TRY(key->open());
        return copy(opened.spki());
      },
      [answer](Result<Bytes> spki) { answer->set_value(std::move(spki)); });
  const Bytes spki = TRY(answer->get_future().get());
  return std::shared_ptr<const ports::Signer>(
      std::make_shared<const TokenSigner>(queue_, key, TRY(crypto::PublicKey::from_spki(spki))));
}

}  // namespace countersign::issuer
