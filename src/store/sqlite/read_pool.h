// Read connections, one for each read that goes on at the same time; kept for the next one.
// Safe for use by several threads. Errors: those of database.h.
#pragma once

#include <mutex>
#include <vector>

#include "store/sqlite/database.h"

namespace countersign::store::sqlite {

class ReadPool {
 public:
  ReadPool(std::string file, Patience patience) : file_(std::move(file)), patience_(patience) {}

  // Runs `read(Database&)`, which returns a Result, on one snapshot of the database.
  template <class Read>
  std::invoke_result_t<Read, Database&> read(Read read) {
    Database database = TRY(take());
    TRY(database.run("BEGIN"));
    auto outcome = read(database);
    TRY(database.run("COMMIT"));
    give_back(std::move(database));  // one that failed is closed instead
    return outcome;
  }

 private:
  Result<Database> take() {
    {
      const std::lock_guard lock(mutex_);
      if (!free_.empty()) {
        Database database = std::move(free_.back());
        free_.pop_back();
        return database;
      }
    }
    return Database::open(file_, Database::Access::read, patience_);
  }
  void give_back(Database database) {
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(database));
  }

  const std::string file_;
  const Patience patience_;
  std::mutex mutex_;
  std::vector<Database> free_;
};

}  // namespace countersign::store::sqlite
