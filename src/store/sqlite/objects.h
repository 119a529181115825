// The rows of the tables `objects` and `object_history`. Functions that write belong in a writer's
// job. Errors: those of database.h; store.object-format; store.conflict.
#pragma once

#include "ports/store.h"
#include "store/sqlite/writer.h"

namespace countersign::store::sqlite {

Result<std::vector<enrol::ObjectRecord>> list_objects(Database& database);
Result<std::vector<enrol::ObjectVersion>> list_object_history(Database& database,
                                                              enrol::ObjectKind kind,
                                                              std::string_view name);
// "store.conflict" unless these, and no others, are there, in these versions.
Result<> check_objects_are(Database& database, const std::vector<enrol::ObjectRecord>& seen);
Result<> change_object(WriteSession& session, const enrol::ObjectChange& change);

}  // namespace countersign::store::sqlite
