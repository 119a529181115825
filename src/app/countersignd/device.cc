// countersignd device add|set|show|list|import|block|unblock|remove
#include <boost/json.hpp>
#include <iostream>

#include "app/common/terminal.h"
#include "app/countersignd/init.h"
#include "app/countersignd/knowledge.h"
#include "client/files.h"
#include "console/rows.h"
#include "server/device_registry.h"

namespace countersign::app {
namespace {

using enrol::DeviceRecord;
using enrol::DeviceState;

// What every command works with: the registry, by what the operators have set.
struct Desk {
  Data data;
  std::shared_ptr<const enrol::Catalogue> catalogue;
  Time now;
  server::RegistryClerk clerk() const { return {*data.store, *catalogue, "local", now}; }
};

Result<Desk> open(const Host& host, const DeviceOptions& options) {
  const Time now = host.clock.now();
  auto data = TRY(open_data(options.data, store::Exclusive::no, host.entropy, now));
  auto catalogue = TRY(catalogue_of(*data.store));
  return Desk{std::move(data), std::move(catalogue), now};
}

Result<> set_all(DeviceRecord& device, const std::vector<std::string>& settings) {
  for (const std::string& one : settings) {
    const std::size_t equals = one.find('=');
    const std::string value = equals == std::string::npos ? "" : one.substr(equals + 1);
    TRY(enrol::set_field(device, one.substr(0, equals), value));
  }
  return {};
}

void print_line(const DeviceRecord& device) {
  std::string line = device.serial + "   " + std::string(name(device.state));
  if (device.enrolled) line += " " + to_iso(*device.enrolled);
  for (const std::string_view field : enrol::device_fields())
    if (const auto value = enrol::field_of(device, field); value && field != "serial")
      line.append("   ").append(field).append(" ").append(*value);
  for (const auto& [name, value] : device.attributes)
    line.append("   ").append(name).append(" ").append(value);
  print(Stream::out, harmless(line) + "\n");
}

Result<int> add(const Host& host, const DeviceOptions& options) {
  const auto desk = TRY(open(host, options));
  DeviceRecord device;
  device.serial = options.serial;
  TRY(set_all(device, options.settings));
  print_line(TRY(server::save_device(desk.clerk(), std::move(device))));
  return kDone;
}

template <class Change>
Result<int> change(const Host& host, const DeviceOptions& options, Change change) {
  const auto desk = TRY(open(host, options));
  auto device = TRY(server::device_named(*desk.data.store, options.serial));
  TRY(change(device));
  print_line(TRY(server::save_device(desk.clerk(), std::move(device))));
  return kDone;
}

Result<int> show(const Host& host, const DeviceOptions& options) {
  const auto desk = TRY(open(host, options));
  const auto device = TRY(server::device_named(*desk.data.store, options.serial));
  if (options.json)
    std::cout << boost::json::serialize(console::to_json(device)) << "\n";
  else
    print_line(device);
  return kDone;
}

Result<int> list(const Host& host, const DeviceOptions& options) {
  const auto desk = TRY(open(host, options));
  ports::Ledger::DeviceFilter filter;
  if (!options.group.empty()) filter.group = options.group;
  if (!options.state.empty()) {
    filter.state = enrol::device_state(options.state);
    if (!filter.state)
      return fail(Failure::systemFailure, "app.device-state",
                  "--state is expected, enrolled or blocked");
  }
  bool first = true;
  for (std::vector<DeviceRecord> page; first || page.size() == filter.most; first = false) {
    page = TRY(desk.data.store->devices(filter));
    for (const DeviceRecord& device : page) {
      filter.after = device.serial;
      if (!options.json) {
        print_line(device);
        continue;
      }
      std::cout << (first && &device == page.data() ? "[" : ",\n")
                << boost::json::serialize(console::to_json(device));
    }
    if (first && page.empty()) std::cout << (options.json ? "[" : "no such devices\n");
  }
  if (options.json) std::cout << "]\n";
  return kDone;
}

Result<int> import_file(const Host& host, const DeviceOptions& options) {
  const Bytes content = TRY(client::read_file(options.file));
  const auto desk = TRY(open(host, options));
  server::ImportRules rules;
  if (options.skip_broken) rules.broken = server::ImportRules::Broken::skip;
  if (options.replace) rules.present = server::ImportRules::Present::replace;
  TRY(set_all(rules.standard, options.settings));
  const auto on_broken = [](std::size_t line, const std::string& what) {
    print(Stream::err, harmless("line " + std::to_string(line) + ": " + what) + "\n");
  };
  const auto count =
      TRY(server::import_devices(desk.clerk(), text(View(content)), rules, on_broken));
  if (count.broken > 0 && !options.skip_broken)
    return fail(Failure::systemFailure, "app.csv-broken",
                std::to_string(count.broken) + " of " + std::to_string(count.rows) +
                    " rows are broken, so none was imported; mend them, or give --skip-broken to "
                    "import the others");
  print(Stream::err, "imported " + std::to_string(count.imported) + " devices" +
                         (count.broken > 0 ? ", left out " + std::to_string(count.broken) : "") +
                         "\n");
  return kDone;
}

Result<int> remove(const Host& host, const DeviceOptions& options) {
  const auto desk = TRY(open(host, options));
  const auto device = TRY(server::device_named(*desk.data.store, options.serial));
  TRY(server::remove_device(desk.clerk(), device));
  print(Stream::out, harmless("removed " + device.serial) + "\n");
  return kDone;
}

int end(const Result<int>& done) { return done ? *done : report(done.error()); }

}  // namespace

int run_device_add(const Host& h, const DeviceOptions& o) { return end(add(h, o)); }
int run_device_show(const Host& h, const DeviceOptions& o) { return end(show(h, o)); }
int run_device_list(const Host& h, const DeviceOptions& o) { return end(list(h, o)); }
int run_device_import(const Host& h, const DeviceOptions& o) { return end(import_file(h, o)); }
int run_device_remove(const Host& h, const DeviceOptions& o) { return end(remove(h, o)); }

int run_device_set(const Host& host, const DeviceOptions& options) {
  return end(change(host, options,
                    [&](DeviceRecord& device) { return set_all(device, options.settings); }));
}
int run_device_block(const Host& host, const DeviceOptions& options) {
  return end(change(host, options, [](DeviceRecord& device) -> Result<> {
    device.state = DeviceState::blocked;
    return {};
  }));
}
int run_device_unblock(const Host& host, const DeviceOptions& options) {
  return end(change(host, options, [](DeviceRecord& device) -> Result<> {
    device.state = enrol::unblocked(device);
    return {};
  }));
}

}  // namespace countersign::app
