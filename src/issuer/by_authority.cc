#include "issuer/by_authority.h"

#include <algorithm>

namespace countersign::issuer {
namespace {

Error gone(const std::string& authority) {
  return {Failure::systemUnavail,
          "issuer.no-authority",
          "the authority \"" + authority +
              "\" that this goes to is not in use; ask the operator of this server to put it into "
              "use again, then send the same message again",
          {}};
}

// Whoever was asked stays until it has answered.
template <class T>
Done<T> keeping(std::shared_ptr<ports::Issuer> issuer, Done<T> done) {
  return [issuer = std::move(issuer), done = std::move(done)](Result<T> result) mutable {
    done(std::move(result));
  };
}

}  // namespace

ports::Issuer::Speed ByAuthority::speed() const noexcept {
  const auto others = others_.get();
  const bool waits = others != nullptr && std::ranges::any_of(*others, [](const auto& other) {
                       return other.second->speed() == Speed::queued;
                     });
  return waits ? Speed::queued : own_.speed();
}

std::shared_ptr<ports::Issuer> ByAuthority::find(const std::string& authority) {
  if (authority.empty()) return {std::shared_ptr<void>(), &own_};
  const auto others = others_.get();
  if (others == nullptr) return nullptr;
  const auto at = others->find(authority);
  return at == others->end() ? nullptr : at->second;
}

void ByAuthority::issue(const ports::OrderKey& key, const transaction::CertificateOrder& order,
                        Time now, Done<transaction::Answer> done) {
  auto issuer = find(key.authority);
  if (issuer == nullptr) return done(transaction::Refused{gone(key.authority)});
  auto& asked = *issuer;
  asked.issue(key, order, now, keeping(std::move(issuer), std::move(done)));
}

void ByAuthority::settle(const ports::OrderKey& key, ports::Settlement settlement, Time now,
                         Done<ports::Heard> done) {
  auto issuer = find(key.authority);
  if (issuer == nullptr) return done(std::unexpected(gone(key.authority)));
  auto& asked = *issuer;
  asked.settle(key, settlement, now, keeping(std::move(issuer), std::move(done)));
}

void ByAuthority::revoke(const ports::OrderKey& key, const transaction::RevocationOrder& order,
                         Time now, Done<transaction::Answer> done) {
  auto issuer = find(key.authority);
  if (issuer == nullptr) return done(transaction::Refused{gone(key.authority)});
  auto& asked = *issuer;
  asked.revoke(key, order, now, keeping(std::move(issuer), std::move(done)));
}

}  // namespace countersign::issuer
