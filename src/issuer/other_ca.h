// A CA that others run, as we know it: its certificate, what leads from there to its root, and
// whether a certificate that is said to come from it does.
#pragma once

#include <vector>

#include "crypto/trust_set.h"
#include "x509/certificate.h"

namespace countersign::issuer {

struct OtherCa {
  x509::Certificate issuing;
  std::vector<Bytes> chain;  // from issuing up, without the root
  Bytes root;
  crypto::TrustSet anchors;  // that the root is
};
// Of a list with the issuing CA's certificate first, the root's last. systemFailure
// "issuer.upstream-chain".
Result<OtherCa> make_other_ca(const std::vector<Bytes>& certificates);

// For our key, by that CA, and it leads to the root. systemFailure "issuer.upstream-certificate".
Result<> check_issued(const x509::Certificate& issuing, const crypto::TrustSet& anchors,
                      const Bytes& certificate, View spki, Time now);

}  // namespace countersign::issuer
