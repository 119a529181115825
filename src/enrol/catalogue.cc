#include "enrol/catalogue.h"

#include <iterator>
#include <set>

namespace countersign::enrol {

class CatalogueBuilder {
 public:
  CatalogueBuilder(const CmpProfile& standard, std::span<const ObjectRecord> objects)
      : standard_(standard), objects_(objects) {}

  BuiltCatalogue build() {
    for (const ObjectRecord& object : objects_) {
      auto problems = check_object(object);
      if (!problems.empty()) misfits_.insert(&object);
      std::ranges::move(problems, std::back_inserter(problems_));
    }
    add_templates();
    add_trust_sets();
    add_authorities();
    add_ra_profiles();
    check_sender_rules();
    check_escalations();
    add_cmp_profiles();
    add_ra_endpoints();
    add_operators();
    add_subscribers();
    out_.asks_for_devices_ = std::ranges::any_of(
        out_.ra_profiles_, [](const auto& entry) { return asks_for_device(entry.second); });
    return {std::make_shared<const Catalogue>(std::move(out_)), std::move(problems_)};
  }

 private:
  using Weight = Problem::Weight;
  static constexpr int kLongestDescent = 8;  // of templates from templates

  template <class Visit>
  void each(ObjectKind kind, Visit visit) const {
    for (const ObjectRecord& object : objects_)
      if (object.kind == kind) visit(object);
  }
  const ObjectRecord* find(ObjectKind kind, std::string_view name) const {
    for (const ObjectRecord& object : objects_)
      if (object.kind == kind && object.name == name) return &object;
    return nullptr;
  }

  // Is it to be served? What a value that does not fit leaves as it was may be laxer than what was
  // meant.
  bool in_use(const ObjectRecord& object) const {
    return object.enabled && !misfits_.contains(&object);
  }

  // What does not fit is a problem already.
  template <class T>
  static void fill(T& out, const ObjectRecord& object, std::span<const Field<T>> fields) {
    out.name = object.name;
    for (const auto& field : fields)
      if (const auto at = object.fields.find(field.name); at != object.fields.end())
        (void)field.set(out, at->second);
  }

  void complain(const ObjectRecord& object, std::string_view field, std::string what,
                Weight weight = Weight::error) {
    problems_.push_back({weight, label(object) + '.' + std::string(field), std::move(what)});
  }

  template <class Map>
  static std::string names_of(const Map& map) {
    std::string out;
    for (const auto& [name, value] : map) (out += out.empty() ? "" : ", ") += name;
    return out.empty() ? "none" : out;
  }

  // "there is no template x; there are a, b", or that it is disabled.
  template <class Map>
  std::string no_such(ObjectKind kind, const std::string& name, const Map& known) const {
    const std::string what = std::string(enrol::name(kind)) + ' ' + name;
    if (find(kind, name) != nullptr) return what + " is disabled, or unsound itself";
    return "there is no " + what + "; there are " + names_of(known);
  }

  void add_templates() {
    for (const Template& t : built_in_templates()) out_.templates_.emplace(t.name, t);
    const auto built_in = out_.templates_;
    each(ObjectKind::certificate_template, [&](const ObjectRecord& object) {
      out_.templates_.erase(object.name);
      auto made = derived(object, built_in, kLongestDescent);
      if (made && in_use(object)) out_.templates_.insert_or_assign(object.name, std::move(*made));
    });
  }

  std::optional<Template> derived(const ObjectRecord& object,
                                  const Catalogue::ByName<Template>& built_in, int depth) {
    const auto field = object.fields.find("based_on");
    const auto* named =
        field != object.fields.end() ? std::get_if<std::string>(&field->second) : nullptr;
    std::string base = named != nullptr ? *named : std::string();
    if (base.empty()) base = built_in.contains(object.name) ? object.name : "device";
    std::optional<Template> out;
    const ObjectRecord* stored =
        base == object.name ? nullptr : find(ObjectKind::certificate_template, base);
    if (depth == 0) {
      complain(object, "based_on", "templates are based on one another in a circle");
      return std::nullopt;
    }
    if (stored != nullptr)
      out = derived(*stored, built_in, depth - 1);
    else if (const auto at = built_in.find(base); at != built_in.end())
      out = at->second;
    else
      complain(object, "based_on", no_such(ObjectKind::certificate_template, base, built_in));
    if (!out) return std::nullopt;
    fill(*out, object, template_fields());
    if (out->validity > out->longest_validity)
      complain(object, "validity", "is longer than longest_validity; shorten it");
    return out;
  }

  void add_trust_sets() {
    each(ObjectKind::trust_set, [&](const ObjectRecord& object) {
      TrustSet set;
      fill(set, object, trust_set_fields());
      if (set.certificates.empty())
        complain(object, "certificates", "is empty: nobody can sign under it", Weight::warning);
      auto anchors = anchors_of(set);
      if (in_use(object) && anchors) out_.trust_sets_.emplace(set.name, std::move(*anchors));
    });
  }

  void add_authorities() {
    each(ObjectKind::authority, [&](const ObjectRecord& object) {
      Authority authority;
      fill(authority, object, authority_fields());
      const std::size_t before = errors();
      if (object.name == kDefaultAuthority)
        complain(object, "name", "stands for the server's own authority; take another name");
      for (Missing& missing : missing_in(authority))
        complain(object, missing.field, std::move(missing.what));
      const bool asked_by_program =
          authority.kind == AuthorityKind::command || authority.kind == AuthorityKind::webhook;
      if (asked_by_program && authority.certificate.empty())
        complain(object, "certificate",
                 "is not set: what we say where this authority issues is signed by the server's "
                 "own certificate, which those who trust this CA alone will not believe",
                 Weight::warning);
      if (in_use(object) && errors() == before)
        out_.authorities_.emplace(authority.name, std::move(authority));
    });
  }

  void check_authorities(const ObjectRecord& object, const std::vector<std::string>& names,
                         std::string_view field) {
    for (const std::string& name : names)
      if (name != kDefaultAuthority && !out_.authorities_.contains(name))
        complain(object, field,
                 no_such(ObjectKind::authority, name, out_.authorities_) +
                     "; the server's own is \"default\"");
  }

  // One that is out of use counts: nothing laxer takes its place.
  std::string own_template(const std::string& name) const {
    const bool is_there =
        out_.templates_.contains(name) || find(ObjectKind::certificate_template, name) != nullptr;
    return is_there ? name : "device";
  }

  void add_ra_profiles() {
    each(ObjectKind::ra_profile, [&](const ObjectRecord& object) {
      RaProfile profile;
      fill(profile, object, ra_profile_fields());
      if (profile.template_name.empty()) profile.template_name = own_template(object.name);
      const auto t = out_.templates_.find(profile.template_name);
      if (t == out_.templates_.end()) {
        complain(object, "template",
                 no_such(ObjectKind::certificate_template, profile.template_name, out_.templates_));
        return;
      }
      profile.t = t->second;
      const std::size_t before = errors();
      check_authorities(object, profile.authorities, "authorities");
      if (in_use(object) && errors() == before)
        out_.ra_profiles_.emplace(profile.name, std::move(profile));
    });
    // A template that no RA profile has the name of is one by itself.
    for (const auto& [name, t] : out_.templates_)
      if (find(ObjectKind::ra_profile, name) == nullptr)
        out_.ra_profiles_.emplace(name, of_template(name, t));
  }

  // They name RA profiles, which are put together after the trust sets.
  void check_sender_rules() {
    each(ObjectKind::trust_set, [&](const ObjectRecord& object) {
      TrustSet set;
      fill(set, object, trust_set_fields());
      const std::size_t before = errors();
      for (const SenderRule& rule : set.rules)
        for (const std::string& name : rule.profiles)
          if (!out_.ra_profiles_.contains(name))
            complain(object, "rules", no_such(ObjectKind::ra_profile, name, out_.ra_profiles_));
      if (errors() > before) out_.trust_sets_.erase(object.name);
    });
  }

  // An operator must be able to be locked out at any time: so it is no error.
  void check_escalations() {
    each(ObjectKind::ra_profile, [&](const ObjectRecord& object) {
      RaProfile profile;
      fill(profile, object, ra_profile_fields());
      for (const std::string& name : profile.escalate_to)
        if (!decides(name))
          complain(object, "escalate_to",
                   name +
                       " is no operator that may decide, nor one of the roles administrator and "
                       "ra_officer",
                   Weight::warning);
    });
  }

  // Somebody of that name, or of that role.
  bool decides(std::string_view name) const {
    const auto is_officer = [](std::string_view role) {
      return role == "administrator" || role == "ra_officer";
    };
    if (is_officer(name)) return true;
    const ObjectRecord* object = find(ObjectKind::operator_account, name);
    if (object == nullptr || !in_use(*object)) return false;
    Operator who;
    fill(who, *object, operator_fields());
    return std::ranges::any_of(who.roles, is_officer);
  }

  static RaProfile of_template(const std::string& name, const Template& t) {
    RaProfile out;
    out.name = name;
    out.summary = t.summary;
    out.template_name = name;
    out.t = t;
    return out;
  }

  void add_cmp_profiles() {
    const std::string standard(kDefaultCmpProfile);
    if (find(ObjectKind::cmp_profile, standard) == nullptr) {
      ObjectRecord of_file{ObjectKind::cmp_profile, standard, 0, true, {}, {}, {}};
      add_cmp_profile(of_file);
    }
    each(ObjectKind::cmp_profile, [&](const ObjectRecord& object) { add_cmp_profile(object); });
  }

  void add_cmp_profile(const ObjectRecord& object) {
    CmpEndpoint endpoint{standard_, object.name, {}};
    fill(endpoint.profile, object, cmp_profile_fields());
    const std::size_t before = errors();
    check_references(object, endpoint.profile);
    for (AnswerFault& fault : faults_of_answers(endpoint.profile))
      complain(object, fault.field, std::move(fault.what));
    // RFC 9481 §6.1 knows no SHA-1.
    if (endpoint.profile.rules.variant == message::Variant::lightweight)
      endpoint.profile.protection.accept_hmac_sha1 = endpoint.profile.protection.accept_owf_sha1 =
          false;
    if (errors() > before) endpoint.off = problems_.back().path + ": " + problems_.back().what;
    if (misfits_.contains(&object)) endpoint.off = "a value of it does not fit";
    if (!object.enabled) endpoint.off = "it is disabled";
    out_.endpoints_.emplace(object.name, std::move(endpoint));
  }

  void check_references(const ObjectRecord& object, const CmpProfile& profile) {
    const std::string& standard = profile.default_ra_profile;
    if (standard.empty())
      complain(object, "default_ra_profile",
               "is not set: requests that name no RA profile (by certProfile, or by their "
               "credential) will be refused",
               Weight::warning);
    else if (!out_.ra_profiles_.contains(standard))
      complain(object, "default_ra_profile",
               no_such(ObjectKind::ra_profile, standard, out_.ra_profiles_));
    for (const std::string& name : profile.ra_profiles)
      if (!out_.ra_profiles_.contains(name))
        complain(object, "ra_profiles", no_such(ObjectKind::ra_profile, name, out_.ra_profiles_));
    const auto& allowed = profile.ra_profiles;
    if (!standard.empty() && !allowed.empty() &&
        std::ranges::find(allowed, standard) == allowed.end())
      complain(object, "default_ra_profile", standard + " is not among ra_profiles; add it there");
    check_authorities(object, profile.signers_issued_by, "signers_issued_by");
    for (const std::string& name : profile.trust_sets)
      if (!out_.trust_sets_.contains(name))
        complain(object, "trust_sets", no_such(ObjectKind::trust_set, name, out_.trust_sets_));
  }

  // The paths of RA profiles: locked to each by "ra~", and free by the plain name.
  void add_ra_endpoints() {
    for (const auto& [name, profile] : out_.ra_profiles_) {
      const auto base = out_.endpoints_.find(profile.cmp_profile);
      if (base == out_.endpoints_.end()) {
        const ObjectRecord* object = find(ObjectKind::ra_profile, name);
        if (object != nullptr)
          complain(*object, "cmp_profile",
                   no_such(ObjectKind::cmp_profile, profile.cmp_profile, out_.endpoints_));
        continue;
      }
      CmpEndpoint locked = base->second;
      locked.profile.name = "ra~" + name;
      locked.profile.default_ra_profile = name;
      CmpEndpoint open = locked;
      open.profile.name = name;
      locked.profile.ra_profiles = {name};
      free_names_.emplace(name, std::move(open));
      free_names_.emplace("ra~" + name, std::move(locked));
    }
    out_.endpoints_.merge(free_names_);
  }

  void add_operators() {
    each(ObjectKind::operator_account, [&](const ObjectRecord& object) {
      Operator who;
      fill(who, object, operator_fields());
      if (who.roles.empty())
        complain(object, "roles", "is empty: it may do nothing; name one or more");
      if (who.name == "local")
        complain(object, "name", "stands for whoever may use the data folder; take another name");
      for (const auto& [name, other] : out_.operators_)
        if (!who.token.empty() && who.token == other.token)
          complain(object, "token", "is that of " + name + " too; give each one of its own");
      if (in_use(object)) out_.operators_.emplace(who.name, std::move(who));
    });
  }

  // One that names a profile in vain is refused that one alone.
  void add_subscribers() {
    each(ObjectKind::subscriber, [&](const ObjectRecord& object) {
      Subscriber subscriber;
      fill(subscriber, object, subscriber_fields());
      for (const std::string& name : subscriber.profiles)
        if (!out_.ra_profiles_.contains(name))
          complain(object, "profiles", no_such(ObjectKind::ra_profile, name, out_.ra_profiles_),
                   Weight::warning);
      if (in_use(object)) out_.subscribers_.emplace(subscriber.name, std::move(subscriber));
    });
  }

  std::size_t errors() const {
    return static_cast<std::size_t>(std::ranges::count(problems_, Weight::error, &Problem::weight));
  }

  const CmpProfile& standard_;
  std::span<const ObjectRecord> objects_;
  std::set<const ObjectRecord*> misfits_;
  Catalogue out_;
  Catalogue::ByName<CmpEndpoint> free_names_;
  std::vector<Problem> problems_;
};

BuiltCatalogue build_catalogue(const CmpProfile& standard, std::span<const ObjectRecord> objects) {
  return CatalogueBuilder(standard, objects).build();
}

const CmpEndpoint* Catalogue::endpoint(std::string_view name) const noexcept {
  const auto at = endpoints_.find(name);
  return at == endpoints_.end() ? nullptr : &at->second;
}

const CmpEndpoint& Catalogue::endpoint_or_default(std::string_view name) const noexcept {
  const CmpEndpoint* named = endpoint(name);
  return named != nullptr ? *named : endpoints_.find(kDefaultCmpProfile)->second;
}

bool Catalogue::makes_keys() const noexcept {
  return std::ranges::any_of(
      endpoints_, [](const auto& e) { return e.second.profile.central_keys != CentralKeys::off; });
}

const RaProfile* Catalogue::ra_profile(std::string_view name) const noexcept {
  const auto at = ra_profiles_.find(name);
  return at == ra_profiles_.end() ? nullptr : &at->second;
}

}  // namespace countersign::enrol
