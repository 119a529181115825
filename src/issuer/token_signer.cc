#include "issuer/token_signer.h"

#include <algorithm>
#include <future>
#include <map>
#include <optional>

#include "base/os_clock.h"
#include "crypto/digest.h"

namespace countersign::issuer {

struct Tokens::Modules {
  const crypto::TokenModule::Files files;
  const Pauses pauses;
  std::optional<crypto::TokenModule> module = {};
  std::map<Bytes, Error> refused = {};  // PINs, with the token that refused them; digests
  std::chrono::nanoseconds load_again{};
  Seconds pause{};

  Result<crypto::TokenKey> key(const crypto::TokenUri& uri, const Secret& pin) {
    const Bytes shown = digest_of(uri, pin);
    if (const auto at = refused.find(shown); at != refused.end())
      return std::unexpected(at->second);
    if (!module) TRY(load(pauses.loads));
    auto found = module->key(uri, pin);
    if (!found && may_be_elsewhere(found.error()) && steady_now() >= load_again) {
      TRY(load(std::min(2 * pause, pauses.seldom)));
      found = module->key(uri, pin);
    }
    if (found) pause = pauses.loads;
    if (!found && found.error().code == "crypto.token-pin") refused.emplace(shown, found.error());
    return found;
  }

 private:
  Result<> load(Seconds until_next) {
    module.reset();
    module = TRY(crypto::TokenModule::open(files));
    pause = until_next;
    load_again = steady_now() + pause;
    return {};
  }
  static bool may_be_elsewhere(const Error& error) {
    return error.code == "crypto.token-missing" || error.code == "crypto.token-sign";
  }
  static Bytes digest_of(const crypto::TokenUri& uri, const Secret& pin) {
    const Bytes of_pin = crypto::sha256(pin.expose());
    Bytes both = copy(view(uri.token()));
    append(both, of_pin);
    return crypto::sha256(both);
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
    if (key_)
      if (auto made = key_->sign(tbs)) return made;
    if (steady_now() < try_again_) return std::unexpected(*trouble_);
    auto opened = open_anew(as);
    if (opened) return key_->sign(tbs);
    try_again_ = steady_now() + modules_->pauses.tries;
    trouble_ = opened.error();
    return std::unexpected(std::move(opened).error());
  }

 private:
  Result<> open_anew(const crypto::PublicKey& as) {
    key_.reset();
    auto fresh = TRY(modules_->key(uri_, pin_));
    if (!(fresh.public_key() == as))
      return fail(Failure::systemUnavail, "issuer.token-other-key",
                  "another key than before fits " + uri_.text() +
                      "; name its certificate, or put the former key back");
    key_ = std::move(fresh);
    return {};
  }

  const std::shared_ptr<Tokens::Modules> modules_;
  const crypto::TokenUri uri_;
  const Secret pin_;
  std::optional<crypto::TokenKey> key_;
  std::chrono::nanoseconds try_again_{};
  std::optional<Error> trouble_;  // until then
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

Tokens::Tokens(crypto::TokenModule::Files files, TokenQueue::Limits limits, Pauses pauses)
    : modules_(std::make_shared<Modules>(std::move(files), pauses)),
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
