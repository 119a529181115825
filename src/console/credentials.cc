// The routes below /api/v1/credentials.
#include "console/conditions.h"
#include "console/knowledge.h"
#include "console/page.h"
#include "console/routes.h"
#include "console/rows.h"
#include "server/networks.h"
#include "server/officer.h"

namespace countersign::console {
namespace {

constexpr std::string_view kPath = "/api/v1/credentials";
constexpr Seconds kUsualOverlap{7LL * 86400};

Outcome<enrol::CredentialRecord> find(const Call& call) {
  auto all = TRY(call.at.ledger.credentials());
  const auto at = std::ranges::find(all, call.parameter, &enrol::CredentialRecord::reference);
  if (at == all.end())
    return refuse(404, "console.no-credential", "no credential has this reference");
  return std::move(*at);
}

// Found out before it is delivered.
Outcome<> check_free(const Call& call, const std::string& reference) {
  auto all = TRY(call.at.ledger.credentials());
  if (std::ranges::find(all, reference, &enrol::CredentialRecord::reference) == all.end())
    return {};
  return refuse(409, "store.reference-exists",
                "there is a credential with the reference " + reference +
                    " already; remove it first, or choose another reference");
}

Outcome<std::vector<std::string>> networks_of(const Call& call) {
  auto networks = server::read_networks(call.body.list("networks"));
  if (networks) return std::move(*networks);
  return refuse({"/networks", server::networks_text(call.body.list("networks")),
                 "networks: " + networks.error().reply_text});
}

Outcome<> check_names_of_ra(const Call& call) {
  if (!call.body.flag("ra") || call.body.text("names", "self") != "self") return {};
  return refuse({"/names", "self",
                 "of a registration authority, which asks for others: any, or names and patterns "
                 "with commas between them"});
}

Outcome<> check_may_make(const Call& call, const enrol::CredentialRecord& record) {
  if (!record.is_ra || call.by.is_any_of({Role::administrator})) return {};
  return refuse(403, "console.secret-of-ra",
                "who has the secret of a registration authority vouches for others: it is an "
                "administrator's to make");
}

// For the audit: to whom it was brought; empty: it is to be shown.
Outcome<std::string> deliver(const Call& call, const enrol::CredentialRecord& record,
                             const std::string& secret) {
  const std::string address = call.body.text("deliver");
  if (address.empty()) return std::string();
  if (!call.at.deliver)
    return refuse(400, "console.deliver-none",
                  "nothing delivers secrets here: credentials.deliver of the configuration names "
                  "no program; leave deliver out");
  const auto done = call.at.deliver(record, secret, address);
  if (!done) return refuse(502, "console.deliver", done.error().reply_text);
  return "; delivered to " + address;
}

}  // namespace

Handled list_credentials(const Call& call) {
  const auto reference = [](const enrol::CredentialRecord& r) { return r.reference; };
  const auto row_of = [](const enrol::CredentialRecord& r) { return to_json(r); };
  auto all = TRY(call.at.ledger.credentials());
  if (call.query.has("subscriber"))
    std::erase_if(all,
                  [&](const auto& r) { return r.subscriber != call.query.text("subscriber"); });
  return page_by_key(call, std::move(all), reference, row_of);
}

Handled show_credential(const Call& call) { return json_response(200, to_json(TRY(find(call)))); }

Handled add_credential(const Call& call) {
  TRY(check_knowledge(call));
  enrol::CredentialRecord record;
  record.is_ra = call.body.flag("ra");
  TRY(check_may_make(call, record));
  TRY(check_names_of_ra(call));
  describe(record, call, "self", 1);
  record.reference = call.body.has("reference") ? call.body.text("reference")
                                                : "ref-" + server::random_tag(call.at.entropy) +
                                                      server::random_tag(call.at.entropy);
  const std::string fresh = server::random_secret(call.at.entropy);
  record.secret = Secret(view(fresh));
  record.author = call.by.name;
  record.cmp_profile = call.body.text("cmp_profile");
  record.begins = call.body.time("begins", call.now);
  record.note = call.body.text("note");
  record.networks = TRY(networks_of(call));
  record.subscriber = call.body.text("subscriber");
  if (call.body.has("deliver")) TRY(check_free(call, record.reference));
  const std::string delivered = TRY(deliver(call, record, fresh));
  TRY(call.at.ledger.add_credential(
      record, {row_of(call, "secret-added", "secret " + record.reference + delivered)}));
  auto body = to_json(record);
  if (delivered.empty()) body["secret"] = fresh;
  return json_response(201, body, {{"Location", path_to(kPath, record.reference)}});
}

Handled rotate_credential(const Call& call) {
  const auto found = TRY(find(call));
  TRY(check_reserved(call, found.profile));
  TRY(check_may_make(call, found));
  TRY(check_if_match(call.request, etag_of(view(boost::json::serialize(to_json(found))))));
  std::optional<Time> until = call.now + kUsualOverlap;
  if (call.body.has("overlap")) until = call.body.time("overlap", call.now);
  if (call.body.flag("at_once")) until.reset();
  const std::string fresh = server::random_secret(call.at.entropy);
  const std::string delivered = TRY(deliver(call, found, fresh));
  const std::string former =
      until ? "; the former one passes until " + to_iso(*until) : "; the former one is void";
  if (!TRY(call.at.ledger.rotate_credential(
          {found.reference, Secret(view(fresh)), until},
          {row_of(call, "secret-rotated", "secret " + found.reference + former + delivered)})))
    return refuse(404, "console.no-credential", "no credential has this reference");
  auto body = to_json(TRY(find(call)));
  if (delivered.empty()) body["secret"] = fresh;
  return json_response(200, body);
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
