// What is there beside what was set, and what holds of it.
#include <algorithm>

#include "enrol/catalogue.h"

namespace countersign::enrol {
namespace {

bool contains(std::span<const ObjectRecord> objects, ObjectKind kind, std::string_view name) {
  return std::ranges::any_of(
      objects, [&](const ObjectRecord& o) { return o.kind == kind && o.name == name; });
}

template <class T>
Fields values_of(std::span<const Field<T>> fields, const T& of) {
  Fields out;
  for (const auto& field : fields) out.emplace(field.name, field.get(of));
  return out;
}

template <class T>
const T* entry(const Catalogue::ByName<T>& map, std::string_view name) {
  const auto at = map.find(name);
  return at == map.end() ? nullptr : &at->second;
}

// What is disabled or unsound is not in the catalogue.
bool is_in_use(const Catalogue& catalogue, const ObjectRecord& object) {
  switch (object.kind) {
    case ObjectKind::trust_set:
      return catalogue.trust_sets().contains(object.name);
    case ObjectKind::authority:
      return catalogue.authorities().contains(object.name);
    case ObjectKind::subscriber:
      return catalogue.subscribers().contains(object.name);
    case ObjectKind::operator_account:
      return catalogue.operators().contains(object.name);
    default:
      return object.enabled;
  }
}

}  // namespace

std::vector<ObjectRecord> by_themselves(std::span<const ObjectRecord> objects) {
  std::vector<ObjectRecord> out;
  const auto add = [&](ObjectKind kind, std::string_view name) {
    if (!contains(objects, kind, name))
      out.push_back({kind, std::string(name), 0, true, {}, {}, {}});
  };
  for (const Template& t : built_in_templates()) {
    add(ObjectKind::certificate_template, t.name);
    // One that is out of use is no RA profile.
    if (!contains(objects, ObjectKind::certificate_template, t.name))
      add(ObjectKind::ra_profile, t.name);
  }
  for (const ObjectRecord& object : objects)
    if (object.kind == ObjectKind::certificate_template && object.enabled)
      add(ObjectKind::ra_profile, object.name);
  add(ObjectKind::cmp_profile, kDefaultCmpProfile);
  return out;
}

std::optional<Fields> in_effect(const Catalogue& catalogue, const ObjectRecord& object) {
  switch (object.kind) {
    case ObjectKind::certificate_template:
      if (const auto* t = entry(catalogue.templates(), object.name))
        return values_of(template_fields(), *t);
      return std::nullopt;
    case ObjectKind::ra_profile:
      if (const auto* p = catalogue.ra_profile(object.name))
        return values_of(ra_profile_fields(), *p);
      return std::nullopt;
    case ObjectKind::cmp_profile:
      if (const auto* e = entry(catalogue.endpoints(), object.name); e != nullptr && e->off.empty())
        return values_of(cmp_profile_fields(), e->profile);
      return std::nullopt;
    default:
      break;
  }
  // Those of the other kinds are by themselves alike, and take after no other.
  if (!is_in_use(catalogue, object)) return std::nullopt;
  Fields out = object.fields;
  for (const FieldInfo& field : fields_of(object.kind)) out.emplace(field.name, field.standard);
  return out;
}

}  // namespace countersign::enrol
