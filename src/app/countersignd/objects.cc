// countersignd object list|show|set|enable|disable|remove|history|fields: what operators set, one
// thing at a time. Whoever serves takes a change over within a second.

#include <boost/json.hpp>
#include <charconv>
#include <iostream>

#include "app/common/terminal.h"
#include "app/countersignd/authority_files.h"
#include "app/countersignd/commands.h"
#include "app/countersignd/config_file.h"
#include "console/rows.h"
#include "server/administration.h"

namespace countersign::app {
namespace {

namespace json = boost::json;
using enrol::ObjectAction;
using enrol::ObjectKind;
using enrol::ObjectRecord;

constexpr const char* kAuthor = "local";

Result<ObjectKind> read_kind(const std::string& text) {
  if (const auto kind = enrol::object_kind(text)) return *kind;
  std::string known;
  for (const auto name : enrol::kObjectKinds) (known += known.empty() ? "" : ", ") += name;
  return fail(Failure::systemFailure, "app.object-kind",
              "there is no kind of object " + text + "; there are " + known);
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at <= text.size() && !text.empty();) {
    const auto comma = std::min(text.find(',', at), text.size());
    out.push_back(text.substr(at, comma - at));
    at = comma + 1;
  }
  return out;
}

// As the field is by itself: text is taken for what it stands for there.
std::optional<enrol::FieldValue> value_like(const enrol::FieldValue& standard,
                                            const std::string& text) {
  if (std::holds_alternative<std::vector<std::string>>(standard)) return split(text);
  if (std::holds_alternative<bool>(standard)) {
    if (text != "true" && text != "false") return std::nullopt;
    return text == "true";
  }
  if (!std::holds_alternative<std::int64_t>(standard)) return text;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// "validity=90d"; nothing after a name takes the field back: "validity".
Result<> apply(ObjectRecord& object, const std::string& setting) {
  const auto equals = setting.find('=');
  const std::string field = setting.substr(0, equals);
  if (equals == std::string::npos) {
    object.fields.erase(field);
    return {};
  }
  const auto known = enrol::fields_of(object.kind);
  const auto at = std::ranges::find(known, field, &enrol::FieldInfo::name);
  const std::string text = setting.substr(equals + 1);
  // What is no field is for the check of the whole, which names those that there are.
  if (at == known.end()) {
    object.fields.insert_or_assign(field, text);
    return {};
  }
  auto value = value_like(at->standard, text);
  if (!value)
    return fail(Failure::systemFailure, "app.object-value",
                field + " must be " + std::string(at->fits));
  object.fields.insert_or_assign(field, std::move(*value));
  return {};
}

json::object as_json(const ObjectRecord& o) {
  json::object out{{"kind", enrol::name(o.kind)}};
  for (const auto& member : console::to_json(o)) out.insert(member);
  return out;
}

std::string heading(const ObjectRecord& o) {
  if (o.version == 0) return label(o) + "   by itself";
  return label(o) + "   version " + std::to_string(o.version) + (o.enabled ? "" : "   disabled");
}

// What was set, and behind it what holds beside that.
std::string as_text(const ObjectRecord& o, const enrol::Fields& in_effect) {
  std::string out = heading(o);
  if (o.version != 0) out += "   by " + o.author + " on " + to_iso(o.changed);
  out += "\n";
  const auto add = [&](const enrol::Fields& fields, std::string_view remark) {
    for (const auto& [name, value] : fields)
      if (remark.empty() || !o.fields.contains(name))
        out.append("  ").append(name).append(" = ").append(enrol::shown(value)).append(remark) +=
            '\n';
  };
  add(o.fields, "");
  add(in_effect, "   not set here");
  return out;
}

// The store, and the configuration that stands beside it.
struct Desk {
  Data data;
  server::Config config;
  server::Administration administration() const { return {*data.store, config.cmp}; }
};
Result<Desk> open_desk(const Host& host, const ObjectOptions& options) {
  return Desk{TRY(open_data(options.data, store::Exclusive::no, host.entropy, host.clock.now())),
              TRY(load_config(options.data, options.config))};
}

void print_warnings(const std::vector<enrol::Problem>& problems) {
  for (const auto& p : problems)
    print(Stream::err, harmless("warning: " + p.path + ": " + p.what) + "\n");
}

Result<int> list(const Host& host, const ObjectOptions& options) {
  const auto desk = TRY(open_desk(host, options));
  auto all = TRY(desk.administration().all());
  if (!options.kind.empty()) {
    const auto kind = TRY(read_kind(options.kind));
    std::erase_if(all, [&](const ObjectRecord& o) { return o.kind != kind; });
  }
  json::array rows;
  for (const auto& o : all) {
    rows.push_back(as_json(o));
    if (!options.json) print(Stream::out, harmless(heading(o)) + "\n");
  }
  if (options.json)
    std::cout << json::serialize(rows) << "\n";
  else if (all.empty())
    print(Stream::err, "there are none; make one with `countersignd object set`\n");
  return kDone;
}

Result<int> show(const Host& host, const ObjectOptions& options) {
  const auto desk = TRY(open_desk(host, options));
  const auto administration = desk.administration();
  const auto o = TRY(administration.find(TRY(read_kind(options.kind)), options.name));
  const auto fields = TRY(administration.in_effect(o)).value_or(enrol::Fields{});
  if (!options.json) {
    print(Stream::out, harmless(as_text(o, fields)));
    return kDone;
  }
  auto shown = as_json(o);
  shown.emplace("in_effect", console::to_json(fields));
  std::cout << json::serialize(shown) << "\n";
  return kDone;
}

Result<int> history(const Host& host, const ObjectOptions& options) {
  const auto desk = TRY(open_desk(host, options));
  const auto versions =
      TRY(desk.administration().history(TRY(read_kind(options.kind)), options.name));
  for (std::size_t i = 0; i < versions.size(); ++i) {
    const auto& [object, action] = versions[i];
    const bool first = i + 1 == versions.size();
    const bool removed = action == ObjectAction::remove;
    const ObjectRecord* before =
        first || versions[i + 1].action == ObjectAction::remove ? nullptr : &versions[i + 1].object;
    const std::string what = removed ? "removed" : server::difference(before, &object);
    print(Stream::out,
          harmless(to_iso(object.changed) + "   version " + std::to_string(object.version) +
                   "   by " + object.author + "   " + what) +
              "\n");
  }
  if (versions.empty()) {
    TRY(desk.administration().find(TRY(read_kind(options.kind)), options.name));
    print(Stream::err, "nobody has set it: it is there by itself\n");
  }
  return kDone;
}

// The stored one, or a new one of that name.
Result<ObjectRecord> present(const Desk& desk, const ObjectOptions& options) {
  const auto kind = TRY(read_kind(options.kind));
  for (auto& o : TRY(desk.administration().all(kind)))
    if (o.name == options.name) return std::move(o);
  return ObjectRecord{kind, options.name, 0, true, {}, {}, {}};
}

Result<int> save(const Host& host, const Desk& desk, enrol::ObjectChange change) {
  const std::string what = label(change.object);
  const std::string_view done = change.action == ObjectAction::remove ? "removed " : "saved ";
  auto administration = desk.administration();
  print_warnings(TRY(administration.change({std::move(change)}, kAuthor, host.clock.now())));
  print(Stream::out, harmless(std::string(done) + what) + "\n");
  return kDone;
}

Result<int> set(const Host& host, const ObjectOptions& options) {
  const auto desk = TRY(open_desk(host, options));
  auto object = TRY(present(desk, options));
  for (const auto& setting : options.settings) TRY(apply(object, setting));
  return save(host, desk, {std::move(object), ObjectAction::save});
}

Result<int> change(const Host& host, const ObjectOptions& options,
                   void (*edit)(enrol::ObjectChange&)) {
  const auto desk = TRY(open_desk(host, options));
  enrol::ObjectChange one{
      TRY(desk.administration().find(TRY(read_kind(options.kind)), options.name)),
      ObjectAction::save};
  edit(one);
  return save(host, desk, std::move(one));
}

int told(const Result<int>& code) { return code ? *code : report(code.error()); }

}  // namespace

int run_object_list(const Host& host, const ObjectOptions& o) { return told(list(host, o)); }
int run_object_show(const Host& host, const ObjectOptions& o) { return told(show(host, o)); }
int run_object_set(const Host& host, const ObjectOptions& o) { return told(set(host, o)); }
int run_object_history(const Host& host, const ObjectOptions& o) { return told(history(host, o)); }
int run_object_enable(const Host& host, const ObjectOptions& o) {
  return told(change(host, o, [](enrol::ObjectChange& c) { c.object.enabled = true; }));
}
int run_object_disable(const Host& host, const ObjectOptions& o) {
  return told(change(host, o, [](enrol::ObjectChange& c) { c.object.enabled = false; }));
}
int run_object_remove(const Host& host, const ObjectOptions& o) {
  return told(change(host, o, [](enrol::ObjectChange& c) { c.action = ObjectAction::remove; }));
}

int run_object_fields(const ObjectOptions& options) {
  for (const auto kind_name : enrol::kObjectKinds) {
    if (!options.kind.empty() && options.kind != kind_name) continue;
    const std::string title = "[" + std::string(kind_name) + ".NAME]";
    print(Stream::out, title + "\n");
    for (const auto& f : enrol::fields_of(*enrol::object_kind(kind_name))) {
      const std::string line = "  " + std::string(f.name) + " = " + enrol::shown(f.standard) +
                               "\n      " + std::string(f.meaning) + "\n      It is " +
                               std::string(f.fits) + ".\n";
      print(Stream::out, line);
    }
  }
  return kDone;
}

}  // namespace countersign::app
