// All that operators set, put together: what each endpoint, RA profile and template means right
// now. Immutable; made anew when something changes, and swapped whole.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "enrol/authority.h"
#include "enrol/cmp_profile.h"
#include "enrol/object.h"
#include "enrol/ra_profile.h"
#include "enrol/subscriber.h"
#include "enrol/template.h"
#include "enrol/trust_set.h"

namespace countersign::enrol {

// What a path leads to. Its name is part of the key of every transaction begun there.
struct CmpEndpoint {
  CmpProfile profile;
  std::string cmp_profile;  // whose rules they are
  std::string off;          // why nothing is served there; empty: it is
};

class Catalogue {
 public:
  template <class T>
  using ByName = std::map<std::string, T, std::less<>>;

  // A CMP profile; "ra~NAME": the RA profile of that name alone; an RA profile that no CMP profile
  // has the name of: the profile `default` with that one as its default. Null: there is none.
  const CmpEndpoint* endpoint(std::string_view name) const noexcept;
  // The same; `default` where there is none (any more).
  const CmpEndpoint& endpoint_or_default(std::string_view name) const noexcept;
  const RaProfile* ra_profile(std::string_view name) const noexcept;
  const ByName<RaProfile>& ra_profiles() const noexcept { return ra_profiles_; }
  const ByName<CmpEndpoint>& endpoints() const noexcept { return endpoints_; }
  const ByName<Template>& templates() const noexcept { return templates_; }
  const ByName<std::vector<TrustRecord>>& trust_sets() const noexcept { return trust_sets_; }
  // Beside the server's own.
  const ByName<Authority>& authorities() const noexcept { return authorities_; }
  const ByName<Operator>& operators() const noexcept { return operators_; }
  // Those that are in use.
  const ByName<Subscriber>& subscribers() const noexcept { return subscribers_; }
  // Does any CMP profile make keys for others?
  bool makes_keys() const noexcept;
  // Does any RA profile?
  bool asks_for_devices() const noexcept { return asks_for_devices_; }

 private:
  friend class CatalogueBuilder;
  ByName<Template> templates_;
  ByName<RaProfile> ra_profiles_;
  ByName<CmpEndpoint> endpoints_;
  ByName<std::vector<TrustRecord>> trust_sets_;
  ByName<Authority> authorities_;
  ByName<Operator> operators_;
  ByName<Subscriber> subscribers_;
  bool asks_for_devices_ = false;
};

struct BuiltCatalogue {
  std::shared_ptr<const Catalogue> catalogue;
  std::vector<Problem> problems;
};
// `standard` is the CMP profile `default` of the configuration file. What is unsound is left out,
// or off where it is an endpoint, with a problem of the weight `error`.
BuiltCatalogue build_catalogue(const CmpProfile& standard, std::span<const ObjectRecord> objects);

// What is there though nobody set it: built-in templates, templates that are RA profiles by
// themselves, the CMP profile of the configuration file. Version 0, without fields.
std::vector<ObjectRecord> by_themselves(std::span<const ObjectRecord> objects);

// All fields of it as they hold now, whoever set them; nullopt where it is not in use.
std::optional<Fields> in_effect(const Catalogue& catalogue, const ObjectRecord& object);

// Labels of the objects that name this one: "ra_profile.factory".
std::vector<std::string> dependents(std::span<const ObjectRecord> objects, ObjectKind kind,
                                    std::string_view name);

}  // namespace countersign::enrol
