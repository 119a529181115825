// Senders whose CA nobody here trusts, and what makes one of these trusted.
#include "console/page.h"
#include "console/routes.h"
#include "der/pem.h"
#include "server/administration.h"

namespace countersign::console {
namespace {

using enrol::ObjectKind;

boost::json::object to_json(const server::Stranger& s) {
  return {{"fingerprint", to_hex(s.fingerprint)},
          {"subject", s.subject},
          {"issuer", s.issuer},
          {"authority", s.is_ca},
          {"sender", s.sender},
          {"endpoint", s.endpoint},
          {"peer", s.peer},
          {"count", s.count},
          {"first", to_iso(s.first)},
          {"last", to_iso(s.last)},
          {"certificate", der::to_pem("CERTIFICATE", s.certificate)}};
}

std::vector<server::Stranger> all(const Call& call) {
  return call.at.strangers != nullptr ? call.at.strangers->all() : std::vector<server::Stranger>{};
}

Outcome<server::Stranger> find(const Call& call) {
  for (auto& stranger : all(call))
    if (to_hex(stranger.fingerprint) == call.parameter) return std::move(stranger);
  return refuse(404, "console.no-such-vendor",
                "nobody who showed a certificate with that fingerprint was refused since this "
                "server began, or it has been forgotten");
}

}  // namespace

Handled list_unknown_vendors(const Call& call) {
  return page_by_key(
      call, all(call), [](const server::Stranger& s) { return to_hex(s.fingerprint); },
      [](const server::Stranger& s) { return to_json(s); });
}

// Into a trust set, which CMP profiles name; one that is not there is made.
Handled accept_unknown_vendor(const Call& call) {
  const auto stranger = TRY(find(call));
  if (!stranger.is_ca)
    return refuse(409, "console.no-authority",
                  "the sender showed no certificate of a CA, but its own alone: get that of its CA "
                  "from the vendor, and put it into the trust set");
  server::Administration administration(call.at.ledger, call.at.standard);
  enrol::ObjectRecord set{
      ObjectKind::trust_set, std::string(call.body.text("trust_set")), 0, true, {}, {}, {}};
  if (auto present = administration.find(ObjectKind::trust_set, set.name))
    set = std::move(*present);
  std::vector<std::string> certificates;
  if (const auto field = set.fields.find("certificates"); field != set.fields.end())
    if (const auto* list = std::get_if<std::vector<std::string>>(&field->second))
      certificates = *list;
  certificates.push_back(der::to_pem("CERTIFICATE", stranger.certificate));
  set.fields["certificates"] = std::move(certificates);
  const auto done =
      administration.change({{set, enrol::ObjectAction::save}}, audit_name(call.by), call.now);
  if (!done) return std::unexpected(Problem(done.error()));
  call.at.strangers->forget(stranger.fingerprint);
  return json_response(200, to_json(stranger));
}

}  // namespace countersign::console
