#include "issuer/upstream_cmp/upstream_cmp.h"

#include "crypto/crl_check.h"

namespace countersign::issuer {
namespace {

using std::chrono::milliseconds;
using transaction::Answer;

// With the one that was in use before: what is renewed more often than that while one order waits
// is renewed in vain.
std::vector<RaPtr> former_of(const Upstream& before, const RaPtr& present) {
  constexpr std::size_t kMost = 8;
  std::vector<RaPtr> out = before.former;
  if (before.ra != nullptr) out.insert(out.begin(), before.ra);
  if (present != nullptr)
    std::erase_if(out, [&](const RaPtr& ra) { return ra->fingerprint == present->fingerprint; });
  if (out.size() > kMost) out.resize(kMost);
  return out;
}

}  // namespace

UpstreamCmp::UpstreamCmp(Upstream upstream, UpstreamWorld world)
    : upstream_(std::move(upstream)),
      next_(upstream_),
      world_(std::move(world)),
      gate_(upstream_.limits, world_.clock),
      endpoints_(upstream_.urls, upstream_.rest, gate_),
      orders_(world_.after) {}

// RFC 9483 §3.5 [SHOULD] the status of the certificate that protects a response
Result<> UpstreamCmp::use_lists(std::span<const Bytes> lists) {
  lists_.assign(lists.begin(), lists.end());
  return use(next_);
}

Result<> UpstreamCmp::use(Upstream next) {
  next.former = former_of(next_, next.ra);
  Upstream listed = next;
  auto cas = next.chain;
  cas.push_back(next.root);
  listed.anchors = TRY(crypto::with_revocation_lists(next.anchors, lists_));
  listed.issued = TRY(
      IssuedCheck::make(cas, lists_.empty() ? IssuedCheck::Lists::none : IssuedCheck::Lists::some));
  next_ = std::move(next);
  world_.after(milliseconds{0},
               [this, listed = std::move(listed)]() mutable { upstream_ = std::move(listed); });
  return {};
}

std::shared_ptr<Errand> UpstreamCmp::begin(const ports::OrderKey& key) {
  orders_.begin(key.id);
  return std::make_shared<Errand>(upstream_, world_, endpoints_, key,
                                  [this, id = key.id] { orders_.gone(id); });
}

void UpstreamCmp::issue(const ports::OrderKey& key, const transaction::CertificateOrder& order,
                        Time, Done<Answer> done) {
  orders_.when_free(key.id, [this, key, order = order, done = std::move(done)]() mutable {
    begin(key)->issue(std::move(order), std::move(done));
  });
}

void UpstreamCmp::settle(const ports::OrderKey& key, ports::Settlement settlement, Time,
                         Done<ports::Heard> done) {
  orders_.when_free(key.id, [this, key, settlement, done = std::move(done)]() mutable {
    begin(key)->settle(settlement, std::move(done));
  });
}

void UpstreamCmp::revoke(const ports::OrderKey& key, const transaction::RevocationOrder& order,
                         Time, Done<Answer> done) {
  orders_.when_free(key.id, [this, key, order = order, done = std::move(done)]() mutable {
    begin(key)->revoke(std::move(order), std::move(done));
  });
}

void UpstreamCmp::resume(const enrol::OrderRecord& r) {
  if (orders_.contains(r.id)) return;
  begin({r.id, r.endpoint, r.sender, r.transaction, r.index, r.authority})->resume(r);
}

}  // namespace countersign::issuer
