#include "server/device_registry.h"

#include <set>

#include "server/csv.h"

namespace countersign::server {
namespace {

using enrol::DeviceRecord;
using enrol::DeviceState;
using enrol::ObjectAction;
using Change = ports::Ledger::DeviceChange;

constexpr std::size_t kStep = 500;  // devices in one commit

enrol::AuditRow row_of(const RegistryClerk& clerk, std::string event, const DeviceRecord& device) {
  enrol::AuditRow row;
  row.at = clerk.now;
  row.event = std::move(event);
  row.sender = "operator:" + clerk.author;
  row.subject = device.serial;
  if (device.state == DeviceState::blocked) row.detail = "blocked";
  if (!device.group.empty())
    row.detail += (row.detail.empty() ? "group " : ", group ") + device.group;
  return row;
}

std::string event_of(const DeviceRecord& device) {
  return device.version == 0 ? "device-added" : "device-changed";
}

Result<> check_profile(const RegistryClerk& clerk, const DeviceRecord& device) {
  if (device.profile.empty() || clerk.catalogue.ra_profile(device.profile) != nullptr) return {};
  std::string known;
  for (const auto& [name, profile] : clerk.catalogue.ra_profiles())
    (known += known.empty() ? "" : ", ") += name;
  return fail(Failure::systemFailure, "device.value",
              "there is no RA profile " + device.profile + "; there are " + known);
}

// As it is to be saved in the place of `before`; null: there is none.
DeviceRecord entered(const RegistryClerk& clerk, DeviceRecord device, const DeviceRecord* before) {
  device.author = clerk.author;
  device.good_until.reset();
  device.version = before != nullptr ? before->version : 0;
  device.created = before != nullptr ? before->created : clerk.now;
  device.enrolled = before != nullptr ? before->enrolled : std::nullopt;
  if (device.state != DeviceState::blocked) device.state = enrol::unblocked(device);
  return device;
}

// ---- CSV

Result<> check_columns(const CsvReader& in) {
  bool named = false;
  DeviceRecord trial;
  for (const std::string& name : in.names()) {
    if (name == "serial")
      named = true;
    else
      TRY(enrol::set_field(trial, name, ""));
  }
  if (named) return {};
  return fail(Failure::systemFailure, "server.csv",
              "the first line must name the column serial; it may name model, group, mac, "
              "hostname, profile, key, certificate, note and attributes.NAME beside");
}

class Import {
 public:
  Import(const RegistryClerk& clerk, const ImportRules& rules, const OnBroken& on_broken)
      : clerk_(clerk), rules_(rules), on_broken_(on_broken) {}

  Result<> look_at(CsvReader in) {
    std::set<std::string, std::less<>> taken;
    while (const auto row = in.next()) {
      ++count_.rows;
      auto device = read(*row);
      if (device && !taken.insert(device->serial).second)
        device = fail(Failure::systemFailure, "device.value",
                      "another row has the serial " + device->serial + ", too");
      if (device && rules_.present == ImportRules::Present::refuse &&
          TRY(clerk_.ledger.device(device->serial)))
        device = fail(Failure::systemFailure, "device.value",
                      "the device " + device->serial + " is in the registry already");
      if (device) continue;
      ++count_.broken;
      broken_.insert(row->line);
      on_broken_(row->line, device.error().reply_text);
    }
    return {};
  }

  Result<> save(CsvReader in) {
    std::vector<Change> changes;
    while (const auto row = in.next()) {
      if (broken_.contains(row->line)) continue;
      auto device = TRY(read(*row));
      const auto before = TRY(clerk_.ledger.device(device.serial));
      // An entry that is blocked is not let in again by a file.
      if (before) device.state = before->state;
      changes.push_back({entered(clerk_, std::move(device), before ? &*before : nullptr)});
      if (changes.size() == kStep) TRY(flush(changes));
    }
    return flush(changes);
  }

  const ImportCount& count() const noexcept { return count_; }

 private:
  Result<DeviceRecord> read(const CsvRow& row) const {
    if (!row.wrong.empty()) return fail(Failure::systemFailure, "server.csv", row.wrong);
    DeviceRecord device = rules_.standard;
    for (const auto& [name, value] : row.fields)
      if (!value.empty() || name == "serial") TRY(enrol::set_field(device, name, value));
    TRY(check_profile(clerk_, device));
    return device;
  }

  Result<> flush(std::vector<Change>& changes) {
    std::vector<enrol::AuditRow> rows;
    for (const auto& [device, action] : changes)
      rows.push_back(row_of(clerk_, event_of(device), device));
    TRY(clerk_.ledger.change_devices(changes, rows));
    count_.imported += changes.size();
    changes.clear();
    return {};
  }

  const RegistryClerk& clerk_;
  const ImportRules& rules_;
  const OnBroken& on_broken_;
  std::set<std::size_t> broken_;  // lines
  ImportCount count_;
};

}  // namespace

Result<DeviceRecord> device_named(ports::Ledger& ledger, std::string_view serial) {
  auto found = TRY(ledger.device(serial));
  if (found) return std::move(*found);
  return fail(Failure::systemFailure, "device.no-such",
              "there is no device " + std::string(serial) + " in the registry");
}

Result<DeviceRecord> save_device(const RegistryClerk& clerk, DeviceRecord device) {
  TRY(enrol::set_field(device, "serial", std::string(device.serial)));
  TRY(check_profile(clerk, device));
  const auto before = TRY(clerk.ledger.device(device.serial));
  if ((before ? before->version : 0) != device.version)
    return fail(Failure::systemUnavail, "store.conflict",
                device.version == 0
                    ? "the device " + device.serial + " is in the registry already"
                    : "somebody else changed it at the same time; look again and repeat");
  device = entered(clerk, std::move(device), before ? &*before : nullptr);
  TRY(clerk.ledger.change_devices({{device}}, {row_of(clerk, event_of(device), device)}));
  ++device.version;
  return device;
}

Result<> remove_device(const RegistryClerk& clerk, const DeviceRecord& device) {
  return clerk.ledger.change_devices({{device, ObjectAction::remove}},
                                     {row_of(clerk, "device-removed", device)});
}

Result<ImportCount> import_devices(const RegistryClerk& clerk, std::string_view csv,
                                   const ImportRules& rules, const OnBroken& on_broken) {
  const CsvReader in = TRY(CsvReader::open(csv));
  TRY(check_columns(in));
  Import import(clerk, rules, on_broken);
  TRY(import.look_at(in));
  const bool refused = import.count().broken > 0 && rules.broken == ImportRules::Broken::refuse;
  if (!refused && rules.save == ImportRules::Save::yes) TRY(import.save(in));
  return import.count();
}

}  // namespace countersign::server
