#include "server/publications.h"

#include <algorithm>

namespace countersign::server {

const std::vector<Bytes>& Publications::chain_of(View certificate) const {
  const auto parsed = x509::parse_certificate(certificate);
  if (!parsed) return issuing.front().chain;
  const auto at = std::ranges::find_if(
      issuing, [&](const IssuingCa& ca) { return x509::same_name(ca.name, parsed->issuer); });
  return at == issuing.end() ? issuing.front().chain : at->chain;
}

Publications publications_of(const x509::Certificate& issuing, const std::vector<Bytes>& chain,
                             const Bytes& root) {
  Publications out;
  out.ca_certificates = chain;
  out.ca_certificates.push_back(root);
  out.root_certificate = root;
  out.issuer_names = {issuing.subject};
  // Behind the one that issues there may be those that did before it, whose certificates live on.
  for (const Bytes& der : chain)
    if (const auto other = x509::parse_certificate(der); other && other->der != issuing.der)
      out.issuer_names.push_back(other->subject);
  out.issuing = {{issuing.subject, {issuing.der}}};
  out.documents = {{"/ca/issuing.cer", issuing.der}, {"/ca/root.cer", root}};
  return out;
}

}  // namespace countersign::server
