// Changes of what operators set, for whoever asks: the API, a command, a file. A change is saved
// only if the whole is sound with it; each leaves a row in the audit that says what it changed.
//
// Errors: "admin.unsound" (all that is wrong with it), "admin.in-use" (what depends on it),
// "admin.no-such-object", "admin.built-in", "store.conflict".
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "enrol/catalogue.h"
#include "enrol/object.h"
#include "ports/store.h"

namespace countersign::server {

class Administration {
 public:
  // `standard` is the CMP profile `default` of the configuration file.
  Administration(ports::Ledger& ledger, const enrol::CmpProfile& standard)
      : ledger_(ledger), standard_(standard) {}

  // By kind and name; those that are there by themselves too, as version 0.
  Result<std::vector<enrol::ObjectRecord>> all() const;
  Result<std::vector<enrol::ObjectRecord>> all(enrol::ObjectKind kind) const;
  // "admin.no-such-object"
  Result<enrol::ObjectRecord> find(enrol::ObjectKind kind, std::string_view name) const;
  // All its fields as they hold now; nullopt: it is not in use.
  Result<std::optional<enrol::Fields>> in_effect(const enrol::ObjectRecord& object) const;
  Result<std::vector<enrol::ObjectVersion>> history(enrol::ObjectKind kind,
                                                    std::string_view name) const;

  // All of them, or none. Gives back what is to be said of the result: warnings.
  Result<std::vector<enrol::Problem>> change(std::vector<enrol::ObjectChange> changes,
                                             const std::string& author, Time now);
  // What would come of it, without doing it: errors among the problems.
  Result<std::vector<enrol::Problem>> check(const std::vector<enrol::ObjectChange>& changes) const;

  Result<enrol::BuiltCatalogue> catalogue() const;

 private:
  std::vector<enrol::Problem> problems_of(const std::vector<enrol::ObjectRecord>& present,
                                          const std::vector<enrol::ObjectChange>& changes) const;

  ports::Ledger& ledger_;
  const enrol::CmpProfile& standard_;
};

// How one version differs from the one before, for people: "validity: 1y -> 90d".
std::string difference(const enrol::ObjectRecord* before, const enrol::ObjectRecord* after);

// What would make `present` the same as `wanted`. Versions are those of `present`.
enum class Missing { keep, remove };  // what is not among those wanted
std::vector<enrol::ObjectChange> changes_between(std::span<const enrol::ObjectRecord> present,
                                                 std::span<const enrol::ObjectRecord> wanted,
                                                 Missing missing);

}  // namespace countersign::server
