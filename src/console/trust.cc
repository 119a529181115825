// The routes below /api/v1/trust.
#include "console/knowledge.h"
#include "console/page.h"
#include "console/routes.h"
#include "console/rows.h"
#include "crypto/digest.h"
#include "x509/certificate.h"

namespace countersign::console {
namespace {

using enrol::TrustRecord;

Outcome<Bytes> certificate_of(const Call& call) {
  const std::string text = call.body.text("certificate");
  const auto all = x509::certificates_from_file(view(text));
  if (all && all->size() == 1 && x509::parse_certificate(all->front())) return all->front();
  return refuse({"/certificate", text.substr(0, text.find('\n')).substr(0, 64),
                 "one certificate in PEM, and nothing else"});
}

// Our own certificates are known by what they say: as anchors they would change nothing.
Outcome<> check_foreign(const Call& call, const Bytes& der) {
  const auto ours = call.at.publications ? call.at.publications() : nullptr;
  const bool own = ours && ours->where == server::IssuesWhere::here_alone &&
                   std::ranges::find(ours->ca_certificates, der) != ours->ca_certificates.end();
  if (!own || call.body.flag("ra")) return {};
  return refuse(409, "console.own-anchor",
                "this is our own CA: whoever holds a certificate of it is known without this, and "
                "may ask for the names in that certificate; for others make a credential with "
                "names, or set ra for a registration authority");
}

}  // namespace

Handled list_trust(const Call& call) {
  const auto id = [](const TrustRecord& r) { return to_hex(r.fingerprint); };
  const auto row_of = [](const TrustRecord& r) { return to_json(r); };
  return page_by_key(call, TRY(call.at.ledger.trust()), id, row_of);
}

Handled add_trust(const Call& call) {
  TRY(check_names(call));
  const Bytes der = TRY(certificate_of(call));
  TRY(check_foreign(call, der));
  const TrustRecord anchor{crypto::sha256(der), der, call.body.text("names", "self"),
                           call.body.flag("ra"), call.now};
  const std::string what = "anchor " + to_hex(anchor.fingerprint) +
                           (anchor.is_ra ? " as a registration authority" : "") + " for " +
                           anchor.names;
  TRY(call.at.ledger.add_trust(anchor, {console::row_of(call, "trust-added", what)}));
  return json_response(201, to_json(anchor));
}

Handled remove_trust(const Call& call) {
  std::string hex(call.parameter);
  std::erase(hex, ':');
  Bytes fingerprint;
  if (!from_hex(hex, fingerprint) || fingerprint.size() != 32)
    return refuse(400, "console.fingerprint",
                  "what stands in the path is no SHA-256 fingerprint: write it in hexadecimal, as "
                  "the list of anchors shows it");
  const std::string what = "anchor " + to_hex(fingerprint);
  if (!TRY(call.at.ledger.remove_trust(fingerprint, {row_of(call, "trust-removed", what)})))
    return refuse(404, "console.no-anchor", "no anchor has this fingerprint");
  return ports::WebResponse{.status = 204};
}

}  // namespace countersign::console
