// What operators do with the device registry, by the command line and by the API alike: one entry
// at a time, and whole CSV files.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "enrol/catalogue.h"
#include "enrol/device.h"
#include "ports/store.h"

namespace countersign::server {

// Who changes something, and when.
struct RegistryClerk {
  ports::Ledger& ledger;
  const enrol::Catalogue& catalogue;
  std::string author;
  Time now;
};

// Errors of these: "device.value", "device.field", "device.no-such", "store.conflict".
// Saves it as the clerk's: with its row in the audit, and good for as long as it is not changed.
// What it had become here stays with an entry that is there already.
Result<enrol::DeviceRecord> save_device(const RegistryClerk& clerk, enrol::DeviceRecord device);
Result<> remove_device(const RegistryClerk& clerk, const enrol::DeviceRecord& device);
Result<enrol::DeviceRecord> device_named(ports::Ledger& ledger, std::string_view serial);

struct ImportRules {
  enum class Broken : Byte { refuse, skip } broken = Broken::refuse;  // then nothing is imported
  enum class Present : Byte { refuse, replace } present = Present::refuse;  // in the registry
  enum class Save : Byte { yes, no } save = Save::yes;
  enrol::DeviceRecord standard = {};  // what a row leaves empty
};
struct ImportCount {
  std::size_t rows = 0;
  std::size_t broken = 0;
  std::size_t imported = 0;
};
// A first line with `serial` and others of enrol/device.h. Every broken row is told with its line.
// Read twice: it is looked at whole before the first row is saved; then 500 at a time. "server.csv"
// for what is no such file, "device.field" for a column that is none.
using OnBroken = std::function<void(std::size_t line, const std::string& what)>;
Result<ImportCount> import_devices(const RegistryClerk& clerk, std::string_view csv,
                                   const ImportRules& rules, const OnBroken& on_broken);

}  // namespace countersign::server
