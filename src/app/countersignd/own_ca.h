// An authority of our own in use: its keys of all generations, and what a server makes of them.
// A value: a roll-over makes another one. Its issuer, publications and signers may be used by any
// thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/countersignd/generations.h"
#include "issuer/software_signer.h"
#include "server/keeper.h"

namespace countersign::app {

class OwnCa {
 public:
  struct Host {
    ports::Ledger& ledger;
    std::string ca;  // its name; empty: the server's own
    std::string public_url;
    issuer::RunElsewhere run;
    Entropy& entropy;
  };
  static Result<OwnCa> open(const Host& host, Time now);

  const Generations& generations() const { return generations_; }
  const x509::Certificate& issuing_certificate() const { return issuing_.front().certificate; }
  const std::shared_ptr<const ports::Signer>& issuing_signer() const {
    return issuing_.front().signer;
  }
  const std::shared_ptr<ports::Issuer>& issuer() const { return issuer_; }
  bool shares_root() const { return shares_root_; }
  // Without CRLs: these are the keeper's.
  const server::Publications& publications() const { return publications_; }
  // A CA signs its CRL until its certificate expires; what it issued has expired by then. Those of
  // a shared root are not among them.
  std::vector<server::CrlIssuer> crl_issuers(Time now) const;

 private:
  struct Key {
    issuer::Generation generation;
    x509::Certificate certificate;
    std::shared_ptr<const ports::Signer> signer;
  };
  server::CrlIssuer crl_issuer(const Key& key, server::CrlIssuer::Lists lists) const;

  Generations generations_;
  std::string public_url_;
  bool shares_root_ = false;
  bool one_issuer_ = true;            // no other key of it ever issued anything
  std::vector<Key> issuing_, roots_;  // those that last; the present one first
  std::shared_ptr<ports::Issuer> issuer_;
  server::Publications publications_;
};

}  // namespace countersign::app
