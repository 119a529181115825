// The CA that issues now, where one may follow another while requests are served: who has begun
// with one ends with it. Any thread may call.
#pragma once

#include <memory>

#include "base/swappable.h"
#include "ports/issuer.h"

namespace countersign::issuer {

class PresentCa final : public ports::Issuer {
 public:
  void set(std::shared_ptr<ports::Issuer> ca) { ca_.set(std::move(ca)); }  // before the first use

  Speed speed() const noexcept override { return Speed::in_place; }
  void issue(const ports::OrderKey& key, const transaction::CertificateOrder& order, Time now,
             Done<transaction::Answer> done) override {
    const auto ca = ca_.get();
    ca->issue(key, order, now,
              [ca, done = std::move(done)](Result<transaction::Answer> answer) mutable {
                done(std::move(answer));
              });
  }

 private:
  Swappable<ports::Issuer> ca_;
};

}  // namespace countersign::issuer
