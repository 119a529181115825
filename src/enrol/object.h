// What an operator sets beside the configuration file, and may change while the server runs: named
// objects of a few kinds, each a set of fields. A store keeps every version of them.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "enrol/field.h"

namespace countersign::enrol {

enum class ObjectKind : Byte {
  certificate_template,
  ra_profile,
  cmp_profile,
  trust_set,
  operator_account,
  authority,
  subscriber,
};
// As files, paths and the store name them.
inline constexpr std::array<std::string_view, 7> kObjectKinds = {
    "template", "ra_profile", "cmp_profile", "trust_set", "operator", "authority", "subscriber"};
constexpr std::string_view name(ObjectKind kind) noexcept {
  return kObjectKinds[static_cast<std::size_t>(kind)];
}
std::optional<ObjectKind> object_kind(std::string_view name) noexcept;

struct ObjectRecord {
  ObjectKind kind{};
  std::string name;
  std::int64_t version = 0;  // grows with each change, a removal too; 0: never stored
  bool enabled = true;
  Fields fields;  // those that were set; the others are as they are by themselves
  std::string author;
  Time changed{};
};

// "ra_profile.factory", for sentences.
std::string label(const ObjectRecord& object);

enum class ObjectAction : Byte { save, remove };
struct ObjectChange {
  ObjectRecord object;  // its version is what it was read with: the guard
  ObjectAction action = ObjectAction::save;
};
// One version of the past, newest first in a history. `fields` are those after the change.
struct ObjectVersion {
  ObjectRecord object;
  ObjectAction action = ObjectAction::save;
};

// What stands in the tables of a kind, for references and for checks.
struct FieldInfo {
  std::string_view name, fits, meaning;
  FieldValue standard;
};
std::vector<FieldInfo> fields_of(ObjectKind kind);

// Something that is wrong with the objects, or is to be said of them.
struct Problem {
  enum class Weight { error, warning } weight = Weight::error;
  std::string path;  // "cmp_profile.line1.default_ra_profile"
  std::string what;  // and what would fit
};

// Name and fields, each alone; what they refer to is for build_catalogue().
std::vector<Problem> check_object(const ObjectRecord& object);

}  // namespace countersign::enrol
