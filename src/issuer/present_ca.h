// The CA that issues now, where one may follow another while requests are served: who has begun
// with one ends with it. Any thread may call.
#pragma once

#include <atomic>
#include <memory>

#include "ports/issuer.h"

namespace countersign::issuer {

class PresentCa final : public ports::Issuer {
 public:
  void set(std::shared_ptr<ports::Issuer> ca) { ca_.store(std::move(ca)); }  // before the first use

  Speed speed() const noexcept override { return Speed::in_place; }
  void issue(const ports::OrderKey& key, const transaction::CertificateOrder& order, Time now,
             Done<transaction::Answer> done) override {
    const auto ca = ca_.load();
    ca->issue(key, order, now,
              [ca, done = std::move(done)](Result<transaction::Answer> answer) mutable {
                done(std::move(answer));
              });
  }

 private:
  std::atomic<std::shared_ptr<ports::Issuer>> ca_;
};

}  // namespace countersign::issuer
