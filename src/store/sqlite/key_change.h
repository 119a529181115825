// Another store key: every sealed value of the database sealed anew, and the audit signed anew, in
// one transaction. The order, so that a data folder opens after a kill at any point:
//   1. the next key lies beside the present one (create_next_store_key), durable;
//   2. change_store_key() commits: from here on the next key fits, and the present one does not;
//   3. the next key takes the present one's name (adopt_next_store_key).
// Who opens a folder with two keys takes the one that fits, and ends what was begun.
//
// Values are read and written 500 at a time. Errors: those of database.h, crypto.seal-broken,
// store.key-…
#pragma once

#include "enrol/records.h"
#include "store/data_folder.h"
#include "store/sqlite/database.h"
#include "store/store_key.h"

namespace countersign::store::sqlite {

// Of a database that nobody has open, of the newest schema (SqliteStore::open sees to that). `row`
// goes into the audit with it. How many values were sealed anew.
Result<std::int64_t> change_store_key(const std::string& file, const Secret& present,
                                      const Secret& next, Entropy& entropy,
                                      const enrol::AuditRow& row);

// read_store_key(), after a rotation was ended that was cut off. `folder` is open.
Result<StoreKey> settled_store_key(const DataFolder& folder, const std::string& credentials,
                                   Entropy& entropy);

}  // namespace countersign::store::sqlite
