// The authority that all drivers of scenarios and the properties share: root, issuing CA and CMP
// signer, made once for a program; and an issuer that does what a script says.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "crypto/trust_set.h"
#include "issuer/authority.h"
#include "issuer/local_ca.h"
#include "support/authenticated.h"

namespace countersign::test {

// Neither random nor secret: the same run gives the same octets. Thread-safe.
class CountingEntropy final : public Entropy {
 public:
  explicit CountingEntropy(std::uint64_t seed = 1) : state_(seed * 0x9e3779b97f4a7c15ULL + 1) {}
  Result<> fill(std::span<Byte> out) noexcept override;

 private:
  std::mutex mutex_;
  std::uint64_t state_;
};

struct TestAuthority {
  x509::Certificate root, issuing, cmp;
  std::shared_ptr<const ports::Signer> issuing_signer, cmp_signer;
  crypto::TrustSet own;    // issuing CA and root
  crypto::TrustSet roots;  // what a client trusts
};
const TestAuthority& authority();

// What a script lets the issuer say of one request.
struct IssuerSays {
  enum class Kind { issued, refused, pending } kind = Kind::issued;
  Failure failure = Failure::badCertTemplate;
  std::string code = "profile.key-too-short";
  Seconds check_after{60};
};

class ScriptedIssuer final : public ports::Issuer {
 public:
  ScriptedIssuer();
  Speed speed() const noexcept override { return deaf_for == 0 ? Speed::in_place : Speed::queued; }
  void settle(const ports::OrderKey&, ports::Settlement, Time, Done<ports::Heard> done) override {
    const bool hears = deaf_for <= 1;
    if (!hears) --deaf_for;
    done(hears ? ports::Heard::now : ports::Heard::later);
  }
  void issue(const ports::OrderKey& key, const transaction::CertificateOrder& order, Time now,
             Done<transaction::Answer> done) override;

  // By the index of the request, for orders that come from now on; without: `otherwise`.
  int deaf_for = 0;  // is elsewhere, and hears of what was confirmed when told so often
  std::map<std::size_t, IssuerSays> ahead;
  IssuerSays otherwise;
  bool waits(std::size_t index) const { return waiting_.contains(index); }
  // The answer to an order that was told to wait. Throws when there is none.
  transaction::Answer late(std::size_t index, const IssuerSays& says, Time now);
  std::size_t made() const { return made_; }  // certificates

 private:
  transaction::Answer answer(const IssuerSays& says, const ports::OrderKey& key,
                             const transaction::CertificateOrder& order, Time now);

  CountingEntropy entropy_{7};
  std::unique_ptr<issuer::LocalCa> ca_;
  std::map<std::size_t, std::pair<ports::OrderKey, transaction::CertificateOrder>> waiting_;
  std::size_t made_ = 0;
};

}  // namespace countersign::test
