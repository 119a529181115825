// A CA that others run, as we know it: its certificate, what leads from there to its root, and
// whether a certificate that is said to come from it does.
#pragma once

#include <memory>
#include <vector>

#include "crypto/path_cache.h"
#include "crypto/trust_set.h"
#include "x509/certificate.h"

namespace countersign::issuer {

// Its path to the root is validated once for as long as it lasts; each certificate then costs one
// signature. Where a name constraint stands above the issuing CA, each has the whole path
// validated. Thread-safe.
class IssuedCheck {
 public:
  // Of the issuing CA's certificate and those above it. Errors: those of crypto::TrustSet.
  static Result<std::shared_ptr<const IssuedCheck>> make(const std::vector<Bytes>& chain);
  // For that key, by that CA, and it leads to an anchor. systemFailure
  // "issuer.upstream-certificate".
  Result<> check(const Bytes& certificate, View spki, const crypto::TrustSet& anchors,
                 Time now) const;

  IssuedCheck(x509::Certificate issuing, crypto::TrustSet alone, bool is_constrained)
      : issuing_(std::move(issuing)), alone_(std::move(alone)), is_constrained_(is_constrained) {}

 private:
  Result<> check_path(const x509::Certificate& certificate, const crypto::TrustSet& anchors,
                      Time now) const;

  const x509::Certificate issuing_;
  const crypto::TrustSet alone_;  // the issuing CA as an anchor
  const bool is_constrained_;
  mutable crypto::PathCache paths_{1};  // that of the issuing CA
};

struct OtherCa {
  x509::Certificate issuing;
  std::vector<Bytes> chain;  // from issuing up, without the root
  Bytes root;
  crypto::TrustSet anchors;  // that the root is
  std::shared_ptr<const IssuedCheck> issued;
};
// Of a list with the issuing CA's certificate first, the root's last. systemFailure
// "issuer.upstream-chain".
Result<OtherCa> make_other_ca(const std::vector<Bytes>& certificates);

}  // namespace countersign::issuer
