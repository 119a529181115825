#include "store/sqlite/devices.h"

#include "store/object_text.h"

#define DEVICE_COLUMNS                                                                     \
  "SELECT serial, version, state, model, group_name, mac, hostname, attributes, profile, " \
  "key_hash, certificate_hash, note, author, created, enrolled, good_until FROM devices "
#define PUT_DEVICE                                                                              \
  "INSERT INTO devices (serial, version, state, model, group_name, mac, hostname, attributes, " \
  "profile, key_hash, certificate_hash, note, author, created, enrolled, good_until) "          \
  "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (serial) DO UPDATE SET " \
  "version = excluded.version, state = excluded.state, model = excluded.model, "                \
  "group_name = excluded.group_name, mac = excluded.mac, hostname = excluded.hostname, "        \
  "attributes = excluded.attributes, profile = excluded.profile, "                              \
  "key_hash = excluded.key_hash, certificate_hash = excluded.certificate_hash, "                \
  "note = excluded.note, author = excluded.author, created = excluded.created, "                \
  "enrolled = excluded.enrolled, good_until = excluded.good_until"

namespace countersign::store::sqlite {
namespace {

using enrol::DeviceRecord;
using enrol::DeviceState;

constexpr char kFind[] = DEVICE_COLUMNS "WHERE serial = ?";
// A list each: the planner takes a partial index only where its condition stands in the query.
constexpr char kAll[] = DEVICE_COLUMNS "WHERE serial > ?1 ORDER BY serial LIMIT ?2";
constexpr char kOfState[] =
    DEVICE_COLUMNS "WHERE serial > ?1 AND state = ?3 AND state <> 1 ORDER BY serial LIMIT ?2";
constexpr char kEnrolled[] =
    DEVICE_COLUMNS "WHERE serial > ?1 AND state = 1 ORDER BY serial LIMIT ?2";
constexpr char kOfGroup[] = DEVICE_COLUMNS
    "WHERE serial > ?1 AND group_name = ?3 AND group_name <> '' ORDER BY serial LIMIT ?2";
constexpr char kOfGroupAndState[] = DEVICE_COLUMNS
    "WHERE serial > ?1 AND group_name = ?3 AND group_name <> '' AND state = ?4 "
    "ORDER BY serial LIMIT ?2";
constexpr char kVersion[] = "SELECT version FROM devices WHERE serial = ?";
constexpr char kRemove[] = "DELETE FROM devices WHERE serial = ?";
constexpr char kPut[] = PUT_DEVICE;
constexpr char kPutTold[] = PUT_DEVICE " WHERE devices.good_until IS NOT NULL";
constexpr char kEnrol[] =
    "UPDATE devices SET version = version + 1, enrolled = ?2, "
    "state = CASE state WHEN 0 THEN 1 ELSE state END WHERE serial = ?1 AND enrolled IS NULL";

std::string attributes_to_json(const DeviceRecord& device) {
  enrol::Fields fields;
  for (const auto& [name, value] : device.attributes) fields.emplace(name, value);
  return to_json(fields);
}

Result<DeviceRecord> read_device(const Row& row) {
  DeviceRecord device;
  device.serial = row.text(0);
  device.version = row.integer(1);
  device.state = static_cast<DeviceState>(row.integer(2));
  device.model = row.text(3);
  device.group = row.text(4);
  device.mac = row.text(5);
  device.hostname = row.text(6);
  const enrol::Fields attributes = TRY(fields_from_json(row.text(7)));
  for (const auto& [name, value] : attributes)
    if (const auto* text = std::get_if<std::string>(&value)) device.attributes.emplace(name, *text);
  device.profile = row.text(8);
  device.key_hash = row.blob(9);
  device.certificate_hash = row.blob(10);
  device.note = row.text(11);
  device.author = row.text(12);
  device.created = row.time_at(13);
  device.enrolled = row.maybe_time(14);
  device.good_until = row.maybe_time(15);
  return device;
}

Result<> put(WriteSession& session, const char* sql, const DeviceRecord& d, std::int64_t version) {
  return session.database.run(sql, d.serial, version, static_cast<std::int64_t>(d.state), d.model,
                              d.group, d.mac, d.hostname, attributes_to_json(d), d.profile,
                              d.key_hash, d.certificate_hash, d.note, d.author, d.created,
                              d.enrolled, d.good_until);
}

}  // namespace

Result<std::optional<DeviceRecord>> find_device(Database& database, std::string_view serial) {
  std::optional<DeviceRecord> found;
  const auto on_row = [&](const Row& row) -> Result<> {
    found = TRY(read_device(row));
    return {};
  };
  TRY(database.each(kFind, on_row, serial));
  return found;
}

Result<std::vector<DeviceRecord>> list_devices(Database& database,
                                               const ports::Ledger::DeviceFilter& filter) {
  std::vector<DeviceRecord> all;
  const auto on_row = [&](const Row& row) -> Result<> {
    all.push_back(TRY(read_device(row)));
    return {};
  };
  const auto most = static_cast<std::int64_t>(filter.most);
  const auto state = static_cast<std::int64_t>(filter.state.value_or(DeviceState::expected));
  if (filter.group && filter.state)
    TRY(database.each(kOfGroupAndState, on_row, filter.after, most, *filter.group, state));
  else if (filter.group)
    TRY(database.each(kOfGroup, on_row, filter.after, most, *filter.group));
  else if (!filter.state)
    TRY(database.each(kAll, on_row, filter.after, most));
  else if (*filter.state == DeviceState::enrolled)
    TRY(database.each(kEnrolled, on_row, filter.after, most));
  else
    TRY(database.each(kOfState, on_row, filter.after, most, state));
  return all;
}

Result<> change_device(WriteSession& session, const ports::Ledger::DeviceChange& change) {
  const DeviceRecord& device = change.device;
  if (TRY(session.database.number(kVersion, device.serial)).value_or(0) != device.version)
    return fail(Failure::systemUnavail, "store.conflict",
                "the device " + device.serial +
                    " was changed by somebody else meanwhile; look again and repeat");
  if (change.action == enrol::ObjectAction::remove)
    return session.database.run(kRemove, device.serial);
  return put(session, kPut, device, device.version + 1);
}

Result<> enrol_device(WriteSession& session, const ports::DeviceEnrolment& enrolment) {
  return session.database.run(kEnrol, enrolment.serial, enrolment.at);
}

Result<> put_told_device(WriteSession& session, const DeviceRecord& device) {
  const auto stored = TRY(session.database.number(kVersion, device.serial)).value_or(0);
  return put(session, kPutTold, device, stored + 1);
}

}  // namespace countersign::store::sqlite
