#include "issuer/upstream_cmp/upstream_cmp.h"

#include "crypto/crl_check.h"

namespace countersign::issuer {
namespace {

using std::chrono::milliseconds;
using transaction::Answer;

}  // namespace

UpstreamCmp::UpstreamCmp(Upstream upstream, UpstreamWorld world)
    : upstream_(std::move(upstream)),
      anchors_(upstream_.anchors),
      world_(std::move(world)),
      gate_(upstream_.limits, world_.clock),
      endpoints_(upstream_.urls, upstream_.rest, gate_),
      orders_(world_.after) {}

// RFC 9483 §3.5 [SHOULD] the status of the certificate that protects a response
Result<> UpstreamCmp::use_lists(std::span<const Bytes> lists) {
  auto anchors = TRY(crypto::with_revocation_lists(anchors_, lists));
  auto chain = upstream_.chain;
  chain.push_back(upstream_.root);
  auto issued = TRY(IssuedCheck::make(
      chain, lists.empty() ? IssuedCheck::Lists::none : IssuedCheck::Lists::some));
  world_.after(milliseconds{0}, [this, anchors = std::move(anchors), issued = std::move(issued)] {
    upstream_.anchors = anchors;
    upstream_.issued = issued;
  });
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
