// What genm and GET hand out, and what goes with a certificate of each issuing CA. Made by app,
// swapped whole.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "enrol/genm.h"
#include "x509/certificate.h"

namespace countersign::server {

struct IssuingCa {
  x509::Name name;
  // Its certificate, then the certificates by which older roots vouch for its root.
  std::vector<Bytes> chain;
};

struct Publications {
  std::vector<Bytes> ca_certificates;  // issuing CA first, root last
  Bytes root_certificate;
  std::vector<x509::Name> issuer_names;   // of all issuing CAs, the present one first
  std::vector<IssuingCa> issuing;         // in the same order
  std::vector<enrol::PublishedCrl> crls;  // of the present issuing CA first
  std::vector<enrol::RootUpdate> root_updates;
  std::map<std::string, Bytes, std::less<>> documents;  // certificates, by path

  // Of the CA that issued this certificate; of the present one if that cannot be told.
  const std::vector<Bytes>& chain_of(View certificate) const;
};

// Of an issuing CA and a root that have had no predecessors. CRLs are added by who makes them.
// `chain` is what stands between it and the root, itself first; empty where it is the root.
Publications publications_of(const x509::Certificate& issuing, const std::vector<Bytes>& chain,
                             const Bytes& root);

}  // namespace countersign::server
