// The routes below /api/v1/credentials.
#include "console/conditions.h"
#include "console/knowledge.h"
#include "console/page.h"
#include "console/routes.h"
#include "console/rows.h"
#include "server/officer.h"

namespace countersign::console {
namespace {

constexpr std::string_view kPath = "/api/v1/credentials";

Outcome<enrol::CredentialRecord> find(const Call& call) {
  auto all = TRY(call.at.ledger.credentials());
  const auto at = std::ranges::find(all, call.parameter, &enrol::CredentialRecord::reference);
  if (at == all.end())
    return refuse(404, "console.no-credential", "no credential has this reference");
  return std::move(*at);
}

}  // namespace

Handled list_credentials(const Call& call) {
  const auto reference = [](const enrol::CredentialRecord& r) { return r.reference; };
  const auto row_of = [](const enrol::CredentialRecord& r) { return to_json(r); };
  return page_by_key(call, TRY(call.at.ledger.credentials()), reference, row_of);
}

Handled show_credential(const Call& call) { return json_response(200, to_json(TRY(find(call)))); }

Handled add_credential(const Call& call) {
  TRY(check_knowledge(call));
  enrol::CredentialRecord record;
  describe(record, call, "self", 1);
  record.reference = call.body.has("reference") ? call.body.text("reference")
                                                : "ref-" + server::random_tag(call.at.entropy) +
                                                      server::random_tag(call.at.entropy);
  const std::string shown = server::random_secret(call.at.entropy);
  record.secret = Secret(view(shown));
  record.author = call.by.name;
  record.cmp_profile = call.body.text("cmp_profile");
  record.begins = call.body.time("begins", call.now);
  record.note = call.body.text("note");
  TRY(call.at.ledger.add_credential(record,
                                    {row_of(call, "secret-added", "secret " + record.reference)}));
  auto body = to_json(record);
  body["secret"] = shown;
  return json_response(201, body, {{"Location", path_to(kPath, record.reference)}});
}

Handled remove_credential(const Call& call) {
  const auto found = TRY(find(call));
  TRY(check_if_match(call.request, etag_of(view(boost::json::serialize(to_json(found))))));
  if (!TRY(call.at.ledger.remove_credential(
          call.parameter, {row_of(call, "secret-removed", "secret " + found.reference)})))
    return refuse(404, "console.no-credential", "no credential has this reference");
  return ports::WebResponse{.status = 204};
}

}  // namespace countersign::console
