#include "server/devices.h"

#include <algorithm>

#include "server/await.h"
#include "server/evidence.h"
#include "server/settle.h"

namespace countersign::server {
namespace {

using enrol::DeviceRecord;
using Serials = std::vector<std::string>;

// In one message: each is a round trip.
constexpr std::size_t kMostAskedElsewhere = 8;

Serials asked_for(const Naming& naming, const ports::Snapshot& found) {
  const enrol::Setting setting{
      .catalogue = naming.catalogue, .profile = naming.profile, .our_issuers = {}};
  const enrol::Known known{.credential = found.credential ? &*found.credential : nullptr,
                           .anchor = naming.anchor,
                           .certificates = found.certificates,
                           .tokens = found.tokens,
                           .devices = found.devices};
  return enrol::devices_asked_for(naming.m, setting, known);
}

Serials without(Serials all, const Serials& some) {
  std::erase_if(all, [&](const std::string& serial) {
    return std::ranges::find(some, serial) != some.end();
  });
  return all;
}

const DeviceRecord* known(const ports::Snapshot& found, const std::string& serial) {
  const auto at = std::ranges::find(found.devices, serial, &DeviceRecord::serial);
  return at == found.devices.end() ? nullptr : &*at;
}

enrol::AuditRow row_of(const DeviceRecord& device, const Naming& naming) {
  enrol::AuditRow row;
  row.at = naming.now;
  row.event = "device-told";
  row.sender = device.author;
  row.subject = device.serial;
  row.detail = "asked because of " + naming.m.sender().identity;
  return row;
}

// What became of it here stays.
void carry_over(DeviceRecord& told, const DeviceRecord* before, Time now) {
  told.created = before != nullptr ? before->created : now;
  if (before == nullptr || !before->enrolled) return;
  told.enrolled = before->enrolled;
  if (told.state == enrol::DeviceState::expected) told.state = enrol::DeviceState::enrolled;
}

boost::asio::awaitable<Result<>> ask_elsewhere(Engine& engine, const Naming& naming,
                                               const std::string& serial, ports::Snapshot& found) {
  auto start = [&](Done<std::optional<DeviceRecord>> done) {
    engine.devices->find(serial, naming.now, std::move(done));
  };
  CO_TRY(auto told, co_await await_done<std::optional<DeviceRecord>>(start));
  if (told) {
    carry_over(*told, known(found, serial), naming.now);
    ports::Commit commit;
    commit.told_devices.push_back(*told);
    commit.audit.push_back(row_of(*told, naming));
    CO_TRY_VOID(co_await save(engine, std::move(commit)));
  }
  std::erase_if(found.devices, [&](const DeviceRecord& d) { return d.serial == serial; });
  if (told) found.devices.push_back(std::move(*told));
  co_return Result<>{};
}

// What a webhook told is good for a while; what operators entered, for good.
Serials to_be_asked(const Serials& wanted, const ports::Snapshot& found, Time now) {
  Serials out;
  for (const std::string& serial : wanted) {
    const DeviceRecord* device = known(found, serial);
    if (device == nullptr || (device->good_until && now >= *device->good_until))
      out.push_back(serial);
  }
  return out;
}

}  // namespace

boost::asio::awaitable<Result<>> look_up_named(Engine& engine, const Naming& naming,
                                               ports::Snapshot& found) {
  auto second = second_lookup(naming.m, naming.profile.tokens);
  const Serials first = asked_for(naming, found);
  if (!second && first.empty()) co_return Result<>{};
  auto lookup = second ? std::move(*second) : ports::Lookup{};
  lookup.devices = first;
  CO_TRY(auto named, co_await load(engine, std::move(lookup)));
  std::ranges::move(named.certificates, std::back_inserter(found.certificates));
  found.tokens = std::move(named.tokens);
  found.devices = std::move(named.devices);
  if (!naming.catalogue.asks_for_devices()) co_return Result<>{};
  const Serials wanted = asked_for(naming, found);
  if (ports::Lookup more; !(more.devices = without(wanted, first)).empty()) {
    CO_TRY(auto others, co_await load(engine, std::move(more)));
    std::ranges::move(others.devices, std::back_inserter(found.devices));
  }
  if (engine.devices == nullptr || naming.elsewhere == Naming::Elsewhere::not_asked)
    co_return Result<>{};
  const Serials unknown = to_be_asked(wanted, found, naming.now);
  if (unknown.size() > kMostAskedElsewhere)
    co_return fail(Failure::badRequest, "device.too-many",
                   "this message is for " + std::to_string(unknown.size()) +
                       " devices that are not in the registry yet; ask for " +
                       std::to_string(kMostAskedElsewhere) + " at most in one");
  for (const std::string& serial : unknown)
    CO_TRY_VOID(co_await ask_elsewhere(engine, naming, serial, found));
  co_return Result<>{};
}

}  // namespace countersign::server
