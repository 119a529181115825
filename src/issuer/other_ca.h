// A CA that others run, as we know it: its certificate, what leads from there to its root, and
// whether a certificate that is said to come from it does.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "crypto/trust_set.h"
#include "x509/certificate.h"

namespace countersign::issuer {

// The path from an issuing CA to an anchor is the same for all that it issues. It is validated
// with the first certificate, and taken for good as long as every certificate of that path is
// valid; each further one then costs one signature. One that does not pass so, and each where a CA
// above the issuing one binds names, or revocation lists are at hand, has its whole path validated.
// Thread-safe.
class IssuedCheck {
 public:
  enum class Lists { none, some };
  // Of CA certificates, the one that issues first. Errors: those of crypto::TrustSet.
  static Result<std::shared_ptr<const IssuedCheck>> make(const std::vector<Bytes>& cas,
                                                         Lists lists = Lists::none);
  // For that key, and it leads to an anchor: what stands between them, the issuing CA first. That
  // may be CAs that are not known, if `between` (extraCerts) has them: the anchor vouches for them.
  // systemFailure "issuer.upstream-certificate".
  Result<std::vector<Bytes>> check(const Bytes& certificate, View spki,
                                   const crypto::TrustSet& anchors, Time now,
                                   std::span<const Bytes> between = {}) const;

  struct Known {  // a path that was good
    std::uint64_t anchors = 0;
    Time not_before{}, not_after{};
    std::vector<Bytes> chain;
  };
  struct Issuing {
    x509::Certificate certificate;
    crypto::TrustSet alone;  // it as an anchor
    std::optional<Known> known = {};
  };
  IssuedCheck(std::vector<Issuing> issuing, bool each_whole)
      : each_whole_(each_whole), issuing_(std::move(issuing)) {}

 private:
  std::optional<std::vector<Bytes>> by_known_path(const x509::Certificate& certificate,
                                                  const crypto::TrustSet& anchors, Time now) const;
  Result<std::vector<Bytes>> by_whole_path(const Bytes& certificate,
                                           const crypto::TrustSet& anchors, Time now,
                                           std::span<const Bytes> between) const;

  const bool each_whole_;
  mutable std::mutex mutex_;
  mutable std::vector<Issuing> issuing_;  // `known` of each under mutex_
};

struct OtherCa {
  x509::Certificate issuing;
  std::vector<Bytes> chain;  // of CAs, issuing first, without the root
  Bytes root;
  crypto::TrustSet anchors;  // that the root is
  std::shared_ptr<const IssuedCheck> issued;
};
// Those of `learnt`, CAs that showed up later, that lead to the root of such a list as
// make_other_ca() takes, by others of the list and of their own.
std::vector<Bytes> leading_to_root(const std::vector<Bytes>& certificates,
                                   const std::vector<Bytes>& learnt, Time now);
// Of a list with the issuing CA's certificate first, the root's last; `learnt` are CAs below that
// root. systemFailure "issuer.upstream-chain".
Result<OtherCa> make_other_ca(const std::vector<Bytes>& certificates,
                              std::span<const Bytes> learnt = {});

}  // namespace countersign::issuer
