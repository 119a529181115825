// Our own CA as an Issuer: serial, key identifiers, URLs, validity cut to its own, signature.
//
// It stores nothing and may be used by several threads, if entropy may. The entropy must outlive
// it; a Done that is waiting for the signer does not need it any more. create() fails with
// systemFailure "issuer.not-a-ca", "issuer.key-mismatch", "issuer.root-mismatch"; issue() with
// systemUnavail "issuer.expired", "issuer.validity" and what entropy and signer say.
#pragma once

#include <memory>
#include <string>

#include "base/ports.h"
#include "issuer/authority.h"
#include "ports/issuer.h"
#include "ports/signer.h"
#include "x509/certificate.h"

namespace countersign::issuer {

struct LocalCaOptions {
  Bytes issuing_certificate;  // DER
  Bytes root_certificate;     // DER
  std::string public_url;     // for CRL distribution point and AIA
  Generation generation = {};
  // By which older roots vouch for the root: go with what is issued, so that who trusts only an
  // older one builds a path (RFC 9810 §4.4.2.2).
  std::vector<Bytes> links = {};
};

class LocalCa final : public ports::Issuer {
 public:
  static Result<std::unique_ptr<LocalCa>> create(LocalCaOptions options,
                                                 std::shared_ptr<const ports::Signer> signer,
                                                 Entropy& entropy);
  Speed speed() const noexcept override { return Speed::in_place; }
  void issue(const ports::OrderKey& key, const transaction::CertificateOrder& order, Time now,
             Done<transaction::Answer> done) override;

 private:
  LocalCa(LocalCaOptions options, x509::Certificate issuing,
          std::shared_ptr<const ports::Signer> signer, Entropy& entropy);
  Result<x509::CertificateFields> fields(const transaction::CertificateOrder& order, Time now);
  LocalCaOptions options_;
  x509::Certificate issuing_;
  std::vector<Bytes> chain_;  // its certificate, then the links
  Bytes issuing_key_id_;
  std::shared_ptr<const ports::Signer> signer_;
  Entropy& entropy_;
};

}  // namespace countersign::issuer
