// The routes below /api/v1/devices: the device registry.
#include "console/conditions.h"
#include "console/knowledge.h"
#include "console/page.h"
#include "console/routes.h"
#include "console/rows.h"
#include "enrol/catalogue.h"
#include "server/device_registry.h"

namespace countersign::console {
namespace {

namespace json = boost::json;
using enrol::DeviceRecord;
using enrol::DeviceState;

constexpr std::size_t kMostTold = 1000;  // broken rows in an answer

Problem problem_of(Error error) {
  Problem out(std::move(error));
  if (out.code == "device.value" || out.code == "device.field" || out.code == "server.csv")
    out.status = 422;
  if (out.code == "device.no-such") out.status = 404;
  if (out.code == "store.conflict") out.status = 412;
  return out;
}

template <class T>
Outcome<T> told(Result<T> result) {
  if (!result) return std::unexpected(problem_of(std::move(result).error()));
  if constexpr (std::is_void_v<T>)
    return {};
  else
    return std::move(*result);
}

// What a clerk works by: the profiles that there are now.
Outcome<std::shared_ptr<const enrol::Catalogue>> catalogue_of(const Call& call) {
  return enrol::build_catalogue(call.at.standard, TRY(call.at.ledger.objects())).catalogue;
}

server::RegistryClerk clerk(const Call& call, const enrol::Catalogue& catalogue) {
  return {call.at.ledger, catalogue, call.by.name, call.now};
}

std::string etag_of(const DeviceRecord& device) {
  return '"' + std::to_string(device.version) + '"';
}

ports::WebResponse response(const DeviceRecord& device) {
  return json_response(200, to_json(device), {{"ETag", etag_of(device)}});
}

// The body as an entry: what it does not say is empty.
Outcome<DeviceRecord> described(const Call& call) {
  DeviceRecord out;
  out.serial = call.parameter;
  for (const std::string_view field : enrol::device_fields())
    if (field != "serial") TRY(told(enrol::set_field(out, field, call.body.text(field))));
  for (const auto& [name, value] : call.body.settings("attributes")) {
    const auto* text = std::get_if<std::string>(&value);
    if (text == nullptr) return refuse({"/attributes/" + name, "", "text"});
    TRY(told(enrol::set_field(out, "attributes." + name, *text)));
  }
  if (call.body.flag("blocked")) out.state = DeviceState::blocked;
  return out;
}

}  // namespace

Handled list_devices(const Call& call) {
  ports::Ledger::DeviceFilter filter;
  if (call.query.has("group")) filter.group = call.query.text("group");
  if (call.query.has("state")) filter.state = enrol::device_state(call.query.text("state"));
  filter.after = TRY(page_start(call)).value_or("");
  filter.most = page_limit(call) + 1;  // one more tells whether another page follows
  auto found = TRY(call.at.ledger.devices(filter));
  const bool more = found.size() == filter.most;
  if (more) found.pop_back();
  json::array items;
  for (const DeviceRecord& device : found) items.push_back(to_json(device));
  return page_response(call, std::move(items),
                       more ? std::optional(found.back().serial) : std::nullopt);
}

Handled show_device(const Call& call) {
  return response(TRY(told(server::device_named(call.at.ledger, call.parameter))));
}

Handled save_device(const Call& call) {
  auto device = TRY(described(call));
  const auto before = TRY(call.at.ledger.device(call.parameter));
  const bool only_new = call.request.if_none_match == "*";
  if ((!before && !call.request.if_match.empty()) || (before && only_new))
    return refuse(412, "console.changed",
                  before ? "there is one of this serial number already: read it, or leave "
                           "If-None-Match"
                         : "there is none of this serial number: leave If-Match to make it");
  if (before) {
    TRY(check_if_match(call.request, etag_of(*before)));
    device.version = before->version;
  }
  const auto catalogue = TRY(catalogue_of(call));
  const auto saved = TRY(told(server::save_device(clerk(call, *catalogue), std::move(device))));
  return response(saved);
}

Handled remove_device(const Call& call) {
  const auto device = TRY(told(server::device_named(call.at.ledger, call.parameter)));
  TRY(check_if_match(call.request, etag_of(device)));
  const auto catalogue = TRY(catalogue_of(call));
  TRY(told(server::remove_device(clerk(call, *catalogue), device)));
  return ports::WebResponse{.status = 204};
}

Handled import_devices(const Call& call) {
  using server::ImportRules;
  ImportRules rules;
  if (call.body.flag("skip_broken")) rules.broken = ImportRules::Broken::skip;
  if (call.body.flag("replace")) rules.present = ImportRules::Present::replace;
  if (call.body.flag("trial")) rules.save = ImportRules::Save::no;
  json::array broken;
  const auto on_broken = [&](std::size_t line, const std::string& what) {
    if (broken.size() < kMostTold) broken.push_back(json::object{{"line", line}, {"what", what}});
  };
  const auto catalogue = TRY(catalogue_of(call));
  const auto count = TRY(told(
      server::import_devices(clerk(call, *catalogue), call.body.text("csv"), rules, on_broken)));
  return json_response(
      200, {{"rows", count.rows}, {"imported", count.imported}, {"broken", std::move(broken)}});
}

}  // namespace countersign::console
