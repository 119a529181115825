#include "enrol/object.h"

#include "enrol/authority.h"
#include "enrol/cmp_profile.h"
#include "enrol/ra_profile.h"
#include "enrol/subscriber.h"
#include "enrol/template.h"
#include "enrol/trust_set.h"

namespace countersign::enrol {
namespace {

template <class T>
std::vector<FieldInfo> infos(std::span<const Field<T>> fields, const T& standard) {
  std::vector<FieldInfo> out;
  for (const auto& f : fields) out.push_back({f.name, f.fits, f.meaning, f.get(standard)});
  return out;
}

// Each value into a T of its own: some fit only beside others, and those are looked at together.
template <class T>
void check_fields(const ObjectRecord& object, std::span<const Field<T>> fields,
                  std::vector<Problem>& out) {
  T trial{};
  for (const auto& [field, value] : object.fields) {
    const std::string path = label(object) + '.' + field;
    const auto at = std::ranges::find(fields, std::string_view(field), &Field<T>::name);
    if (at == fields.end()) {
      std::string known;
      for (const auto& f : fields) (known += known.empty() ? "" : ", ") += f.name;
      out.push_back({Problem::Weight::error, path, "there is no such field; there are " + known});
    } else if (!at->set(trial, value)) {
      out.push_back({Problem::Weight::error, path,
                     shown(value) + " does not fit: it must be " + std::string(at->fits)});
    }
  }
}

}  // namespace

std::optional<ObjectKind> object_kind(std::string_view text) noexcept {
  const auto at = std::ranges::find(kObjectKinds, text);
  if (at == kObjectKinds.end()) return std::nullopt;
  return static_cast<ObjectKind>(at - kObjectKinds.begin());
}

std::string label(const ObjectRecord& object) {
  return std::string(name(object.kind)) + '.' + object.name;
}

std::vector<FieldInfo> fields_of(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::certificate_template:
      return infos(template_fields(), built_in_templates()[2]);
    case ObjectKind::ra_profile:
      return infos(ra_profile_fields(), RaProfile{});
    case ObjectKind::cmp_profile:
      return infos(cmp_profile_fields(), CmpProfile{});
    case ObjectKind::trust_set:
      return infos(trust_set_fields(), TrustSet{});
    case ObjectKind::authority:
      return infos(authority_fields(), Authority{});
    case ObjectKind::subscriber:
      return infos(subscriber_fields(), Subscriber{});
    case ObjectKind::operator_account:
      break;
  }
  return infos(operator_fields(), Operator{});
}

std::vector<Problem> check_object(const ObjectRecord& object) {
  std::vector<Problem> out;
  if (!is_object_name(object.name))
    out.push_back({Problem::Weight::error, label(object),
                   "a name has 1 to 64 letters, digits, dots, hyphens and underscores, and begins "
                   "with no dot"});
  switch (object.kind) {
    case ObjectKind::certificate_template:
      check_fields(object, template_fields(), out);
      break;
    case ObjectKind::ra_profile:
      check_fields(object, ra_profile_fields(), out);
      break;
    case ObjectKind::cmp_profile:
      check_fields(object, cmp_profile_fields(), out);
      break;
    case ObjectKind::trust_set:
      check_fields(object, trust_set_fields(), out);
      break;
    case ObjectKind::operator_account:
      check_fields(object, operator_fields(), out);
      break;
    case ObjectKind::authority:
      check_fields(object, authority_fields(), out);
      break;
    case ObjectKind::subscriber:
      check_fields(object, subscriber_fields(), out);
      break;
  }
  return out;
}

}  // namespace countersign::enrol
