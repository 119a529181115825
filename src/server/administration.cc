#include "server/administration.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <tuple>

#include "server/officer.h"

namespace countersign::server {
namespace {

using enrol::ObjectAction;
using enrol::ObjectChange;
using enrol::ObjectKind;
using enrol::ObjectRecord;
using enrol::Problem;

const ObjectRecord* find_in(std::span<const ObjectRecord> all, const ObjectRecord& like) {
  for (const ObjectRecord& one : all)
    if (one.kind == like.kind && one.name == like.name) return &one;
  return nullptr;
}

std::vector<ObjectRecord> with(std::vector<ObjectRecord> all,
                               const std::vector<ObjectChange>& changes) {
  for (const ObjectChange& change : changes) {
    std::erase_if(all, [&](const ObjectRecord& one) {
      return one.kind == change.object.kind && one.name == change.object.name;
    });
    if (change.action == ObjectAction::save) all.push_back(change.object);
  }
  return all;
}

// What secrets and tokens were made for is no object, and is named by them all the same.
Result<std::set<std::string>> secrets_for(ports::Ledger& ledger, const ObjectRecord& object,
                                          const enrol::Catalogue& after, Time now) {
  std::set<std::string> out;
  const bool profile = object.kind == ObjectKind::ra_profile && !after.ra_profile(object.name);
  const bool endpoint = object.kind == ObjectKind::cmp_profile && !after.endpoint(object.name);
  const bool subscriber = object.kind == ObjectKind::subscriber;
  if (!profile && !endpoint && !subscriber) return out;
  const auto is_over = [&](const auto& known) {
    return known.uses_left == 0 || (known.expires && now >= *known.expires);
  };
  for (const auto& credential : TRY(ledger.credentials())) {
    if (is_over(credential)) continue;
    const std::string& named = profile    ? credential.profile
                               : endpoint ? credential.cmp_profile
                                          : credential.subscriber;
    if (named == object.name) out.insert("the secret " + credential.reference);
  }
  if (profile)
    for (const auto& token : TRY(ledger.tokens()))
      if (token.profile == object.name && !is_over(token))
        out.insert("the token " + token_id(token));
  return out;
}

std::string listed(const std::set<std::string>& lines) {
  constexpr std::size_t kMost = 20;
  std::string out;
  std::size_t count = 0;
  for (const std::string& line : lines)
    if (count++ < kMost) out += (out.empty() ? "" : "; ") + line;
  if (count > kMost) out += "; and " + std::to_string(count - kMost) + " more";
  return out;
}

Result<> check_unused(ports::Ledger& ledger, const std::vector<ObjectRecord>& after,
                      const enrol::Catalogue& catalogue, const std::vector<ObjectChange>& changes,
                      Time now) {
  for (const ObjectChange& change : changes) {
    if (change.action != ObjectAction::remove) continue;
    if (change.object.version == 0)
      return fail(Failure::systemFailure, "admin.built-in",
                  label(change.object) +
                      " was set by nobody: it is there by itself, and can be disabled or changed");
    auto users = TRY(secrets_for(ledger, change.object, catalogue, now));
    for (auto& user : enrol::dependents(after, change.object.kind, change.object.name))
      users.insert(std::move(user));
    if (!users.empty())
      return fail(Failure::systemFailure, "admin.in-use",
                  label(change.object) + " is named by " + listed(users) +
                      "; change or remove these first");
  }
  return {};
}

std::string line_of(const Problem& p) { return p.path + ": " + p.what; }

std::set<std::string> errors_of(const std::vector<Problem>& problems) {
  std::set<std::string> out;
  for (const Problem& p : problems)
    if (p.weight == Problem::Weight::error) out.insert(line_of(p));
  return out;
}

bool is_of_one(const Problem& p, const std::vector<ObjectChange>& changes) {
  return std::ranges::any_of(changes, [&](const ObjectChange& change) {
    return p.path.starts_with(label(change.object) + '.');
  });
}

enrol::AuditRow row_of(const ObjectChange& change, const ObjectRecord* before,
                       const std::string& author, Time now) {
  const bool removed = change.action == ObjectAction::remove;
  enrol::AuditRow row;
  row.at = now;
  row.event = removed ? "config-removed" : before == nullptr ? "config-added" : "config-changed";
  row.sender = author;
  row.subject = label(change.object);
  row.detail = difference(before, removed ? nullptr : &change.object);
  return row;
}

}  // namespace

Result<std::vector<ObjectRecord>> Administration::all() const {
  auto out = TRY(ledger_.objects());
  std::ranges::move(enrol::by_themselves(out), std::back_inserter(out));
  std::ranges::sort(out, {}, [](const ObjectRecord& o) { return std::tie(o.kind, o.name); });
  return out;
}

Result<std::vector<ObjectRecord>> Administration::all(ObjectKind kind) const {
  auto out = TRY(all());
  std::erase_if(out, [&](const ObjectRecord& one) { return one.kind != kind; });
  return out;
}

Result<ObjectRecord> Administration::find(ObjectKind kind, std::string_view name) const {
  for (ObjectRecord& one : TRY(all(kind)))
    if (one.name == name) return std::move(one);
  return fail(Failure::systemFailure, "admin.no-such-object",
              "there is no " + std::string(enrol::name(kind)) + ' ' + std::string(name));
}

Result<std::optional<enrol::Fields>> Administration::in_effect(const ObjectRecord& object) const {
  const auto built = TRY(catalogue());
  return enrol::in_effect(*built.catalogue, object);
}

Result<std::vector<enrol::ObjectVersion>> Administration::history(ObjectKind kind,
                                                                  std::string_view name) const {
  return ledger_.object_history(kind, name);
}

Result<enrol::BuiltCatalogue> Administration::catalogue() const {
  return enrol::build_catalogue(standard_, TRY(ledger_.objects()));
}

Result<std::vector<Problem>> Administration::check(const std::vector<ObjectChange>& changes) const {
  return problems_of(TRY(ledger_.objects()), changes);
}

std::vector<Problem> Administration::problems_of(const std::vector<ObjectRecord>& present,
                                                 const std::vector<ObjectChange>& changes) const {
  auto problems = enrol::build_catalogue(standard_, with(present, changes)).problems;
  // What was so before is nothing that these changes brought: who saves one thing is not told of
  // all others.
  std::set<std::string> before;
  for (const Problem& p : enrol::build_catalogue(standard_, present).problems)
    before.insert(line_of(p));
  std::erase_if(problems, [&](const Problem& p) {
    const bool stands_there = p.weight == Problem::Weight::warning && is_of_one(p, changes);
    return !stands_there && before.contains(line_of(p));
  });
  return problems;
}

Result<std::vector<Problem>> Administration::change(std::vector<ObjectChange> changes,
                                                    const std::string& author, Time now) {
  const auto present = TRY(ledger_.objects());  // what all of this is decided by
  const auto after = with(present, changes);
  const auto catalogue = enrol::build_catalogue(standard_, after).catalogue;
  TRY(check_unused(ledger_, after, *catalogue, changes, now));
  auto problems = problems_of(present, changes);
  if (const auto errors = errors_of(problems); !errors.empty())
    return fail(Failure::systemFailure, "admin.unsound", listed(errors));
  std::vector<enrol::AuditRow> rows;
  for (ObjectChange& change : changes) {
    change.object.author = author;
    change.object.changed = now;
    rows.push_back(row_of(change, find_in(present, change.object), author, now));
  }
  if (!changes.empty()) TRY(ledger_.change_objects(changes, rows, present));
  return problems;
}

std::string difference(const ObjectRecord* before, const ObjectRecord* after) {
  std::string out;
  const auto add = [&](const std::string& line) { out += (out.empty() ? "" : "; ") + line; };
  const auto enabled = [](const ObjectRecord& o) { return o.enabled ? "enabled" : "disabled"; };
  if (before == nullptr && after != nullptr) add(enabled(*after));
  if (before != nullptr && after != nullptr && before->enabled != after->enabled)
    add(enabled(*after));
  static const enrol::Fields none;
  const auto& was = before != nullptr ? before->fields : none;
  const auto& is = after != nullptr ? after->fields : none;
  for (const auto& [field, value] : was) {
    const auto now = is.find(field);
    if (now == is.end())
      add(field + ": " + enrol::shown(value) + " -> not set");
    else if (now->second != value)
      add(field + ": " + enrol::shown(value) + " -> " + enrol::shown(now->second));
  }
  for (const auto& [field, value] : is)
    if (!was.contains(field)) add(field + ": " + enrol::shown(value));
  return out;
}

std::vector<ObjectChange> changes_between(std::span<const ObjectRecord> present,
                                          std::span<const ObjectRecord> wanted, Missing missing) {
  std::vector<ObjectChange> out;
  for (const ObjectRecord& one : wanted) {
    const ObjectRecord* now = find_in(present, one);
    if (now != nullptr && now->fields == one.fields && now->enabled == one.enabled) continue;
    ObjectChange change{one, ObjectAction::save};
    change.object.version = now != nullptr ? now->version : 0;
    out.push_back(std::move(change));
  }
  if (missing == Missing::keep) return out;
  for (const ObjectRecord& one : present)
    if (find_in(wanted, one) == nullptr) out.push_back({one, ObjectAction::remove});
  return out;
}

}  // namespace countersign::server
