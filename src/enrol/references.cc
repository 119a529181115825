// Which objects name which others.
#include "enrol/catalogue.h"

namespace countersign::enrol {
namespace {

// The fields by which objects name others.
struct Reference {
  ObjectKind from;
  std::string_view field;
  ObjectKind to;
};
constexpr std::string_view kRules = "rules";
constexpr std::string_view kTemplate = "template";
constexpr std::array kReferences = {
    Reference{ObjectKind::certificate_template, "based_on", ObjectKind::certificate_template},
    Reference{ObjectKind::ra_profile, kTemplate, ObjectKind::certificate_template},
    Reference{ObjectKind::ra_profile, "authorities", ObjectKind::authority},
    Reference{ObjectKind::ra_profile, "cmp_profile", ObjectKind::cmp_profile},
    Reference{ObjectKind::cmp_profile, "default_ra_profile", ObjectKind::ra_profile},
    Reference{ObjectKind::cmp_profile, "ra_profiles", ObjectKind::ra_profile},
    Reference{ObjectKind::cmp_profile, "trust_sets", ObjectKind::trust_set},
    Reference{ObjectKind::cmp_profile, "signers_issued_by", ObjectKind::authority},
    Reference{ObjectKind::trust_set, kRules, ObjectKind::ra_profile},
    Reference{ObjectKind::subscriber, "profiles", ObjectKind::ra_profile},
};

bool rules_mention(const FieldValue& value, std::string_view name) {
  const auto* list = std::get_if<std::vector<std::string>>(&value);
  const auto rules = list != nullptr ? sender_rules(*list) : std::nullopt;
  return rules && std::ranges::any_of(*rules, [&](const SenderRule& rule) {
           return std::ranges::find(rule.profiles, name) != rule.profiles.end();
         });
}

bool mentions(const FieldValue& value, std::string_view name) {
  if (const auto* one = std::get_if<std::string>(&value)) return *one == name;
  const auto* list = std::get_if<std::vector<std::string>>(&value);
  return list != nullptr && std::ranges::find(*list, name) != list->end();
}

bool mentions(const ObjectRecord& object, const Reference& r, std::string_view name) {
  const auto field = object.fields.find(r.field);
  const bool is_set = field != object.fields.end() && field->second != FieldValue{std::string()};
  // An RA profile that names no template has that of its name.
  if (!is_set) return r.field == kTemplate && object.name == name;
  return r.field == kRules ? rules_mention(field->second, name) : mentions(field->second, name);
}

}  // namespace

std::vector<std::string> dependents(std::span<const ObjectRecord> objects, ObjectKind kind,
                                    std::string_view name) {
  std::vector<std::string> out;
  for (const ObjectRecord& object : objects)
    for (const Reference& r : kReferences) {
      if (r.from != object.kind || r.to != kind) continue;
      if (!mentions(object, r, name)) continue;
      if (out.empty() || out.back() != label(object)) out.push_back(label(object));
    }
  return out;
}

}  // namespace countersign::enrol
