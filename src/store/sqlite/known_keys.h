// Which keys the database may hold: a Bloom filter over the keys that look-ups name. Nearly all
// that a first message names does not exist, and what this says no to needs no query.
//
// Keys are added before the commit that stores them and never removed, so no is always true. It is
// right while one process at a time commits certificates, transactions and replies. Thread-safe,
// without a lock. An attacker who makes keys collide gains a query.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "ports/store.h"
#include "store/sqlite/database.h"

namespace countersign::store::sqlite {

class KnownKeys {
 public:
  // Sized for twice what the database holds, and for 75,000 enrolments at least (2 MiB). With more
  // it says yes too often, until the next start.
  static Result<std::unique_ptr<KnownKeys>> of(Database& database);

  void add(const ports::Commit& commit);
  // Without what is not there.
  ports::Lookup narrowed(ports::Lookup lookup) const;

 private:
  enum class Kind : std::uint64_t { digest = 1, transaction, serial, key_hash, key_id };
  struct Place {
    std::size_t word;
    std::uint64_t bits;
  };

  explicit KnownKeys(std::size_t keys);
  Place place(Kind kind, View key) const noexcept;
  void add(Kind kind, View key) noexcept;
  bool may_have(Kind kind, View key) const noexcept;

  std::vector<std::atomic<std::uint64_t>> words_;
};

}  // namespace countersign::store::sqlite
