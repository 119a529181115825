// What genm and GET hand out, and what goes with a certificate of each issuing CA. Made by app,
// swapped whole.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "enrol/genm.h"
#include "x509/certificate.h"

namespace countersign::server {

struct IssuingCa {
  x509::Name name;
  // Its certificate, then what leads to the root, or the certificates by which older roots vouch
  // for that.
  std::vector<Bytes> chain;
};
// Whether what an issuing CA issued is all in our store.
enum class IssuesWhere { here_alone, elsewhere_too };

struct Publications {
  std::vector<Bytes> ca_certificates;  // issuing CA first, root last
  Bytes root_certificate;
  std::vector<x509::Name> issuer_names;   // of all issuing CAs, the present one first
  std::vector<IssuingCa> issuing;         // in the same order
  std::vector<enrol::PublishedCrl> crls;  // of the present issuing CA first
  std::vector<enrol::RootUpdate> root_updates;
  std::map<std::string, Bytes, std::less<>> documents;  // certificates, by path
  IssuesWhere where = IssuesWhere::here_alone;

  // Of the CA that issued this certificate; of the present one if that cannot be told.
  const std::vector<Bytes>& chain_of(View certificate) const;
};

// Of an issuing CA and a root. CRLs are added by who makes them. `cas` are all below the root, the
// issuing one first, then what leads from there to the root, and those that issue, or did, as well;
// empty where it is the root.
Publications publications_of(const x509::Certificate& issuing, const std::vector<Bytes>& cas,
                             const Bytes& root, Time now);

// Those of these revocation lists (DER) that are of its CAs, in place of what it has.
void use_lists(Publications& publications, std::span<const Bytes> lists);

}  // namespace countersign::server
