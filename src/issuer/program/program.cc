#include "issuer/program/program.h"

#include "issuer/program/errand.h"

namespace countersign::issuer {

ProgramIssuer::ProgramIssuer(ProgramCa ca, ProgramWorld world)
    : ca_(std::move(ca)),
      world_(std::move(world)),
      gate_(ca_.limits, world_.clock),
      orders_(world_.after) {}

std::shared_ptr<ProgramErrand> ProgramIssuer::begin(const ports::OrderKey& key) {
  orders_.begin(key.id);
  return std::make_shared<ProgramErrand>(*this, key);
}

void ProgramIssuer::issue(const ports::OrderKey& key, const transaction::CertificateOrder& order,
                          Time, Done<transaction::Answer> done) {
  orders_.when_free(key.id, [this, key, order = order, done = std::move(done)]() mutable {
    begin(key)->issue(order, std::move(done));
  });
}

void ProgramIssuer::settle(const ports::OrderKey& key, ports::Settlement settlement, Time,
                           Done<ports::Heard> done) {
  orders_.when_free(key.id, [this, key, settlement, done = std::move(done)]() mutable {
    begin(key)->settle(settlement, std::move(done));
  });
}

void ProgramIssuer::revoke(const ports::OrderKey& key, const transaction::RevocationOrder& order,
                           Time, Done<transaction::Answer> done) {
  orders_.when_free(key.id, [this, key, order = order, done = std::move(done)]() mutable {
    begin(key)->revoke(order, std::move(done));
  });
}

void ProgramIssuer::resume(const enrol::OrderRecord& r) {
  if (orders_.contains(r.id)) return;
  begin({r.id, r.endpoint, r.sender, r.transaction, r.index, r.authority})->resume(r);
}

}  // namespace countersign::issuer
