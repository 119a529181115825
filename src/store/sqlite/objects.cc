#include "store/sqlite/objects.h"

#include <set>
#include <tuple>

#include "store/object_text.h"

namespace countersign::store::sqlite {
namespace {

using enrol::ObjectAction;
using enrol::ObjectRecord;

constexpr char kList[] =
    "SELECT kind, name, version, enabled, fields, author, changed FROM objects ORDER BY kind, name";
constexpr char kHistory[] =
    "SELECT kind, name, version, enabled, fields, author, changed, removed FROM object_history "
    "WHERE kind = ? AND name = ? ORDER BY version DESC";
constexpr char kVersions[] = "SELECT kind, name, version FROM objects";
constexpr char kVersion[] = "SELECT version FROM objects WHERE kind = ? AND name = ?";
constexpr char kLastVersion[] =
    "SELECT max(version) FROM object_history WHERE kind = ? AND name = ?";
constexpr char kRemove[] = "DELETE FROM objects WHERE kind = ? AND name = ?";
constexpr char kPut[] =
    "INSERT INTO objects (kind, name, version, enabled, fields, author, changed) "
    "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (kind, name) DO UPDATE SET "
    "version = excluded.version, enabled = excluded.enabled, fields = excluded.fields, "
    "author = excluded.author, changed = excluded.changed";
constexpr char kRemember[] =
    "INSERT INTO object_history (kind, name, version, enabled, fields, author, changed, removed) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)";

// Nullopt: of a kind that a newer program knows.
Result<std::optional<ObjectRecord>> read_object(const Row& row) {
  const auto kind = enrol::object_kind(row.text(0));
  if (!kind) return std::optional<ObjectRecord>{};
  return ObjectRecord{*kind,
                      row.text(1),
                      row.integer(2),
                      row.integer(3) != 0,
                      TRY(fields_from_json(row.text(4))),
                      row.text(5),
                      row.time_at(6)};
}

}  // namespace

Result<std::vector<ObjectRecord>> list_objects(Database& database) {
  std::vector<ObjectRecord> all;
  TRY(database.each(kList, [&](const Row& row) -> Result<> {
    if (auto object = TRY(read_object(row))) all.push_back(std::move(*object));
    return {};
  }));
  return all;
}

Result<std::vector<enrol::ObjectVersion>> list_object_history(Database& database,
                                                              enrol::ObjectKind kind,
                                                              std::string_view name) {
  std::vector<enrol::ObjectVersion> all;
  const auto on_row = [&](const Row& row) -> Result<> {
    if (auto object = TRY(read_object(row)))
      all.push_back(
          {std::move(*object), row.integer(7) != 0 ? ObjectAction::remove : ObjectAction::save});
    return {};
  };
  TRY(database.each(kHistory, on_row, enrol::name(kind), name));
  return all;
}

Result<> check_objects_are(Database& database, const std::vector<ObjectRecord>& seen) {
  std::set<std::tuple<std::string, std::string, std::int64_t>> present, expected;
  TRY(database.each(kVersions, [&](const Row& row) {
    present.emplace(row.text(0), row.text(1), row.integer(2));
  }));
  for (const ObjectRecord& o : seen) expected.emplace(enrol::name(o.kind), o.name, o.version);
  if (present == expected) return {};
  return fail(Failure::systemUnavail, "store.conflict",
              "somebody else changed what operators set at the same time; look again and repeat");
}

Result<> change_object(WriteSession& session, const enrol::ObjectChange& change) {
  auto& database = session.database;
  const ObjectRecord& o = change.object;
  const std::string_view kind = enrol::name(o.kind);
  if (TRY(database.number(kVersion, kind, o.name)).value_or(0) != o.version)
    return fail(Failure::systemUnavail, "store.conflict",
                label(o) + " was changed by somebody else meanwhile; look again and repeat",
                label(o));
  const std::int64_t next = TRY(database.number(kLastVersion, kind, o.name)).value_or(0) + 1;
  const std::string fields = to_json(o.fields);
  const bool removed = change.action == ObjectAction::remove;
  if (removed)
    TRY(database.run(kRemove, kind, o.name));
  else
    TRY(database.run(kPut, kind, o.name, next, int{o.enabled}, fields, o.author, o.changed));
  TRY(database.run(kRemember, kind, o.name, next, int{o.enabled}, fields, o.author, o.changed,
                   int{removed}));
  session.note_change();
  return {};
}

}  // namespace countersign::store::sqlite
