// The issuer of a server that has several authorities: each order goes to the one that it names.
// Any thread may call; those beside the server's own are swapped whole while it runs.
//
// Errors that end entities see: systemUnavail "issuer.no-authority"; those of the authorities.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/swappable.h"
#include "ports/remote_issuer.h"

namespace countersign::issuer {

class ByAuthority final : public ports::Issuer {
 public:
  using Others = std::map<std::string, std::shared_ptr<ports::RemoteIssuer>, std::less<>>;

  explicit ByAuthority(ports::Issuer& own) : own_(own) {}
  void set(std::shared_ptr<const Others> others) { others_.set(std::move(others)); }

  Speed speed() const noexcept override;
  void issue(const ports::OrderKey& key, const transaction::CertificateOrder& order, Time now,
             Done<transaction::Answer> done) override;
  void settle(const ports::OrderKey& key, ports::Settlement settlement, Time now,
              Done<ports::Heard> done) override;
  void revoke(const ports::OrderKey& key, const transaction::RevocationOrder& order, Time now,
              Done<transaction::Answer> done) override;

 private:
  // Null: there is none of that name any more.
  std::shared_ptr<ports::Issuer> find(const std::string& authority);

  ports::Issuer& own_;
  Swappable<const Others> others_;
};

}  // namespace countersign::issuer
