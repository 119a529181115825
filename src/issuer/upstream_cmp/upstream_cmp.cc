#include "issuer/upstream_cmp/upstream_cmp.h"

#include "crypto/crl_check.h"

namespace countersign::issuer {
namespace {

using std::chrono::milliseconds;
using transaction::Answer;

constexpr Seconds kLease{60};

}  // namespace

UpstreamCmp::UpstreamCmp(Upstream upstream, UpstreamWorld world)
    : upstream_(std::move(upstream)),
      anchors_(upstream_.anchors),
      world_(std::move(world)),
      endpoints_(upstream_.urls, upstream_.rest) {}

// RFC 9483 §3.5 [SHOULD] the status of the certificate that protects a response
Result<> UpstreamCmp::use_lists(std::span<const Bytes> lists) {
  auto anchors = TRY(crypto::with_revocation_lists(anchors_, lists));
  world_.after(milliseconds{0},
               [this, anchors = std::move(anchors)] { upstream_.anchors = anchors; });
  return {};
}

std::shared_ptr<Errand> UpstreamCmp::begin(const ports::OrderKey& key) {
  under_way_.try_emplace(key.id);
  return std::make_shared<Errand>(upstream_, world_, endpoints_, key,
                                  [this, id = key.id] { gone(id); });
}

// The next in line, on its own turn of the loop.
void UpstreamCmp::gone(const std::string& id) {
  const auto at = under_way_.find(id);
  if (at->second.empty()) {
    under_way_.erase(at);
    return;
  }
  auto next = std::move(at->second.front());
  at->second.pop_front();
  world_.after(milliseconds{0}, std::move(next));
}

// One errand at a time for an order: the others wait until it has gone.
void UpstreamCmp::when_free(const ports::OrderKey& key, std::move_only_function<void()> then) {
  world_.after(milliseconds{0}, [this, key, then = std::move(then)]() mutable {
    const auto at = under_way_.find(key.id);
    if (at == under_way_.end()) return then();
    at->second.push_back(std::move(then));
  });
}

void UpstreamCmp::issue(const ports::OrderKey& key, const transaction::CertificateOrder& order,
                        Time, Done<Answer> done) {
  when_free(key, [this, key, order = order, done = std::move(done)]() mutable {
    begin(key)->issue(std::move(order), std::move(done));
  });
}

void UpstreamCmp::settle(const ports::OrderKey& key, ports::Settlement settlement, Time,
                         Done<ports::Heard> done) {
  when_free(key, [this, key, settlement, done = std::move(done)]() mutable {
    begin(key)->settle(settlement, std::move(done));
  });
}

void UpstreamCmp::revoke(const ports::OrderKey& key, const transaction::RevocationOrder& order,
                         Time, Done<Answer> done) {
  when_free(key, [this, key, order = order, done = std::move(done)]() mutable {
    begin(key)->revoke(std::move(order), std::move(done));
  });
}

void UpstreamCmp::run_due() {
  auto resume = [this](Result<std::vector<enrol::OrderRecord>> due) mutable {
    if (!due) return world_.complain({}, "due orders could not be claimed", due.error());
    for (const auto& r : *due)
      if (!under_way_.contains(r.id))
        begin({r.id, r.endpoint, r.sender, r.transaction, r.index})->resume(r);
  };
  world_.store.claim_orders(
      enrol::OrderKind::upstream, {world_.clock.now()}, kLease,
      [this, resume](Result<std::vector<enrol::OrderRecord>> due) mutable {
        world_.after(milliseconds{0},
                     [resume, due = std::move(due)]() mutable { resume(std::move(due)); });
      });
}

}  // namespace countersign::issuer
