#include "console/knowledge.h"

#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

#include <set>

#include "enrol/catalogue.h"
#include "enrol/rights.h"

namespace countersign::console {
namespace {

std::string name_of(std::string name) { return name; }
template <class Value>
std::string name_of(const std::pair<const std::string, Value>& entry) {
  return entry.first;
}

template <class Names>
Outcome<> check_known(std::string path, const std::string& name, const Names& known) {
  if (name.empty() || known.contains(name)) return {};
  std::string list;
  for (const auto& one : known) list.append(list.empty() ? "" : ", ").append(name_of(one));
  return refuse({std::move(path), name, "one of " + list});
}

Outcome<> check_reserved(const Call& call, const enrol::Catalogue& catalogue,
                         const std::string& profile) {
  const auto* known = catalogue.ra_profile(profile);
  const bool reserved =
      known != nullptr && (known->by_credential_only || known->t.by_credential_only);
  if (!reserved || call.by.is_any_of({Role::administrator})) return {};
  return refuse(403, "console.profile-reserved",
                "the RA profile " + profile +
                    " is open to credentials that were made for it "
                    "only: these are an administrator's to make");
}

std::shared_ptr<const enrol::Catalogue> known_objects(const Call& call,
                                                      const std::vector<enrol::ObjectRecord>& all) {
  return enrol::build_catalogue(call.at.standard, all).catalogue;
}

}  // namespace

Outcome<> check_reserved(const Call& call, const std::string& profile) {
  if (profile.empty()) return {};
  return check_reserved(call, *known_objects(call, TRY(call.at.ledger.objects())), profile);
}

Outcome<> check_names(const Call& call) {
  const std::string names = call.body.text("names", "self");
  const auto good = enrol::check_name_rule(names);
  if (good) return {};
  return refuse({"/names", names, "a rule of names: " + good.error().reply_text});
}

Outcome<> check_knowledge(const Call& call) {
  TRY(check_names(call));
  const std::string profile = call.body.text("profile");
  const std::string cmp_profile = call.body.text("cmp_profile");
  const std::string subscriber = call.body.text("subscriber");
  if (profile.empty() && cmp_profile.empty() && subscriber.empty()) return {};
  const auto catalogue = known_objects(call, TRY(call.at.ledger.objects()));
  TRY(check_known("/profile", profile, catalogue->ra_profiles()));
  TRY(check_reserved(call, *catalogue, profile));
  TRY(check_known("/subscriber", subscriber, catalogue->subscribers()));
  std::set<std::string> rules;
  for (const auto& [name, endpoint] : catalogue->endpoints()) rules.insert(endpoint.cmp_profile);
  return check_known("/cmp_profile", cmp_profile, rules);
}

std::string path_to(std::string_view collection, std::string_view name) {
  return std::string(collection) + "/" +
         boost::urls::encode({name.data(), name.size()}, boost::urls::unreserved_chars);
}

}  // namespace countersign::console
