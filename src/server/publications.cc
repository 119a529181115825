#include "server/publications.h"

#include <algorithm>

#include "x509/certificate.h"

namespace countersign::server {

const std::vector<Bytes>& Publications::chain_of(View certificate) const {
  const auto parsed = x509::parse_certificate(certificate);
  if (!parsed) return issuing.front().chain;
  const auto at = std::ranges::find_if(
      issuing, [&](const IssuingCa& ca) { return x509::same_name(ca.name, parsed->issuer); });
  return at == issuing.end() ? issuing.front().chain : at->chain;
}

Publications publications_of(const x509::Name& issuer, const std::vector<Bytes>& chain,
                             const Bytes& root) {
  Publications out;
  out.ca_certificates = chain;
  out.ca_certificates.push_back(root);
  out.root_certificate = root;
  out.issuer_names = {issuer};
  out.issuing = {{issuer, {chain.front()}}};
  out.documents = {{"/ca/issuing.cer", chain.front()}, {"/ca/root.cer", root}};
  return out;
}

}  // namespace countersign::server
