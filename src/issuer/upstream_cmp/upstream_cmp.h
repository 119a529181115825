// The Issuer of a registration authority: it asks an upstream CA by CMP (RFC 9483 §5.2.3, §5.3).
//
// issue(), settle() and revoke() may be called on any thread; all else happens on the loop behind
// UpstreamWorld::after, resume() is called there too. What was under way when the process ended
// goes on when its time has come. Destroyed after that loop has stopped.
//
// Errors that end entities see: those of upstream.h and wire_failure.h, and systemUnavail
// "issuer.upstream-silent".
#pragma once

#include <memory>
#include <string>

#include "issuer/one_at_a_time.h"
#include "issuer/upstream_cmp/errand.h"
#include "ports/remote_issuer.h"

namespace countersign::issuer {

class UpstreamCmp final : public ports::RemoteIssuer {
 public:
  UpstreamCmp(Upstream upstream, UpstreamWorld world);

  void issue(const ports::OrderKey& key, const transaction::CertificateOrder& order, Time now,
             Done<transaction::Answer> done) override;
  void settle(const ports::OrderKey& key, ports::Settlement settlement, Time now,
              Done<ports::Heard> done) override;
  void revoke(const ports::OrderKey& key, const transaction::RevocationOrder& order, Time now,
              Done<transaction::Answer> done) override;

  // What is asked by, and who issues, from now on; where it is reached stays, and an order goes on
  // by the certificate that it began with. By the thread of use_lists(). Errors: those of
  // IssuedCheck::make, and of crypto::with_revocation_lists.
  Result<> use(Upstream next);
  // Revocation lists (DER) that the upstream's answers and certificates are looked up in from now
  // on; by one thread. "crypto.crl-format".
  Result<> use_lists(std::span<const Bytes> lists);
  void resume(const enrol::OrderRecord& record) override;
  ports::Health health() const override { return gate_.health(); }
  const Upstream& upstream() const noexcept { return upstream_; }
  UpstreamWorld& world() noexcept { return world_; }
  Endpoints& endpoints() noexcept { return endpoints_; }

 private:
  std::shared_ptr<Errand> begin(const ports::OrderKey& key);

  Upstream upstream_;  // the loop's
  Upstream next_;      // without lists: that of use()
  std::vector<Bytes> lists_;
  UpstreamWorld world_;
  Gate gate_;
  Endpoints endpoints_;
  OneAtATime orders_;
};

}  // namespace countersign::issuer
