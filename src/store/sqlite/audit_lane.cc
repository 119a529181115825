#include "store/sqlite/audit_lane.h"

#include "crypto/digest.h"

namespace countersign::store::sqlite {
namespace {

constexpr std::size_t kLaneIdSize = 16;

// ---- what is hashed and what is MAC'd

void put(Bytes& to, std::int64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8)
    to.push_back(static_cast<Byte>(static_cast<std::uint64_t>(value) >> shift));
}

void put(Bytes& to, View octets) {
  put(to, static_cast<std::int64_t>(octets.size()));
  append(to, octets);
}

Bytes first_hash(View lane_id, Time started_at) {
  Bytes all;
  put(all, view("countersign audit lane 1"));
  put(all, lane_id);
  put(all, to_unix(started_at));
  return crypto::sha256(all);
}

Bytes row_hash(View lane_id, std::int64_t sequence, View previous, const enrol::AuditRow& row) {
  Bytes all;
  all.reserve(512);
  put(all, view("countersign audit row 1"));
  put(all, lane_id);
  put(all, sequence);
  put(all, previous);
  put(all, to_unix(row.at));
  for (const std::string* field : {&row.event, &row.transaction, &row.sender, &row.subject,
                                   &row.serial, &row.code, &row.detail})
    put(all, view(*field));
  return crypto::sha256(all);
}

Bytes head_data(View lane_id, Time started_at, const AuditHead& head) {
  Bytes all;
  put(all, lane_id);
  put(all, to_unix(started_at));
  put(all, head.lane);
  put(all, head.rows);
  put(all, head.hash);
  return all;
}

Bytes census_data(std::int64_t lanes) {
  Bytes all;
  put(all, lanes);
  return all;
}

// ---- the census

struct Census {
  std::int64_t lanes = 0;
  bool authentic = false;
};

Result<Census> read_census(Database& database, const Vault& vault) {
  Census census;
  int rows = 0;
  TRY(database.each("SELECT lane_count, mac FROM audit_census", [&](const Row& row) {
    ++rows;
    census.lanes = row.integer(0);
    census.authentic = vault.mac_matches("audit-census", census_data(census.lanes), row.octets(1));
  }));
  census.authentic &= rows == 1;
  return census;
}

}  // namespace

Result<> start_census(Database& database, const Vault& vault) {
  TRY(database.run("INSERT INTO audit_census (lane_count, mac) VALUES (0, ?)",
                   vault.mac("audit-census", census_data(0))));
  return {};
}

// ---- writing

Result<AuditLane> AuditLane::make(const Vault& vault, Entropy& entropy, Time opened_at) {
  Bytes id(kLaneIdSize);
  TRY(entropy.fill(id));
  return AuditLane(vault, std::move(id), opened_at);
}

Result<AuditHead> AuditLane::open_lane(Database& database) const {
  const Census census = TRY(read_census(database, *vault_));
  const std::int64_t highest =
      TRY(database.number("SELECT max(number) FROM audit_lanes")).value_or(0);
  AuditHead head{std::max(census.lanes, highest) + 1, 0, first_hash(id_, opened_at_)};
  TRY(
      database.run("INSERT INTO audit_lanes (number, id, started_at, row_count, head, mac) "
                   "VALUES (?, ?, ?, 0, ?, x'')",
                   head.lane, id_, opened_at_, head.hash));
  // A census that somebody else wrote stays without a valid MAC, so that verifying keeps telling.
  const bool sound = census.authentic && census.lanes == highest;
  TRY(database.run("UPDATE audit_census SET lane_count = ?, mac = ?", head.lane,
                   sound ? vault_->mac("audit-census", census_data(head.lane)) : Bytes()));
  return head;
}

Result<> AuditLane::append(Database& database, AuditHead& head, const enrol::AuditRow& row) const {
  if (head.lane == 0) head = TRY(open_lane(database));
  const std::int64_t sequence = head.rows + 1;
  Bytes hash = row_hash(id_, sequence, head.hash, row);
  TRY(
      database.run("INSERT INTO audit (lane, sequence, at, event, transaction_id, sender, subject, "
                   "serial, code, detail, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                   head.lane, sequence, row.at, row.event, row.transaction, row.sender, row.subject,
                   row.serial, row.code, row.detail, hash));
  head.rows = sequence;
  head.hash = std::move(hash);
  return {};
}

Result<> AuditLane::seal(Database& database, const AuditHead& head) const {
  TRY(database.run("UPDATE audit_lanes SET row_count = ?, head = ?, mac = ? WHERE number = ?",
                   head.rows, head.hash,
                   vault_->mac("audit-head", head_data(id_, opened_at_, head)), head.lane));
  return {};
}

// ---- verifying

namespace {

std::unexpected<Error> broken(std::int64_t lane, std::int64_t sequence, const std::string& what) {
  return fail(Failure::systemFailure, "store.audit-broken",
              "the audit is broken in lane " + std::to_string(lane) + ", row " +
                  std::to_string(sequence) + ": " + what);
}

struct Lane {
  Bytes id;
  Time started_at{};
  AuditHead head;  // as the database has it
};

Result<std::vector<Lane>> read_lanes(Database& database, const Vault& vault) {
  std::vector<Lane> lanes;
  const auto on_lane = [&](const Row& row) -> Result<> {
    Lane lane{row.blob(1), row.time_at(2), {row.integer(0), row.integer(3), row.blob(4)}};
    const auto expected = static_cast<std::int64_t>(lanes.size()) + 1;
    if (lane.head.lane != expected) return broken(expected, 0, "the lane is missing");
    const Bytes data = head_data(lane.id, lane.started_at, lane.head);
    if (!vault.mac_matches("audit-head", data, row.octets(5)))
      return broken(lane.head.lane, lane.head.rows, "the lane's head was changed");
    lanes.push_back(std::move(lane));
    return {};
  };
  TRY(
      database.each("SELECT number, id, started_at, row_count, head, mac FROM audit_lanes "
                    "ORDER BY number",
                    on_lane));
  const Census census = TRY(read_census(database, vault));
  const auto found = static_cast<std::int64_t>(lanes.size());
  if (!census.authentic)
    return broken(found, 0, "the count of lanes was changed, or a lane was removed before");
  if (census.lanes != found) return broken(found + 1, 0, "the lane is missing");
  return lanes;
}

Result<> verify_lane(Database& database, const Lane& lane) {
  std::int64_t sequence = 0;
  Bytes hash = first_hash(lane.id, lane.started_at);
  const auto on_row = [&](const Row& row) -> Result<> {
    const std::int64_t at = row.integer(0);
    if (at > lane.head.rows) return broken(lane.head.lane, at, "the row was put in");
    if (at != ++sequence)
      return broken(lane.head.lane, sequence,
                    at < sequence ? "the row was put in" : "the row was removed");
    const enrol::AuditRow fields{row.time_at(1), row.text(2), row.text(3), row.text(4),
                                 row.text(5),    row.text(6), row.text(7), row.text(8)};
    hash = row_hash(lane.id, sequence, hash, fields);
    if (!equal(hash, row.octets(9))) return broken(lane.head.lane, sequence, "the row was changed");
    return {};
  };
  TRY(
      database.each("SELECT sequence, at, event, transaction_id, sender, subject, serial, code, "
                    "detail, hash FROM audit WHERE lane = ? ORDER BY sequence",
                    on_row, lane.head.lane));
  if (sequence < lane.head.rows) return broken(lane.head.lane, sequence + 1, "the row was removed");
  if (!equal(hash, lane.head.hash)) return broken(lane.head.lane, sequence, "the row was changed");
  return {};
}

}  // namespace

Result<> sign_audit_anew(Database& database, const Vault& from, const Vault& to) {
  const Census census = TRY(read_census(database, from));
  if (census.authentic)
    TRY(database.run("UPDATE audit_census SET mac = ?",
                     to.mac("audit-census", census_data(census.lanes))));
  std::vector<std::pair<std::int64_t, Bytes>> anew;
  const auto on_lane = [&](const Row& row) {
    const AuditHead head{row.integer(0), row.integer(3), row.blob(4)};
    const Bytes data = head_data(row.octets(1), row.time_at(2), head);
    if (from.mac_matches("audit-head", data, row.octets(5)))
      anew.emplace_back(head.lane, to.mac("audit-head", data));
  };
  TRY(database.each("SELECT number, id, started_at, row_count, head, mac FROM audit_lanes",
                    on_lane));
  for (const auto& [lane, mac] : anew)
    TRY(database.run("UPDATE audit_lanes SET mac = ? WHERE number = ?", mac, lane));
  return {};
}

Result<std::int64_t> verify_audit(Database& database, const Vault& vault) {
  const std::vector<Lane> lanes = TRY(read_lanes(database, vault));
  std::int64_t rows = 0;
  for (const Lane& lane : lanes) {
    TRY(verify_lane(database, lane));
    rows += lane.head.rows;
  }
  const auto known = static_cast<std::int64_t>(lanes.size());
  const auto stray =
      TRY(database.number("SELECT min(lane) FROM audit WHERE lane NOT BETWEEN 1 AND ?", known));
  if (stray) return broken(*stray, 1, "the row was put in: there is no such lane");
  return rows;
}

}  // namespace countersign::store::sqlite
