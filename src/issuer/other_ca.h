// A CA that others run, as we know it: its certificate, what leads from there to its root, and
// whether a certificate that is said to come from it does.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "crypto/trust_set.h"
#include "x509/certificate.h"

namespace countersign::issuer {

// The path from the issuing CA to an anchor is the same for all that it issues. It is validated
// with the first certificate, and taken for good as long as every certificate of that path is
// valid; each further one then costs one signature. One that does not pass so, and each where names
// are bound or revocation lists are at hand, has its whole path validated. Thread-safe.
class IssuedCheck {
 public:
  enum class Lists { none, some };
  // Of the issuing CA's certificate and those above it. Errors: those of crypto::TrustSet.
  static Result<std::shared_ptr<const IssuedCheck>> make(const std::vector<Bytes>& chain,
                                                         Lists lists = Lists::none);
  // For that key, by that CA, and it leads to an anchor. systemFailure
  // "issuer.upstream-certificate".
  Result<> check(const Bytes& certificate, View spki, const crypto::TrustSet& anchors,
                 Time now) const;

  IssuedCheck(x509::Certificate issuing, crypto::TrustSet alone, bool each_whole)
      : issuing_(std::move(issuing)), alone_(std::move(alone)), each_whole_(each_whole) {}

 private:
  struct Known {  // a path that was good
    std::uint64_t anchors = 0;
    Time not_before{}, not_after{};
  };
  bool is_known(const crypto::TrustSet& anchors, Time now) const;
  Result<> check_path(const Bytes& certificate, const crypto::TrustSet& anchors, Time now) const;

  const x509::Certificate issuing_;
  const crypto::TrustSet alone_;  // the issuing CA as an anchor
  const bool each_whole_;
  mutable std::mutex mutex_;
  mutable std::optional<Known> known_;  // under mutex_
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
