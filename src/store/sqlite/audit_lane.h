// The audit: one hash chain per lane. A lane is one opened store, so that no two processes ever
// wait for each other's head.
//
//   hash(row n) = SHA-256(lane id, n, hash(row n-1), the row's fields, each with its length)
//
// The lane's row holds the count, the last hash and a MAC of both under the vault, the census how
// many lanes there are: so a row that was changed, put in, taken out or cut off the end is noticed,
// and so is a lane that is gone. Not noticed, and left to checkpoints kept elsewhere: a whole
// database put back to an earlier state, and what the holder of the store key writes.
#pragma once

#include "enrol/records.h"
#include "store/sqlite/database.h"
#include "store/vault.h"

namespace countersign::store::sqlite {

// Where a lane ends. A value: a commit extends a copy, which replaces the head once it is durable.
struct AuditHead {
  std::int64_t lane = 0;  // 0: the lane has no row yet, nor has the database heard of it
  std::int64_t rows = 0;
  Bytes hash;
};

class AuditLane {
 public:
  // The Vault must outlive the lane.
  static Result<AuditLane> make(const Vault& vault, Entropy& entropy, Time opened_at);

  // Both within the caller's transaction. append() makes the lane with its first row; seal() is
  // called once before COMMIT when the head has moved.
  Result<> append(Database& database, AuditHead& head, const enrol::AuditRow& row) const;
  Result<> seal(Database& database, const AuditHead& head) const;

 private:
  AuditLane(const Vault& vault, Bytes id, Time opened_at) noexcept
      : vault_(&vault), id_(std::move(id)), opened_at_(opened_at) {}
  Result<AuditHead> open_lane(Database& database) const;

  const Vault* vault_;
  Bytes id_;
  Time opened_at_;
};

// For a database that was just made.
Result<> start_census(Database& database, const Vault& vault);

// With the vault of another store key from now on. What was broken under the old one stays so.
Result<> sign_audit_anew(Database& database, const Vault& from, const Vault& to);

// Walks every lane from its first row, in the caller's read transaction. The number of rows, or
// "store.audit-broken" with lane, row and what is wrong with it.
Result<std::int64_t> verify_audit(Database& database, const Vault& vault);

}  // namespace countersign::store::sqlite
