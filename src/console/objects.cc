// The routes of what operators set: /api/v1/templates, /ra-profiles, /cmp-profiles, /trust-sets and
// /operators, which are all alike; and /api/v1/config, all of them as one TOML file.
#include "console/conditions.h"
#include "console/page.h"
#include "console/routes.h"
#include "console/rows.h"
#include "server/administration.h"
#include "server/object_file.h"

namespace countersign::console {
namespace {

namespace json = boost::json;
using enrol::ObjectAction;
using enrol::ObjectKind;
using enrol::ObjectRecord;

json::array warnings_of(const std::vector<enrol::Problem>& problems) {
  json::array out;
  for (const auto& p : problems) out.emplace_back(p.path + ": " + p.what);
  return out;
}

server::Administration administration(const Call& call) {
  return {call.at.ledger, call.at.standard};
}

// What the ledger and the rules refuse, as HTTP has it.
Problem problem_of(Error error) {
  Problem out(std::move(error));
  if (out.code == "admin.unsound") out.status = 422;
  if (out.code == "admin.in-use" || out.code == "admin.built-in") out.status = 409;
  if (out.code == "store.conflict") out.status = 412;
  if (out.code == "admin.no-such-object") out.status = 404;
  return out;
}

std::string etag_of(const ObjectRecord& o) { return '"' + std::to_string(o.version) + '"'; }

ports::WebResponse told(const ObjectRecord& o, const std::vector<enrol::Problem>& problems = {}) {
  auto body = to_json(o);
  body["warnings"] = warnings_of(problems);
  return json_response(200, body, {{"ETag", etag_of(o)}});
}

Outcome<ObjectRecord> find(const Call& call, ObjectKind kind) {
  auto found = administration(call).find(kind, call.parameter);
  if (!found) return std::unexpected(problem_of(std::move(found).error()));
  return std::move(*found);
}

Outcome<std::vector<enrol::Problem>> change(const Call& call,
                                            std::vector<enrol::ObjectChange> changes) {
  auto done = administration(call).change(std::move(changes), audit_name(call.by), call.now);
  if (!done) return std::unexpected(problem_of(std::move(done).error()));
  return std::move(*done);
}

// Of the stored one that was read, as it is after the change.
Handled saved(const Call& call, const ObjectRecord& object) {
  const auto problems = TRY(change(call, {{object, ObjectAction::save}}));
  return told(TRY(find(call, object.kind)), problems);
}

Handled switched(const Call& call, ObjectKind kind, bool enabled) {
  auto object = TRY(find(call, kind));
  TRY(check_if_match(call.request, etag_of(object)));
  object.enabled = enabled;
  return saved(call, object);
}

}  // namespace

template <ObjectKind kind>
Handled list_objects(const Call& call) {
  const auto name = [](const ObjectRecord& o) { return o.name; };
  const auto row = [](const ObjectRecord& o) { return to_json(o); };
  return page_by_key(call, TRY(administration(call).all(kind)), name, row);
}

template <ObjectKind kind>
Handled show_object(const Call& call) {
  return told(TRY(find(call, kind)));
}

template <ObjectKind kind>
Handled show_object_in_effect(const Call& call) {
  const auto object = TRY(find(call, kind));
  const auto fields = TRY(administration(call).in_effect(object));
  return json_response(200, {{"name", object.name},
                             {"in_use", fields.has_value()},
                             {"fields", to_json(fields.value_or(enrol::Fields{}))}});
}

template <ObjectKind kind>
Handled save_object(const Call& call) {
  ObjectRecord object{kind, std::string(call.parameter), 0, true, {}, {}, {}};
  const auto present = administration(call).find(kind, call.parameter);
  if (present) object.version = present->version;
  // RFC 9110 §13.1: * is any version that there is.
  const bool only_new = call.request.if_none_match == "*";
  if ((!present && !call.request.if_match.empty()) || (present && only_new))
    return refuse(412, "console.changed",
                  present ? "there is one of this name already: read it, or leave If-None-Match"
                          : "there is none of this name: leave If-Match to make it");
  if (present) TRY(check_if_match(call.request, etag_of(*present)));
  object.enabled = !call.body.has("enabled") || call.body.flag("enabled");
  object.fields = call.body.settings("fields");
  return saved(call, object);
}

template <ObjectKind kind>
Handled remove_object(const Call& call) {
  const auto object = TRY(find(call, kind));
  TRY(check_if_match(call.request, etag_of(object)));
  TRY(change(call, {{object, ObjectAction::remove}}));
  return ports::WebResponse{.status = 204};
}

template <ObjectKind kind>
Handled enable_object(const Call& call) {
  return switched(call, kind, true);
}

template <ObjectKind kind>
Handled disable_object(const Call& call) {
  return switched(call, kind, false);
}

template <ObjectKind kind>
Handled show_object_history(const Call& call) {
  const auto versions = TRY(administration(call).history(kind, call.parameter));
  json::array items;
  for (std::size_t i = 0; i < versions.size(); ++i) {
    const auto& [object, action] = versions[i];
    const bool removed = action == ObjectAction::remove;
    const bool follows = i + 1 < versions.size() && versions[i + 1].action == ObjectAction::save;
    auto row = to_json(object);
    row["removed"] = removed;
    row["difference"] =
        removed ? "" : server::difference(follows ? &versions[i + 1].object : nullptr, &object);
    items.push_back(std::move(row));
  }
  if (items.empty()) TRY(find(call, kind));
  return json_response(200, {{"items", std::move(items)}, {"next", nullptr}});
}

#define INSTANTIATE(kind)                                                \
  template Handled list_objects<ObjectKind::kind>(const Call&);          \
  template Handled show_object<ObjectKind::kind>(const Call&);           \
  template Handled show_object_in_effect<ObjectKind::kind>(const Call&); \
  template Handled save_object<ObjectKind::kind>(const Call&);           \
  template Handled remove_object<ObjectKind::kind>(const Call&);         \
  template Handled enable_object<ObjectKind::kind>(const Call&);         \
  template Handled disable_object<ObjectKind::kind>(const Call&);        \
  template Handled show_object_history<ObjectKind::kind>(const Call&);
INSTANTIATE(certificate_template)
INSTANTIATE(ra_profile)
INSTANTIATE(cmp_profile)
INSTANTIATE(trust_set)
INSTANTIATE(operator_account)
INSTANTIATE(authority)
INSTANTIATE(subscriber)
#undef INSTANTIATE

Handled export_config(const Call& call) {
  const std::string text = server::write_objects(TRY(call.at.ledger.objects()));
  return ports::WebResponse{
      .status = 200, .content_type = "application/toml", .body = to_bytes(text)};
}

// What would change, and, but for a trial, does.
Handled apply_config(const Call& call) {
  auto wanted = server::read_objects(call.body.text("toml"), "toml");
  if (!wanted) {
    Problem problem(std::move(wanted).error());
    problem.status = 422;
    return std::unexpected(std::move(problem));
  }
  const auto present = TRY(call.at.ledger.objects());
  const auto missing = call.body.flag("remove") ? server::Missing::remove : server::Missing::keep;
  const auto changes = server::changes_between(present, *wanted, missing);
  json::array rows;
  for (const auto& c : changes) {
    const auto at = std::ranges::find_if(present, [&](const ObjectRecord& o) {
      return o.kind == c.object.kind && o.name == c.object.name;
    });
    const bool removed = c.action == ObjectAction::remove;
    rows.push_back(json::object{
        {"object", label(c.object)},
        {"action", removed               ? "remove"
                   : at == present.end() ? "add"
                                         : "change"},
        {"difference",
         removed ? "" : server::difference(at == present.end() ? nullptr : &*at, &c.object)}});
  }
  json::array warnings;
  if (call.body.flag("trial"))
    warnings = warnings_of(TRY(administration(call).check(changes)));
  else
    warnings = warnings_of(TRY(change(call, changes)));
  return json_response(200, {{"changes", std::move(rows)}, {"warnings", std::move(warnings)}});
}

}  // namespace countersign::console
